// Incidents: open ones and their age, times to acknowledge and to resolve, repeated and unrepaired
// ones.
import type { Condition, Dashboard, Measure, Panel } from '../panel.ts';

const UNRESOLVED: Condition = { field: 'foghorn.incident.state', is: ['open', 'acknowledged'] };
const OPENED = 'foghorn.incident.opened';
const TARGET = '4h';
const TO_RESOLVE = 'foghorn.incident.time_to_resolve_ms';

const action = (...names: readonly string[]): Condition => ({ field: 'event.action', is: names });

/**
 * Median and 95th percentile of a time, from the activity log, because an incident's document has
 * its present episode only.
 */
function timeTaken(field: string): Panel['measures'] {
  const percentile = (percent: number, label: string): Measure => ({
    kind: 'percentile',
    field,
    percent,
    isDuration: true,
    label,
  });
  return [percentile(50, 'median'), percentile(95, '95th percentile')];
}

const TILES: readonly Panel[] = [
  {
    id: 'open',
    title: 'Open, nobody has it',
    shape: 'number',
    view: 'standing',
    where: [{ field: 'foghorn.incident.state', is: ['open'] }],
    buckets: [],
    measures: [
      { kind: 'count', label: 'incidents' },
      { kind: 'min', field: OPENED, isDate: true, label: 'the oldest' },
    ],
    place: { x: 0, y: 4, w: 12, h: 6 },
  },
  {
    id: 'acknowledged',
    title: 'Acknowledged',
    shape: 'number',
    view: 'standing',
    where: [{ field: 'foghorn.incident.state', is: ['acknowledged'] }],
    buckets: [],
    measures: [
      { kind: 'count', label: 'incidents' },
      { kind: 'min', field: OPENED, isDate: true, label: 'the oldest' },
    ],
    place: { x: 12, y: 4, w: 12, h: 6 },
  },
  {
    id: 'beyond-target',
    title: 'Unresolved beyond four hours',
    shape: 'number',
    view: 'standing',
    where: [UNRESOLVED, { field: OPENED, before: TARGET }],
    buckets: [],
    measures: [
      { kind: 'count', label: 'incidents' },
      { kind: 'unique', field: 'host.name', label: 'hosts' },
    ],
    place: { x: 24, y: 4, w: 12, h: 6 },
  },
  {
    id: 'stale',
    title: 'No events for long',
    shape: 'number',
    view: 'standing',
    where: [UNRESOLVED, { field: 'foghorn.incident.stale_since', before: '0s' }],
    buckets: [],
    measures: [{ kind: 'count', label: 'incidents' }],
    place: { x: 36, y: 4, w: 12, h: 6 },
  },
  {
    id: 'time-to-acknowledge',
    title: 'Time to acknowledge',
    shape: 'number',
    view: 'actions',
    where: [action('acknowledged')],
    buckets: [],
    measures: timeTaken('foghorn.incident.time_to_acknowledge_ms'),
    place: { x: 0, y: 10, w: 12, h: 6 },
  },
  {
    id: 'time-to-resolve',
    title: 'Time to resolve',
    shape: 'number',
    view: 'actions',
    where: [action('resolved')],
    buckets: [],
    measures: timeTaken(TO_RESOLVE),
    place: { x: 0, y: 16, w: 12, h: 6 },
  },
];

