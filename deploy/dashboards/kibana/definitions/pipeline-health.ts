// Pipeline health: how late events are, how fast alerts are, the outcomes of deliveries, incidents
// without a receiver, dead letters.
import type { Condition, Dashboard, Measure, Panel } from '../panel.ts';

const action = (...names: readonly string[]): Condition => ({ field: 'event.action', is: names });

const FAILED = action('delivery_failed');
const UNROUTED = action('unrouted');

/** From the event's own time until Foghorn has read it. */
function lag(percent: number, label: string): Measure {
  return { kind: 'percentile', field: 'foghorn.lag_ms', percent, isDuration: true, label };
}

/**
 * A host without it would come first: Elasticsearch orders what has no percentile before the
 * greatest.
 */
const HAVE_LAG: readonly Condition[] = [{ field: 'foghorn.lag_ms', isMissing: false }];

const LAG: readonly Panel[] = [
  {
    id: 'lag-over-time',
    title: 'Lag of events over time',
    shape: 'lines',
    view: 'events',
    where: HAVE_LAG,
    buckets: [{ kind: 'time', field: '@timestamp' }],
    measures: [lag(50, 'median'), lag(95, '95th percentile'), lag(99, '99th percentile')],
    place: { x: 0, y: 10, w: 24, h: 12 },
  },
  {
    id: 'lag-by-host',
    title: 'Hosts with the greatest lag',
    shape: 'table',
    view: 'events',
    where: HAVE_LAG,
    buckets: [{ kind: 'terms', field: 'host.name', label: 'host', size: 20 }],
    measures: [
      lag(95, '95th percentile'),
      lag(50, 'median'),
      { kind: 'count', label: 'events' },
      { kind: 'max', field: '@timestamp', isDate: true, label: 'last event' },
    ],
    place: { x: 24, y: 10, w: 24, h: 12 },
  },
];

