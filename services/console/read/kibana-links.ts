// Links from an incident to Kibana: the host's events and a dashboard, both in the incident's time.
// Pure. The state in such an address is Rison, in the forms of Discover's and the dashboards' own
// links (https://github.com/elastic/kibana, `locator` in the plugins discover and dashboard).

/** The data view and the dashboards that `foghorn setup kibana` imports. */
const EVENTS_VIEW = 'foghorn-events';
const CONFLICTS = 'foghorn-port-conflicts';
const INCIDENTS = 'foghorn-incidents';

/** What the links are for. Times are ISO 8601. */
export interface KibanaSubject {
  readonly host: string;
  readonly faultClass: string | undefined;
  readonly from: string;
  readonly to: string;
}

/** See above. */
export interface KibanaLinks {
  readonly events: string;
  readonly dashboard: string;
}

/** The links; `kibanaUrl` has the space in it, if there is one. */
export function kibanaLinks(kibanaUrl: string, { host, faultClass, from, to }: KibanaSubject): KibanaLinks {
  const base = kibanaUrl.replace(/\/+$/u, '');
  const time = `_g=(time:(from:${rison(from)},to:${rison(to)}))`;
  const query = `query:(language:kuery,query:${rison(`host.name: ${quoted(host)}`)})`;
  const view = `dataSource:(dataViewId:${rison(EVENTS_VIEW)},type:dataView)`;
  const dashboard = faultClass === 'address-in-use' ? CONFLICTS : INCIDENTS;
  return {
    events: `${base}/app/discover#/?${time}&_a=(${view},${query})`,
    dashboard: `${base}/app/dashboards#/view/${dashboard}?${time}&_a=(${query})`,
  };
}

/** A value of Kibana's query language. */
function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/gu, String.raw`\$&`)}"`;
}

/** A text in Rison, fit for an address. https://github.com/Nanonid/rison */
function rison(text: string): string {
  const escaped = text.toWellFormed().replaceAll(/[!']/gu, '!$&');
  return `'${encodeURIComponent(escaped).replaceAll("'", '%27')}'`;
}