/** The dashboard. */
export const incidents: Dashboard = {
  id: 'foghorn-incidents',
  title: 'Foghorn: incidents',
  description:
    'Open incidents by severity and age, times to acknowledge and to resolve, repeat offenders, what is beyond the target of four hours.',
  panels: [
    ...TILES,
    {
      id: 'severity-and-age',
      title: 'Unresolved by severity and age',
      shape: 'table',
      view: 'standing',
      where: [UNRESOLVED],
      buckets: [
        { kind: 'terms', field: 'foghorn.incident.severity', label: 'severity', size: 4 },
        {
          kind: 'filters',
          label: 'age',
          // In words whose alphabetical order is that of time, for so they are shown.
          filters: [
            { label: 'below four hours', where: [{ field: OPENED, before: '0s', since: TARGET }] },
            { label: 'four hours to a day', where: [{ field: OPENED, before: TARGET, since: '1d' }] },
            { label: 'one to seven days', where: [{ field: OPENED, before: '1d', since: '7d' }] },
            { label: 'over seven days', where: [{ field: OPENED, before: '7d' }] },
          ],
        },
      ],
      measures: [{ kind: 'count', label: 'incidents' }],
      place: { x: 12, y: 10, w: 16, h: 12 },
    },
    {
      id: 'opened-over-time',
      title: 'Opened in the last seven days by severity',
      shape: 'bars',
      view: 'standing',
      where: [{ field: OPENED, before: '0s', since: '7d' }],
      buckets: [
        { kind: 'terms', field: 'foghorn.incident.severity', label: 'severity', size: 4 },
        // Kibana would take the width from the dashboard's time range, which these seven days do
        // not follow.
        { kind: 'time', field: OPENED, every: '3h' },
      ],
      measures: [{ kind: 'count', label: 'incidents' }],
      place: { x: 0, y: 22, w: 48, h: 11 },
    },
    {
      id: 'states-over-time',
      title: 'Opened, acknowledged and resolved over time',
      shape: 'bars',
      view: 'actions',
      where: [action('opened', 'reopened', 'acknowledged', 'resolved')],
      buckets: [
        { kind: 'terms', field: 'event.action', label: 'became', size: 4 },
        { kind: 'time', field: '@timestamp' },
      ],
      measures: [{ kind: 'count', label: 'times' }],
      place: { x: 28, y: 10, w: 20, h: 12 },
    },
    {
      id: 'repeat-offenders',
      title: 'Repeat offenders',
      shape: 'table',
      view: 'incidents',
      where: [{ field: 'foghorn.incident.episode', atLeast: 2 }],
      buckets: [
        { kind: 'terms', field: 'host.name', label: 'host', size: 20 },
        { kind: 'terms', field: 'rule.name', label: 'fault', size: 3, adds: 'up' },
      ],
      measures: [
        { kind: 'max', field: 'foghorn.incident.episode', label: 'times' },
        { kind: 'max', field: 'foghorn.incident.total_count', label: 'events' },
      ],
      place: { x: 0, y: 33, w: 24, h: 14 },
    },
    {
      id: 'by-remedy',
      title: 'Outcome by fault',
      shape: 'table',
      view: 'actions',
      where: [action('opened', 'reopened', 'resolved')],
      buckets: [{ kind: 'terms', field: 'rule.name', label: 'fault', size: 20, adds: 'up' }],
      measures: [
        { kind: 'count', label: 'opened', where: [action('opened', 'reopened')] },
        {
          kind: 'count',
          label: 'came back',
          where: [action('opened', 'reopened'), { field: 'foghorn.incident.episode', atLeast: 2 }],
        },
        { kind: 'count', label: 'resolved', where: [action('resolved')] },
        { kind: 'percentile', field: TO_RESOLVE, percent: 50, isDuration: true, label: 'median time to resolve' },
      ],
      place: { x: 24, y: 33, w: 24, h: 14 },
    },
  ],
  lists: [
    {
      id: 'foghorn-unresolved-incidents',
      title: 'Unresolved incidents, the oldest first',
      view: 'standing',
      where: [UNRESOLVED],
      columns: [
        'foghorn.incident.opened',
        'host.name',
        'foghorn.incident.severity',
        'foghorn.incident.state',
        'foghorn.remediation.title',
        'foghorn.remediation.first_step',
        'foghorn.incident.assignee',
        'foghorn.incident.id',
        'event.reference',
      ],
      sort: [OPENED, 'asc'],
      place: { x: 0, y: 47, w: 48, h: 20 },
    },
  ],
};
