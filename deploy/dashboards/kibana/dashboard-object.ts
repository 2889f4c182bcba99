// A dashboard as the saved object of Kibana 8.19: panels by value, with their drill-downs, links on
// top and a Discover session at the bottom.
// Source: https://github.com/elastic/kibana/tree/8.19/src/platform/plugins/shared/dashboard (its
// saved object and its model versions).
import { lensOf, type Reference } from './lens.ts';
import type { Dashboard, List, Panel } from './panel.ts';

/** The vendor's article on event 309. */
export const ARTICLE =
  'https://learn.microsoft.com/previous-versions/windows/it-pro/windows-server-2008-r2-and-2008/cc727478(v=ws.10)';

/** The rows that the links have on top. */
export const LINKS_PLACE: Panel['place'] = { x: 0, y: 0, w: 48, h: 4 };

/** The default time range of a dashboard. */
export const SHOWN = { from: 'now-24h', to: 'now', refreshMs: 60_000 } as const;

/** A panel's own time range. */
export function ownRange(since: string): { readonly from: string; readonly to: string } {
  return { from: `now-${since}`, to: 'now' };
}

interface Placed {
  readonly panel: Readonly<Record<string, unknown>>;
  readonly references: readonly Reference[];
}

/** Attributes and references of the dashboard; `all` are those it links to. */
export function dashboardAttributes(dashboard: Dashboard, all: readonly Dashboard[]) {
  const placed = [linksPanel(all), ...dashboard.panels.map(lensPanel), ...dashboard.lists.map(listPanel)];
  const attributes = {
    title: dashboard.title,
    description: dashboard.description,
    version: 3,
    timeRestore: true,
    timeFrom: SHOWN.from,
    timeTo: SHOWN.to,
    refreshInterval: { pause: false, value: SHOWN.refreshMs },
    optionsJSON: JSON.stringify({
      useMargins: true,
      syncColors: true,
      syncCursor: true,
      syncTooltips: false,
      hidePanelTitles: false,
    }),
    panelsJSON: JSON.stringify(placed.map(({ panel }) => panel)),
    kibanaSavedObjectMeta: {
      searchSourceJSON: JSON.stringify({ query: { query: '', language: 'kuery' }, filter: [] }),
    },
  };
  return { attributes, references: placed.flatMap(({ references }) => references) };
}

function lensPanel(panel: Panel): Placed {
  const { attributes, references } = lensOf(panel);
  const events = isCounted(panel) ? [drillDown(panel.id)] : [];
  return {
    panel: {
      type: 'lens',
      title: panel.title,
      panelIndex: panel.id,
      gridData: { ...panel.place, i: panel.id },
      embeddableConfig: {
        attributes,
        enhancements: { dynamicActions: { events } },
        ...(panel.since === undefined ? {} : { timeRange: ownRange(panel.since) }),
        // A tile shows its title itself.
        ...(panel.shape === 'number' ? { hidePanelTitles: true } : {}),
      },
    },
    references: references.map(({ type, id, name }) => ({ type, id, name: `${panel.id}:${name}` })),
  };
}

/**
 * Whether an element stands for documents and can be clicked; a point of a line is a percentile of
 * many.
 */
export function isCounted({ shape }: Panel): boolean {
  return shape !== 'lines';
}

/**
 * From a number, a bar or a row's name to the documents behind it, with the time range and the
 * filters. Needs no subscription, unlike a drill-down to any other address.
 * Source: https://www.elastic.co/docs/explore-analyze/dashboards/create-discover-drilldown.
 */
function drillDown(panelId: string) {
  const action = {
    factoryId: 'OPEN_IN_DISCOVER_DRILLDOWN',
    name: 'The documents behind it',
    config: { openInNewTab: false },
  };
  return { eventId: `${panelId}-documents`, triggers: ['FILTER_TRIGGER'], action };
}

/** Links to the dashboards, which keep time range and filters, and to the vendor's article. */
function linksPanel(all: readonly Dashboard[]): Placed {
  const dashboards = all.map(({ id, title }, order) => ({
    type: 'dashboardLink',
    id,
    order,
    label: shortTitle(title),
    destinationRefName: `link_${id}_dashboard`,
    options: { openInNewTab: false, useCurrentDateRange: true, useCurrentFilters: true },
  }));
  const article = {
    type: 'externalLink',
    id: 'article',
    order: all.length,
    label: 'The vendor’s article on event 309',
    destination: ARTICLE,
    options: { openInNewTab: true, encodeUrl: false },
  };
  return {
    panel: {
      type: 'links',
      title: 'Links',
      panelIndex: 'links',
      gridData: { ...LINKS_PLACE, i: 'links' },
      embeddableConfig: {
        attributes: { layout: 'horizontal', links: [...dashboards, article] },
        enhancements: {},
        hidePanelTitles: true,
      },
    },
    references: all.map(({ id }) => ({ type: 'dashboard', id, name: `links:link_${id}_dashboard` })),
  };
}

/** The title without the product's name, for links. */
export function shortTitle(title: string): string {
  const short = title.replace('Foghorn: ', '');
  return short.charAt(0).toUpperCase() + short.slice(1);
}

function listPanel({ id, title, place }: List): Placed {
  const panelRefName = `panel_${id}`;
  return {
    panel: {
      type: 'search',
      title,
      panelIndex: id,
      gridData: { ...place, i: id },
      panelRefName,
      embeddableConfig: { enhancements: {} },
    },
    references: [{ type: 'search', id, name: `${id}:${panelRefName}` }],
  };
}
