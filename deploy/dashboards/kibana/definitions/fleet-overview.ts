// Fleet overview: events by sender, host and severity, and hosts that have fallen silent.
import type { Dashboard } from '../panel.ts';

const FAULTS = [{ field: 'rule.ruleset', is: ['foghorn'] }] as const;
const ERRORS = [{ field: 'log.level', is: ['error', 'critical'] }] as const;

/** The dashboard. */
export const fleetOverview: Dashboard = {
  id: 'foghorn-fleet-overview',
  title: 'Foghorn: fleet overview',
  description: 'Events by host, provider and level; the loudest and the silent hosts.',
  panels: [
    {
      id: 'events',
      title: 'Events',
      shape: 'number',
      view: 'events',
      where: [],
      buckets: [],
      measures: [{ kind: 'count', label: 'events' }],
      place: { x: 0, y: 4, w: 12, h: 6 },
    },
    {
      id: 'hosts',
      title: 'Hosts',
      shape: 'number',
      view: 'events',
      where: [],
      buckets: [],
      measures: [{ kind: 'unique', field: 'host.name', label: 'hosts' }],
      place: { x: 12, y: 4, w: 12, h: 6 },
    },
    {
      id: 'known-faults',
      title: 'Events that are known faults',
      shape: 'number',
      view: 'events',
      where: FAULTS,
      buckets: [],
      measures: [
        { kind: 'count', label: 'events' },
        { kind: 'unique', field: 'host.name', label: 'hosts' },
      ],
      place: { x: 24, y: 4, w: 12, h: 6 },
    },
    {
      id: 'errors',
      title: 'Errors and worse',
      shape: 'number',
      view: 'events',
      where: ERRORS,
      buckets: [],
      measures: [
        { kind: 'count', label: 'events' },
        { kind: 'unique', field: 'host.name', label: 'hosts' },
      ],
      place: { x: 36, y: 4, w: 12, h: 6 },
    },
    {
      id: 'levels-over-time',
      title: 'Events over time by level',
      shape: 'bars',
      view: 'events',
      where: [],
      buckets: [
        { kind: 'terms', field: 'log.level', label: 'level', size: 6, adds: 'up' },
        { kind: 'time', field: '@timestamp' },
      ],
      measures: [{ kind: 'count', label: 'events' }],
      place: { x: 0, y: 10, w: 48, h: 12 },
    },
    {
      id: 'loudest-hosts',
      title: 'Loudest hosts',
      shape: 'table',
      view: 'events',
      where: [],
      buckets: [{ kind: 'terms', field: 'host.name', label: 'host', size: 20, adds: 'up' }],
      measures: [
        { kind: 'count', label: 'events' },
        { kind: 'count', label: 'errors and worse', where: ERRORS },
        { kind: 'count', label: 'known faults', where: FAULTS },
        { kind: 'unique', field: 'event.provider', label: 'providers' },
      ],
      place: { x: 0, y: 22, w: 24, h: 16 },
    },
    {
      id: 'silent-hosts',
      title: 'The longest silent hosts of the last 30 days',
      shape: 'table',
      view: 'events',
      where: [],
      // Hosts that stopped before the dashboard's time range count, too.
      since: '30d',
      buckets: [{ kind: 'terms', field: 'host.name', label: 'host', size: 20, order: 'asc' }],
      measures: [
        { kind: 'max', field: '@timestamp', isDate: true, label: 'last event' },
        { kind: 'count', label: 'events' },
      ],
      place: { x: 24, y: 22, w: 24, h: 16 },
    },
    {
      id: 'providers',
      title: 'Providers and their events',
      shape: 'table',
      view: 'events',
      where: [],
      buckets: [
        { kind: 'terms', field: 'event.provider', label: 'provider', size: 15, adds: 'up' },
        { kind: 'terms', field: 'event.code', label: 'event', size: 3, adds: 'up' },
      ],
      measures: [
        { kind: 'count', label: 'events' },
        { kind: 'unique', field: 'host.name', label: 'hosts' },
      ],
      place: { x: 0, y: 38, w: 48, h: 16 },
    },
  ],
  lists: [
    {
      id: 'foghorn-fault-events',
      title: 'Events that are known faults',
      view: 'events',
      where: FAULTS,
      columns: ['host.name', 'event.provider', 'event.code', 'server.port', 'rule.name', 'event.reference'],
      sort: ['@timestamp', 'desc'],
      place: { x: 0, y: 54, w: 48, h: 16 },
    },
  ],
};
