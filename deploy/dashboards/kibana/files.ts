// Every file that is generated for Kibana: the one to import, and a request body per dashboard for
// the Dashboards API.
import { apiDashboard } from './dashboards-api.ts';
import { DASHBOARDS, ndjson } from './saved-objects.ts';

/** A file by its path below deploy/dashboards/kibana. */
export interface KibanaFile {
  readonly path: readonly string[];
  readonly text: string;
}

/** All of them. */
export function kibanaFiles(): readonly KibanaFile[] {
  const bodies = DASHBOARDS.map((dashboard) => ({
    path: ['dashboards-api', `${dashboard.id}.json`],
    text: `${JSON.stringify(apiDashboard(dashboard, DASHBOARDS), undefined, 2)}\n`,
  }));
  return [{ path: ['foghorn.ndjson'], text: ndjson() }, ...bodies];
}
