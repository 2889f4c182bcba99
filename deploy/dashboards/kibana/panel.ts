// The declaration of a panel, from which Kibana's saved object, the Elasticsearch query that tests
// it, and the picture in the documentation are made.

/** The data views: which documents, and whether Kibana's time range narrows them. */
export const VIEWS = {
  events: {
    id: 'foghorn-events',
    title: 'logs-windows.forwarded.foghorn-*',
    name: 'Foghorn: events',
    time: '@timestamp',
  },
  incidents: {
    id: 'foghorn-incidents',
    title: 'foghorn-incidents*',
    name: 'Foghorn: incidents by last change',
    time: '@timestamp',
  },
  standing: { id: 'foghorn-incidents-standing', title: 'foghorn-incidents*', name: 'Foghorn: incidents whenever' },
  actions: { id: 'foghorn-actions', title: 'logs-foghorn.actions-*', name: 'Foghorn: actions', time: '@timestamp' },
  deadLetters: {
    id: 'foghorn-dead-letters',
    title: 'logs-foghorn.dead_letters-*',
    name: 'Foghorn: dead letters',
    time: '@timestamp',
  },
} as const satisfies Readonly<Record<string, View>>;

/** A data view. Without `time` it shows everything, whatever the time range. */
export interface View {
  readonly id: string;
  readonly title: string;
  readonly name: string;
  readonly time?: string;
}

/** See `VIEWS`. */
export type ViewName = keyof typeof VIEWS;

/**
 * A condition on one field. `isMissing`: whether it has no value. `before`: a date earlier than
 * that long ago, in Elasticsearch's date math, e.g. `4h`.
 */
export type Condition =
  | { readonly field: string; readonly isMissing: boolean }
  | { readonly field: string; readonly is: readonly (string | number)[] }
  | { readonly field: string; readonly isNot: readonly (string | number)[] }
  | { readonly field: string; readonly atLeast: number }
  | { readonly field: string; readonly before: string; readonly since?: string };

/**
 * What the rows or bars are. `every`: how wide a bar is, e.g. `3h`, where the time range does not
 * say it. `adds: 'up'`: documents without the field are a row of their own and so is what is beyond
 * `size`, which Kibana can do for texts, not for numbers. Elasticsearch gives filters in the
 * alphabetical order of their labels.
 */
export type Bucket =
  | { readonly kind: 'time'; readonly field: string; readonly every?: string }
  | {
      readonly kind: 'terms';
      readonly field: string;
      readonly label: string;
      readonly size: number;
      readonly order?: 'asc';
      readonly adds?: 'up';
    }
  | {
      readonly kind: 'filters';
      readonly label: string;
      readonly filters: readonly { readonly label: string; readonly where: readonly Condition[] }[];
    };

/** A measure. Times to repair are milliseconds in the documents. */
export type Measure = { readonly label: string; readonly where?: readonly Condition[] } & (
  | { readonly kind: 'count' }
  | { readonly kind: 'unique' | 'max' | 'min'; readonly field: string; readonly isDate?: true }
  | { readonly kind: 'percentile'; readonly field: string; readonly percent: number; readonly isDuration?: true }
);

/** One panel. `number` shows its first measure large and the second small below it. */
export interface Panel {
  readonly id: string;
  readonly title: string;
  readonly shape: 'number' | 'bars' | 'lines' | 'table';
  readonly view: ViewName;
  readonly where: readonly Condition[];
  /**
   * From the outer to the inner. Of bars the last is the time, so that the series are those with
   * the most in all bars and not in each.
   */
  readonly buckets: readonly Bucket[];
  readonly measures: readonly [Measure, ...Measure[]];
  /** Looks so far back from now, e.g. `30d`, whatever the dashboard's time range. */
  readonly since?: string;
  /** Columns of 48 and rows of 20 pixels, as Kibana counts. */
  readonly place: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
}

/**
 * The documents themselves as rows, the first by `sort`: a Discover session that a dashboard shows.
 */