/** The dashboard. */
export const pipelineHealth: Dashboard = {
  id: 'foghorn-pipeline-health',
  title: 'Foghorn: pipeline health',
  description:
    'Lag of events, time to alert, deliveries by outcome, incidents without notification, dead letters by reason.',
  panels: [
    ...LAG,
    {
      id: 'time-to-alert',
      title: 'Time to alert, in milliseconds',
      shape: 'number',
      view: 'actions',
      where: [action('notified')],
      buckets: [],
      measures: [
        { kind: 'percentile', field: 'foghorn.action.time_to_alert_ms', percent: 50, label: 'median' },
        { kind: 'percentile', field: 'foghorn.action.time_to_alert_ms', percent: 99, label: '99th percentile' },
      ],
      place: { x: 0, y: 4, w: 12, h: 6 },
    },
    {
      id: 'nobody-notified',
      title: 'No route: nobody was notified',
      shape: 'number',
      view: 'actions',
      where: [action('unrouted', 'delivery_failed')],
      buckets: [],
      measures: [
        { kind: 'unique', field: 'foghorn.incident.id', label: 'incidents', where: [UNROUTED] },
        { kind: 'unique', field: 'foghorn.incident.id', label: 'incidents with a failed delivery', where: [FAILED] },
      ],
      place: { x: 12, y: 4, w: 12, h: 6 },
    },
    {
      id: 'failed',
      title: 'Deliveries that failed',
      shape: 'number',
      view: 'actions',
      where: [action('delivery_failed', 'delivery_unknown')],
      buckets: [],
      measures: [
        { kind: 'count', label: 'deliveries' },
        { kind: 'unique', field: 'foghorn.action.receiver', label: 'receivers' },
      ],
      place: { x: 24, y: 4, w: 12, h: 6 },
    },
    {
      id: 'dead-letters',
      title: 'Dead letters',
      shape: 'number',
      view: 'deadLetters',
      where: [],
      buckets: [],
      measures: [{ kind: 'count', label: 'records' }],
      place: { x: 36, y: 4, w: 12, h: 6 },
    },
    {
      id: 'time-to-alert-over-time',
      title: 'Time to alert over time, in milliseconds',
      shape: 'lines',
      view: 'actions',
      where: [action('notified')],
      buckets: [{ kind: 'time', field: '@timestamp' }],
      measures: [
        { kind: 'percentile', field: 'foghorn.action.time_to_alert_ms', percent: 50, label: 'median' },
        { kind: 'percentile', field: 'foghorn.action.time_to_alert_ms', percent: 95, label: '95th percentile' },
        { kind: 'percentile', field: 'foghorn.action.time_to_alert_ms', percent: 99, label: '99th percentile' },
      ],
      place: { x: 0, y: 22, w: 24, h: 12 },
    },
    {
      id: 'outcomes-over-time',
      title: 'Deliveries over time by outcome',
      shape: 'bars',
      view: 'actions',
      where: [action('notified', 'delivery_failed', 'delivery_unknown', 'suppressed', 'superseded', 'unrouted')],
      buckets: [
        { kind: 'terms', field: 'event.action', label: 'outcome', size: 6 },
        { kind: 'time', field: '@timestamp' },
      ],
      measures: [{ kind: 'count', label: 'deliveries' }],
      place: { x: 24, y: 22, w: 24, h: 12 },
    },
    {
      id: 'receivers',
      title: 'Receivers',
      shape: 'table',
      view: 'actions',
      where: [action('notified', 'delivery_failed', 'delivery_unknown', 'suppressed')],
      buckets: [{ kind: 'terms', field: 'foghorn.action.receiver', label: 'receiver', size: 20, adds: 'up' }],
      measures: [
        { kind: 'count', label: 'notified', where: [action('notified')] },
        { kind: 'count', label: 'failed', where: [action('delivery_failed')] },
        { kind: 'count', label: 'unknown', where: [action('delivery_unknown')] },
        { kind: 'count', label: 'held back', where: [action('suppressed')] },
        {
          kind: 'percentile',
          field: 'foghorn.action.time_to_alert_ms',
          percent: 95,
          label: 'ms to alert, 95th percentile',
        },
      ],
      place: { x: 0, y: 34, w: 24, h: 10 },
    },
    {
      id: 'reasons',
      title: 'Why nobody was notified, or later',
      shape: 'table',
      view: 'actions',
      where: [action('unrouted', 'suppressed')],
      buckets: [
        { kind: 'terms', field: 'event.action', label: 'what', size: 2 },
        { kind: 'terms', field: 'event.reason', label: 'reason', size: 10, adds: 'up' },
      ],
      measures: [
        { kind: 'count', label: 'times' },
        { kind: 'unique', field: 'host.name', label: 'hosts' },
      ],
      place: { x: 24, y: 34, w: 24, h: 10 },
    },
    {
      id: 'dead-letters-by-reason',
      title: 'Dead letters by stage and reason',
      shape: 'table',
      view: 'deadLetters',
      where: [],
      buckets: [
        { kind: 'terms', field: 'foghorn.dead_letter.stage', label: 'stage', size: 5, adds: 'up' },
        { kind: 'terms', field: 'foghorn.dead_letter.reason', label: 'reason', size: 10, adds: 'up' },
      ],
      measures: [
        { kind: 'count', label: 'records' },
        { kind: 'unique', field: 'foghorn.sender', label: 'senders' },
        { kind: 'max', field: '@timestamp', isDate: true, label: 'last' },
      ],
      place: { x: 0, y: 44, w: 24, h: 12 },
    },
    {
      id: 'dead-letters-over-time',
      title: 'Dead letters over time by reason',
      shape: 'bars',
      view: 'deadLetters',
      where: [],
      buckets: [
        { kind: 'terms', field: 'foghorn.dead_letter.reason', label: 'reason', size: 12, adds: 'up' },
        { kind: 'time', field: '@timestamp' },
      ],
      measures: [{ kind: 'count', label: 'records' }],
      place: { x: 24, y: 44, w: 24, h: 12 },
    },
  ],
  lists: [
    {
      id: 'foghorn-dead-letters-kept',
      title: 'Dead letters',
      view: 'deadLetters',
      where: [],
      columns: [
        'foghorn.dead_letter.stage',
        'foghorn.dead_letter.reason',
        'foghorn.dead_letter.detail',
        'foghorn.sender',
      ],
      sort: ['@timestamp', 'desc'],
      place: { x: 0, y: 56, w: 48, h: 14 },
    },
  ],
};
