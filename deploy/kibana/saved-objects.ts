// The saved objects that Kibana imports: data views, one saved search, the dashboards. Fixed ids, so that importing again replaces them.
// Source: https://www.elastic.co/docs/extend/kibana/saved-objects/export and the import API.
import { fleetOverview } from './dashboards/fleet-overview.ts';
import { incidents } from './dashboards/incidents.ts';
import { pipelineHealth } from './dashboards/pipeline-health.ts';
import { portConflicts } from './dashboards/port-conflicts.ts';
import { lensOf, type Reference } from './lens.ts';
import { type Dashboard, VIEWS, type View } from './panel.ts';

/** The dashboards, in the order in which they link to one another. */
export const DASHBOARDS: readonly Dashboard[] = [fleetOverview, portConflicts, incidents, pipelineHealth];

/** The version of the last migration of all types; later ones are by type. */
const VERSION = '8.8.0';
/** The last migrations of these types in that version; Kibana brings the objects on from there. */
const MIGRATIONS = { dashboard: '10.2.0', 'index-pattern': '8.0.0', search: '10.5.0' } as const;
const ARTICLE =
  'https://learn.microsoft.com/previous-versions/windows/it-pro/windows-server-2008-r2-and-2008/cc727478(v=ws.10)';
const SEARCH_ID = 'foghorn-fault-events';

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
  return [...Object.values(VIEWS).map(dataView), faultEvents(), ...DASHBOARDS.map(dashboardObject)];
}

/** The file to import: an object a line. */
export function ndjson(): string {
  return savedObjects()
    .map((object) => `${JSON.stringify(object)}\n`)
    .join('');
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
  const attributes = { title, name, allowHidden: false, ...(time === undefined ? {} : { timeFieldName: time }) };
  return savedObject('index-pattern', id, { attributes, references: [] });
}

/** The events behind the numbers: what the catalogue knows, with where and what. */
function faultEvents(): SavedObject {
  const columns = ['host.name', 'event.provider', 'event.code', 'server.port', 'foghorn.remediation.title', 'message'];
  const source = { query: { query: 'rule.ruleset: "foghorn"', language: 'kuery' }, filter: [] };
  return savedObject('search', SEARCH_ID, {
    attributes: {
      title: 'Foghorn: events that are known faults',
      description: 'The events behind the numbers.',
      columns,
      sort: [['@timestamp', 'desc']],
      grid: {},
      hideChart: false,
      isTextBasedQuery: false,
      timeRestore: false,
      kibanaSavedObjectMeta: {
        searchSourceJSON: JSON.stringify({ ...source, indexRefName: 'kibanaSavedObjectMeta.searchSourceJSON.index' }),
      },
    },
    references: [{ type: 'index-pattern', id: VIEWS.events.id, name: 'kibanaSavedObjectMeta.searchSourceJSON.index' }],
  });
}

function dashboardObject(dashboard: Dashboard): SavedObject {
  const lenses = dashboard.panels.map((panel) => ({ panel, ...lensOf(panel) }));
  const panels = [
    linksPanel(dashboard),
    ...lenses.map(({ panel, attributes }) => ({
      type: 'lens',
      title: panel.title,
      panelIndex: panel.id,
      gridData: { ...panel.place, i: panel.id },
      embeddableConfig: { attributes, enhancements: {} },
    })),
  ];
  return savedObject('dashboard', dashboard.id, {
    attributes: {
      title: dashboard.title,
      description: dashboard.description,
      version: 3,
      timeRestore: true,
      timeFrom: 'now-24h',
      timeTo: 'now',
      refreshInterval: { pause: false, value: 60_000 },
      optionsJSON: JSON.stringify({
        useMargins: true,
        syncColors: true,
        syncCursor: true,
        syncTooltips: false,
        hidePanelTitles: false,
      }),
      panelsJSON: JSON.stringify(panels),
      kibanaSavedObjectMeta: {
        searchSourceJSON: JSON.stringify({ query: { query: '', language: 'kuery' }, filter: [] }),
      },
    },
    references: lenses.flatMap(({ panel, references }) =>
      references.map(({ type, id, name }) => ({ type, id, name: `${panel.id}:${name}` })),
    ),
  });
}

/** Links to the other dashboards, to the events themselves and to the vendor's article. */
function linksPanel({ id: own }: Dashboard) {
  const dashboards = DASHBOARDS.filter(({ id }) => id !== own).map(
    ({ id, title }) => `[${title.replace('Foghorn: ', '')}](#/view/${id})`,
  );
  const others = [
    `[the events](../app/discover#/view/${SEARCH_ID})`,
    `[the vendor’s article on event 309](${ARTICLE})`,
  ];
  return {
    type: 'visualization',
    title: '',
    panelIndex: 'links',
    gridData: { x: 0, y: 0, w: 48, h: 4, i: 'links' },
    embeddableConfig: {
      enhancements: {},
      hidePanelTitles: true,
      savedVis: {
        id: '',
        title: '',
        description: '',
        type: 'markdown',
        params: { fontSize: 12, openLinksInNewTab: false, markdown: [...dashboards, ...others].join(' · ') },
        uiState: {},
        data: { aggs: [], searchSource: { query: { query: '', language: 'kuery' }, filter: [] } },
      },
    },
  };
}