export interface List {
  readonly id: string;
  readonly title: string;
  readonly view: ViewName;
  readonly where: readonly Condition[];
  readonly columns: readonly string[];
  readonly sort: readonly [field: string, direction: 'asc' | 'desc'];
  readonly place: Panel['place'];
}

/** A dashboard: links on top, its panels, and the documents below them. */
export interface Dashboard {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly panels: readonly Panel[];
  readonly lists: readonly List[];
}

const SEVERITIES = { critical: '#b00f3a', error: '#d9621e', warning: '#d6a100', info: '#6f93b8' } as const;

/**
 * The colours of values by their field, the same in every chart that is split by it; what is not
 * named here gets one of Kibana's own.
 */
export const COLORS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'foghorn.incident.severity': SEVERITIES,
  'log.level': {
    critical: SEVERITIES.critical,
    error: SEVERITIES.error,
    warning: SEVERITIES.warning,
    information: SEVERITIES.info,
    verbose: '#a9b8c6',
  },
  'event.action': {
    opened: SEVERITIES.error,
    reopened: SEVERITIES.critical,
    acknowledged: '#0a58a6',
    resolved: '#2c8a56',
    notified: '#2c8a56',
    suppressed: '#6f93b8',
    superseded: '#a9b8c6',
    delivery_unknown: SEVERITIES.warning,
    delivery_failed: SEVERITIES.critical,
    unrouted: SEVERITIES.error,
  },
};

/** The colours of a chart that is split by a bucket; undefined where its values have none. */
export function colorsOf(split: Bucket | undefined): Readonly<Record<string, string>> | undefined {
  return split?.kind === 'terms' ? COLORS[split.field] : undefined;
}

/** Dates that are shown as ages: `3 hours ago`. */
export const AGE_FIELDS: readonly string[] = ['foghorn.incident.opened'];

/** Fields whose values are links: the incident in the console, the vendor's article. */
export const LINK_FIELDS: readonly string[] = ['foghorn.incident.id', 'event.reference', 'rule.reference'];

/** Headings of columns in place of field names. */
export const FIELD_LABELS: Readonly<Record<string, string>> = {
  'host.name': 'host',
  'server.port': 'port',
  'event.provider': 'provider',
  'event.code': 'event',
  'rule.name': 'fault',
  'event.reference': 'article',
  'rule.reference': 'article of the rule',
  'foghorn.incident.id': 'incident',
  'foghorn.incident.opened': 'opened',
  'foghorn.incident.episode_count': 'events',
  'foghorn.incident.severity': 'severity',
  'foghorn.incident.state': 'state',
  'foghorn.incident.likely_holder': 'likely holder',
  'foghorn.incident.likely_holder_by': 'known by',
  'foghorn.incident.assignee': 'owner',
  'foghorn.remediation.title': 'what',
  'foghorn.remediation.first_step': 'first step',
  'foghorn.dead_letter.stage': 'stage',
  'foghorn.dead_letter.reason': 'reason',
  'foghorn.dead_letter.detail': 'detail',
  'foghorn.sender': 'sender',
};

/**
 * Conditions as Kibana's query language.
 * Source: https://www.elastic.co/docs/explore-analyze/query-filter/languages/kql.
 */
export function kql(conditions: readonly Condition[]): string {
  return conditions
    .map((condition) => {
      const { field } = condition;
      if ('isMissing' in condition) return condition.isMissing ? `not ${field}: *` : `${field}: *`;
      if ('is' in condition) return `${field}: (${condition.is.map(quoted).join(' or ')})`;
      if ('isNot' in condition) return `not ${field}: (${condition.isNot.map(quoted).join(' or ')})`;
      if ('atLeast' in condition) return `${field} >= ${condition.atLeast}`;
      const until = `${field} < "now-${condition.before}"`;
      return condition.since === undefined ? until : `${until} and ${field} >= "now-${condition.since}"`;
    })
    .join(' and ');
}

function quoted(value: string | number): string {
  return typeof value === 'number' ? String(value) : `"${value.replaceAll(/["\\]/gu, String.raw`\$&`)}"`;
}
