// The saved objects that Kibana imports: data views, the lists as Discover sessions, the
// dashboards. Fixed ids, so that importing again replaces them.
// Source: https://www.elastic.co/docs/extend/kibana/saved-objects/export and the import API.
import { dashboardAttributes } from './dashboard-object.ts';
import { fleetOverview } from './definitions/fleet-overview.ts';
import { incidents } from './definitions/incidents.ts';
import { pipelineHealth } from './definitions/pipeline-health.ts';
import { portConflicts } from './definitions/port-conflicts.ts';
import type { Reference } from './lens.ts';
import { AGE_FIELDS, type Dashboard, FIELD_LABELS, kql, type List, VIEWS, type View } from './panel.ts';

/** The dashboards, in the order in which they link to one another. */
export const DASHBOARDS: readonly Dashboard[] = [fleetOverview, portConflicts, incidents, pipelineHealth];

/** The default address of an incident; `{incident}` stands for its id. */
export const CONSOLE_ADDRESS = 'http://127.0.0.1:3090/incidents/{incident}';

/** The version of the last migration of all types; later ones are by type. */
const VERSION = '8.8.0';
/** The last migrations of these types in 8.19; a later Kibana brings the objects on from there. */
const MIGRATIONS = { dashboard: '10.2.0', 'index-pattern': '8.0.0', search: '10.5.0' } as const;

/** One saved object, as a line of the export holds it. */
export interface SavedObject {
  readonly type: keyof typeof MIGRATIONS;
  readonly id: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly references: readonly Reference[];
  readonly coreMigrationVersion: string;
  readonly typeMigrationVersion: string;
}

/** All of them. */
export function savedObjects(): readonly SavedObject[] {
  const dashboards = DASHBOARDS.map((dashboard) =>
    savedObject('dashboard', dashboard.id, dashboardAttributes(dashboard, DASHBOARDS)),
  );
  return [
    ...Object.values(VIEWS).map(dataView),
    ...DASHBOARDS.flatMap(({ lists }) => lists.map(session)),
    ...dashboards,
  ];
}

/** The file to import: an object a line. */
export function ndjson(objects: readonly SavedObject[] = savedObjects()): string {
  return objects.map((object) => `${JSON.stringify(object)}\n`).join('');
}

function savedObject(
  type: SavedObject['type'],
  id: string,
  { attributes, references }: Pick<SavedObject, 'attributes' | 'references'>,
): SavedObject {
  const versions = { coreMigrationVersion: VERSION, typeMigrationVersion: MIGRATIONS[type] };
  return { type, id, attributes, references, ...versions };
}

function dataView(view: View): SavedObject {
  const { id, title, name, time } = view;
  const labels = Object.entries(FIELD_LABELS).map(([field, customLabel]) => [field, { customLabel }] as const);
  const attributes = {
    title,
    name,
    allowHidden: false,
    fieldAttrs: JSON.stringify(Object.fromEntries(labels)),
    fieldFormatMap: JSON.stringify(fieldFormats(CONSOLE_ADDRESS)),
    ...(time === undefined ? {} : { timeFieldName: time }),
  };
  return savedObject('index-pattern', id, { attributes, references: [] });
}

/**
 * How a data view shows ages, and the fields that are links: Kibana's field formats `relative_date`
 * and `url`, which every licence has. A value that is an address needs no template.
 * Source: https://www.elastic.co/docs/explore-analyze/find-and-organize/data-views#url-field-formatter.
 */
export function fieldFormats(consoleAddress: string): Readonly<Record<string, unknown>> {
  const article = { id: 'url', params: { type: 'a', labelTemplate: 'the vendor’s article' } };
  const urlTemplate = consoleAddress.replaceAll('{incident}', '{{value}}');
  const ages = AGE_FIELDS.map((field) => [field, { id: 'relative_date', params: {} }] as const);
  return {
    ...Object.fromEntries(ages),
    'foghorn.incident.id': { id: 'url', params: { type: 'a', urlTemplate, labelTemplate: 'in the console' } },
    'event.reference': article,
    'rule.reference': article,
  };
}

function session({ id, title, view, where, columns, sort }: List): SavedObject {
  const source = { query: { query: kql(where), language: 'kuery' }, filter: [] };
  const indexRefName = 'kibanaSavedObjectMeta.searchSourceJSON.index';
  return savedObject('search', id, {
    attributes: {
      title: `Foghorn: ${title.charAt(0).toLowerCase()}${title.slice(1)}`,
      description: '',
      columns,
      sort: [sort],
      grid: {},
      hideChart: false,
      isTextBasedQuery: false,
      timeRestore: false,
      kibanaSavedObjectMeta: { searchSourceJSON: JSON.stringify({ ...source, indexRefName }) },
    },
    references: [{ type: 'index-pattern', id: VIEWS[view].id, name: indexRefName }],
  });
}
