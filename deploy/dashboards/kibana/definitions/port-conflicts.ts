// Port conflicts: event 309 and related faults by port, likely holder and host, open and repaired
// ones.
import type { Condition, Dashboard, Measure } from '../panel.ts';

const CONFLICTS: readonly Condition[] = [{ field: 'foghorn.remediation.class', is: ['address-in-use'] }];
const OPEN: Condition = { field: 'foghorn.incident.state', is: ['open', 'acknowledged'] };
const RESOLVED: Condition = { field: 'foghorn.incident.state', is: ['resolved'] };

/** How many of the incidents in a row are open and how many are repaired, as they stand now. */
const HOW_THEY_STAND: readonly [Measure, ...Measure[]] = [
  { kind: 'count', label: 'incidents' },
  { kind: 'count', label: 'open', where: [OPEN] },
  { kind: 'count', label: 'repaired', where: [RESOLVED] },
];

/** The dashboard. */
export const portConflicts: Dashboard = {
  id: 'foghorn-port-conflicts',
  title: 'Foghorn: port conflicts',
  description: 'Services that cannot have their port, since when, and who probably holds it.',
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
      view: 'actions',
      where: [...CONFLICTS, { field: 'event.action', is: ['resolved'] }],
      buckets: [],
      measures: [
        { kind: 'count', label: 'times' },
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
        { kind: 'terms', field: 'server.port', label: 'port', size: 8 },
        { kind: 'time', field: '@timestamp' },
      ],
      measures: [{ kind: 'count', label: 'events' }],
      place: { x: 0, y: 10, w: 24, h: 12 },
    },
    {
      id: 'hosts-over-time',
      title: 'Event 309 over time by host',
      shape: 'bars',
      view: 'events',
      where: [...CONFLICTS, { field: 'event.code', is: ['309'] }],
      buckets: [
        { kind: 'terms', field: 'host.name', label: 'host', size: 7, adds: 'up' },
        { kind: 'time', field: '@timestamp' },
      ],
      measures: [{ kind: 'count', label: 'events' }],
      place: { x: 24, y: 10, w: 24, h: 12 },
    },
    {
      id: 'by-port',
      title: 'By port',
      shape: 'table',
      view: 'standing',
      where: CONFLICTS,
      buckets: [{ kind: 'terms', field: 'server.port', label: 'port', size: 20 }],
      measures: [...HOW_THEY_STAND, { kind: 'unique', field: 'host.name', label: 'hosts' }],
      place: { x: 0, y: 22, w: 14, h: 13 },
    },
    {
      id: 'by-host',
      title: 'By host',
      shape: 'table',
      view: 'standing',
      where: CONFLICTS,
      buckets: [{ kind: 'terms', field: 'host.name', label: 'host', size: 20, adds: 'up' }],
      measures: HOW_THEY_STAND,
      place: { x: 14, y: 22, w: 16, h: 13 },
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
      place: { x: 30, y: 22, w: 18, h: 13 },
    },
    {
      id: 'likely-holders',
      title: 'By likely holder of the port',
      shape: 'table',
      view: 'standing',
      where: CONFLICTS,
      buckets: [
        { kind: 'terms', field: 'foghorn.incident.likely_holder', label: 'likely holder', size: 15, adds: 'up' },
      ],
      measures: [
        ...HOW_THEY_STAND,
        { kind: 'unique', field: 'host.name', label: 'hosts' },
        { kind: 'unique', field: 'server.port', label: 'ports' },
      ],
      place: { x: 0, y: 35, w: 48, h: 13 },
    },
  ],
  lists: [
    {
      id: 'foghorn-open-conflicts',
      title: 'Open conflicts, the oldest first',
      view: 'standing',
      where: [...CONFLICTS, OPEN],
      columns: [
        'foghorn.incident.opened',
        'host.name',
        'server.port',
        'rule.name',
        'foghorn.incident.severity',
        'foghorn.incident.episode_count',
        'foghorn.incident.likely_holder',
        'foghorn.incident.likely_holder_by',
        'foghorn.incident.assignee',
        'foghorn.incident.id',
      ],
      sort: ['foghorn.incident.opened', 'asc'],
      place: { x: 0, y: 48, w: 48, h: 20 },
    },
    {
      id: 'foghorn-conflict-events',
      title: 'Events of port conflicts',
      view: 'events',
      where: CONFLICTS,
      columns: ['host.name', 'server.port', 'event.provider', 'event.code', 'message', 'event.reference'],
      sort: ['@timestamp', 'desc'],
      place: { x: 0, y: 68, w: 48, h: 14 },
    },
  ],
};
