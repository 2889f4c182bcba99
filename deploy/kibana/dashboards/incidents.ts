// Incidents: what is open and how old, how fast it is taken and repaired, what comes back, what nobody repairs.
import type { Condition, Dashboard } from '../panel.ts';

const UNRESOLVED: Condition = { field: 'foghorn.incident.state', is: ['open', 'acknowledged'] };
const OPENED = 'foghorn.incident.opened';
const TARGET = '4h';

/** The dashboard. */
export const incidents: Dashboard = {
  id: 'foghorn-incidents',
  title: 'Foghorn: incidents',
  description:
    'Open incidents by severity and age, times to acknowledge and to resolve, repeat offenders, what is beyond the target of four hours.',
  panels: [
    {
      id: 'open',
      title: 'Open, nobody has it',
      shape: 'number',
      view: 'standing',
      where: [{ field: 'foghorn.incident.state', is: ['open'] }],
      buckets: [],
      measures: [
        { kind: 'count', label: 'incidents' },
        { kind: 'unique', field: 'host.name', label: 'hosts' },
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
      measures: [{ kind: 'count', label: 'incidents' }],
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
      title: 'Nothing heard of for long',
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
      view: 'incidents',
      where: [{ field: 'foghorn.incident.time_to_acknowledge_ms', atLeast: 0 }],
      buckets: [],
      measures: [
        {
          kind: 'percentile',
          field: 'foghorn.incident.time_to_acknowledge_ms',
          percent: 50,
          isDuration: true,
          label: 'median',
        },
        {
          kind: 'percentile',
          field: 'foghorn.incident.time_to_acknowledge_ms',
          percent: 95,
          isDuration: true,
          label: '95th percentile',
        },
      ],
      place: { x: 0, y: 10, w: 12, h: 12 },
    },
    {
      id: 'time-to-resolve',
      title: 'Time to resolve',
      shape: 'number',
      view: 'incidents',
      where: [{ field: 'foghorn.incident.time_to_resolve_ms', atLeast: 0 }],
      buckets: [],
      measures: [
        {
          kind: 'percentile',
          field: 'foghorn.incident.time_to_resolve_ms',
          percent: 50,
          isDuration: true,
          label: 'median',
        },
        {
          kind: 'percentile',
          field: 'foghorn.incident.time_to_resolve_ms',
          percent: 95,
          isDuration: true,
          label: '95th percentile',
        },
      ],
      place: { x: 12, y: 10, w: 12, h: 12 },
    },
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
          filters: [
            { label: 'over a week', where: [{ field: OPENED, before: '7d' }] },
            { label: 'a day to a week', where: [{ field: OPENED, before: '1d', since: '7d' }] },
            { label: 'four hours to a day', where: [{ field: OPENED, before: TARGET, since: '1d' }] },
            { label: 'under four hours', where: [{ field: OPENED, before: '0s', since: TARGET }] },
          ],
        },
      ],
      measures: [{ kind: 'count', label: 'incidents' }],
      place: { x: 24, y: 10, w: 24, h: 12 },
    },
    {
      id: 'opened-over-time',
      title: 'Opened over time by severity',
      shape: 'bars',
      view: 'standing',
      where: [{ field: OPENED, before: '0s', since: '7d' }],
      buckets: [
        { kind: 'time', field: OPENED },
        { kind: 'terms', field: 'foghorn.incident.severity', label: 'severity', size: 4 },
      ],
      measures: [{ kind: 'count', label: 'incidents' }],
      place: { x: 0, y: 22, w: 48, h: 11 },
    },
    {
      id: 'repeat-offenders',
      title: 'Repeat offenders',
      shape: 'table',
      view: 'standing',
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
      view: 'incidents',
      where: [],
      buckets: [{ kind: 'terms', field: 'rule.name', label: 'fault', size: 20 }],
      measures: [
        { kind: 'count', label: 'incidents' },
        { kind: 'count', label: 'resolved', where: [{ field: 'foghorn.incident.state', is: ['resolved'] }] },
        { kind: 'count', label: 'came back', where: [{ field: 'foghorn.incident.episode', atLeast: 2 }] },
        {
          kind: 'percentile',
          field: 'foghorn.incident.time_to_resolve_ms',
          percent: 50,
          isDuration: true,
          label: 'median time to resolve',
        },
      ],
      place: { x: 24, y: 33, w: 24, h: 14 },
    },
    {
      id: 'unresolved',
      title: 'Unresolved, the oldest first',
      shape: 'table',
      view: 'standing',
      where: [UNRESOLVED],
      buckets: [
        { kind: 'terms', field: 'foghorn.remediation.title', label: 'what', size: 50, order: 'asc', adds: 'up' },
        { kind: 'terms', field: 'foghorn.incident.state', label: 'state', size: 2 },
      ],
      measures: [
        { kind: 'min', field: OPENED, isDate: true, label: 'open since' },
        { kind: 'max', field: 'foghorn.incident.last_seen', isDate: true, label: 'last seen' },
        { kind: 'max', field: 'foghorn.incident.episode_count', label: 'events' },
      ],
      place: { x: 0, y: 47, w: 48, h: 16 },
    },
  ],
  list: {
    id: 'foghorn-unresolved-incidents',
    title: 'Unresolved incidents',
    view: 'standing',
    where: [UNRESOLVED],
    columns: [
      'foghorn.incident.opened',
      'host.name',
      'foghorn.incident.severity',
      'foghorn.remediation.title',
      'foghorn.remediation.first_step',
      'foghorn.incident.assignee',
      'foghorn.incident.id',
      'event.reference',
    ],
    sort: [OPENED, 'asc'],
    place: { x: 0, y: 63, w: 48, h: 16 },
  },
};
