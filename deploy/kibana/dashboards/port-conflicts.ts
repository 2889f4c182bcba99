// Port conflicts: event 309 and its relatives by port, by likely holder and by host, what is open and what is repaired.
import type { Condition, Dashboard } from '../panel.ts';

const CONFLICTS: readonly Condition[] = [{ field: 'foghorn.remediation.class', is: ['address-in-use'] }];
const OPEN: Condition = { field: 'foghorn.incident.state', is: ['open', 'acknowledged'] };

/** The dashboard. */
export const portConflicts: Dashboard = {
  id: 'foghorn-port-conflicts',
  title: 'Foghorn: port conflicts',
  description: 'Services that cannot have their port, who probably holds it, and what to do first.',
  panels: [
    {
      id: 'open',
      title: 'Open',
      shape: 'number',
      view: 'standing',
      where: [...CONFLICTS, OPEN],
      buckets: [],
      measures: [
        { kind: 'count', label: 'incidents' },
        { kind: 'unique', field: 'host.name', label: 'hosts' },
      ],
      place: { x: 0, y: 4, w: 12, h: 6 },
    },
    {
      id: 'repaired',
      title: 'Repaired',
      shape: 'number',
      view: 'incidents',
      where: [...CONFLICTS, { field: 'foghorn.incident.state', is: ['resolved'] }],
      buckets: [],
      measures: [
        { kind: 'count', label: 'incidents' },
        {
          kind: 'percentile',
          field: 'foghorn.incident.time_to_resolve_ms',
          percent: 50,
          isDuration: true,
          label: 'median time to resolve',
        },
      ],
      place: { x: 12, y: 4, w: 12, h: 6 },
    },
    {
      id: 'events',
      title: 'Events',
      shape: 'number',
      view: 'events',
      where: CONFLICTS,
      buckets: [],
      measures: [
        { kind: 'count', label: 'events' },
        { kind: 'unique', field: 'host.name', label: 'hosts' },
      ],
      place: { x: 24, y: 4, w: 12, h: 6 },
    },
    {
      id: 'ports',
      title: 'Ports',
      shape: 'number',
      view: 'events',
      where: CONFLICTS,
      buckets: [],
      measures: [
        { kind: 'unique', field: 'server.port', label: 'ports' },
        { kind: 'count', label: 'events that name none', where: [{ field: 'server.port', isMissing: true }] },
      ],
      place: { x: 36, y: 4, w: 12, h: 6 },
    },
    {
      id: 'ports-over-time',
      title: 'Conflicts over time by port',
      shape: 'bars',
      view: 'events',
      where: CONFLICTS,
      buckets: [
        { kind: 'time', field: '@timestamp' },
        { kind: 'terms', field: 'server.port', label: 'port', size: 8 },
      ],
      measures: [{ kind: 'count', label: 'events' }],
      place: { x: 0, y: 10, w: 32, h: 12 },
    },
    {
      id: 'by-port',
      title: 'By port',
      shape: 'table',
      view: 'standing',
      where: CONFLICTS,
      buckets: [{ kind: 'terms', field: 'server.port', label: 'port', size: 20 }],
      measures: [
        { kind: 'count', label: 'incidents' },
        { kind: 'count', label: 'open', where: [OPEN] },
        { kind: 'unique', field: 'host.name', label: 'hosts' },
      ],
      place: { x: 32, y: 10, w: 16, h: 12 },
    },
    {
      id: 'likely-holders',
      title: 'Signs of who holds the port',
      shape: 'table',
      view: 'events',
      where: [],
      buckets: [
        {
          kind: 'filters',
          label: 'sign',
          filters: [
            {
              label: 'HTTP.sys (15005, 15014)',
              where: [{ field: 'rule.id', is: ['httpsys-15005-endpoint-failed', 'httpsys-15014-listen-list-entry'] }],
            },
            {
              label: 'IIS (1004, 1007)',
              where: [{ field: 'rule.id', is: ['w3svc-1004-prefix-not-registered', 'w3svc-1007-binding-in-use'] }],
            },
            {
              label: 'another service ended with "address in use" (7023)',
              where: [{ field: 'rule.id', is: ['scm-7023-address-in-use'] }],
            },
          ],
        },
        { kind: 'terms', field: 'host.name', label: 'host', size: 10, adds: 'up' },
      ],
      measures: [
        { kind: 'count', label: 'events' },
        { kind: 'max', field: '@timestamp', isDate: true, label: 'last' },
      ],
      place: { x: 0, y: 22, w: 24, h: 14 },
    },
    {
      id: 'rules',
      title: 'What fails',
      shape: 'table',
      view: 'events',
      where: CONFLICTS,
      buckets: [{ kind: 'terms', field: 'rule.name', label: 'fault', size: 10 }],
      measures: [
        { kind: 'count', label: 'events' },
        { kind: 'unique', field: 'host.name', label: 'hosts' },
        { kind: 'max', field: '@timestamp', isDate: true, label: 'last' },
      ],
      place: { x: 24, y: 22, w: 24, h: 14 },
    },
    {
      id: 'open-table',
      title: 'Open conflicts and the first step',
      shape: 'table',
      view: 'standing',
      where: [...CONFLICTS, OPEN],
      buckets: [
        { kind: 'terms', field: 'host.name', label: 'host', size: 50, adds: 'up' },
        { kind: 'terms', field: 'foghorn.remediation.title', label: 'what', size: 5, adds: 'up' },
        { kind: 'terms', field: 'foghorn.remediation.first_step', label: 'first step', size: 1, adds: 'up' },
        { kind: 'terms', field: 'foghorn.incident.id', label: 'incident', size: 5 },
      ],
      measures: [
        { kind: 'max', field: 'foghorn.incident.episode_count', label: 'events' },
        { kind: 'min', field: 'foghorn.incident.opened', isDate: true, label: 'open since' },
      ],
      place: { x: 0, y: 36, w: 48, h: 16 },
    },
  ],
  list: {
    id: 'foghorn-conflict-events',
    title: 'Events of port conflicts',
    view: 'events',
    where: CONFLICTS,
    columns: ['host.name', 'server.port', 'event.provider', 'event.code', 'message', 'event.reference'],
    sort: ['@timestamp', 'desc'],
    place: { x: 0, y: 52, w: 48, h: 16 },
  },
};
