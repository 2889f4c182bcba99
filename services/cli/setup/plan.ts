// Everything that `foghorn setup elasticsearch` sees to, in the order in which one thing needs another.
import type { Elasticsearch, ElasticsearchSettings } from '../../../shared/elasticsearch/client.ts';
import { indexNames } from '../../../shared/elasticsearch/names.ts';
import { supportedVersion } from '../../../shared/elasticsearch/version.ts';
import { type CatalogDocument, planCatalogIndex } from '../../indexer/setup/catalog-index.ts';
import { lifecycleResources, lifecycleWay } from '../../indexer/setup/lifecycle.ts';
import { LIFECYCLE_POLICY, type Resource } from '../../indexer/setup/resource.ts';
import { roleResources } from '../../indexer/setup/roles.ts';
import { planIndex } from '../../indexer/setup/streams.ts';
import { planResource, type Step } from '../../indexer/setup/step.ts';
import { placedTemplates, templateResources } from '../../indexer/templates/all.ts';

/** What becomes of a part that a cluster lacks, by the kind of resource. */
const WITHOUT: Readonly<Record<string, string>> = {
  role: 'the cluster has no security: whoever reaches it may do everything',
};

/** The steps, each with what it found. Changes nothing. Throws ConfigError for a cluster that is too old, and Unavailable. */
export async function planSetup(
  elasticsearch: Elasticsearch,
  settings: ElasticsearchSettings,
  catalog: readonly CatalogDocument[],
): Promise<readonly Step[]> {
  await supportedVersion(elasticsearch);
  const way = await lifecycleWay(elasticsearch);
  const templates = placedTemplates(settings);
  const steps: Step[] = way === 'policy' ? [] : [WITHOUT_POLICIES];
  for (const resource of setupResources(settings, way))
    steps.push(await planResource(elasticsearch, resource, WITHOUT[resource.kind.title] ?? 'it is left out'));
  for (const placed of templates) {
    const isLeft = steps.some(
      ({ title, finding }) =>
        title === `index template ${placed.template.name}` && (finding === 'foreign' || finding === 'newer'),
    );
    if (!isLeft) steps.push(await planIndex(elasticsearch, placed));
  }
  return [...steps, ...(await planCatalogIndex(elasticsearch, indexNames(settings).catalog, catalog))];
}

const WITHOUT_POLICIES: Step = {
  title: LIFECYCLE_POLICY.title,
  finding: 'lacking',
  changes: [],
  note: 'the cluster has no lifecycle policies: the data streams’ own lifecycle says how long documents are kept',
};

/** What is put by name: lifecycles, then the templates that refer to them, then roles. */
export function setupResources(
  settings: ElasticsearchSettings,
  way: Awaited<ReturnType<typeof lifecycleWay>>,
): readonly Resource[] {
  return [
    ...lifecycleResources(settings, way),
    ...placedTemplates(settings).flatMap(({ template }) => templateResources(template)),
    ...roleResources(settings),
  ];
}
