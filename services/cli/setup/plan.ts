// Everything that `foghorn setup elasticsearch` sees to, in the order in which one thing needs another.
import type { Elasticsearch, ElasticsearchSettings } from '../../../shared/elasticsearch/client.ts';
import { indexNames } from '../../../shared/elasticsearch/names.ts';
import { supportedVersion } from '../../../shared/elasticsearch/version.ts';
import { type CatalogDocument, planCatalogIndex } from '../../indexer/setup/catalog-index.ts';
import {
  lifecycleComponent,
  lifecycleResources,
  type LifecycleWay,
  lifecycleWay,
} from '../../indexer/setup/lifecycle.ts';
import { COMPONENT_TEMPLATE, INDEX_TEMPLATE, LIFECYCLE_POLICY, type Resource } from '../../indexer/setup/resource.ts';
import { roleResources } from '../../indexer/setup/roles.ts';
import { planStreamLifecycle } from '../../indexer/setup/stream-lifecycle.ts';
import { planIndex } from '../../indexer/setup/streams.ts';
import { type Finding, planResource, type Step, titleOf } from '../../indexer/setup/step.ts';
import { type PlacedTemplate, placedTemplates, templateResources } from '../../indexer/templates/all.ts';

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
  const steps: Step[] = way === 'policy' ? [] : [WITHOUT_POLICIES];
  for (const resource of setupResources(settings, way))
    steps.push(await planResource(elasticsearch, resource, WITHOUT[resource.kind.title] ?? 'it is left out'));
  const found = new Map(steps.map(({ title, finding }) => [title, finding]));
  for (const placed of placedTemplates(settings))
    steps.push(...(await planPlaced(elasticsearch, placed, { way, found })));
  return [...steps, ...(await planCatalogIndex(elasticsearch, indexNames(settings).catalog, catalog))];
}

/** The stream or index of a template, and how long the stream keeps its documents; nothing where the template is not ours to change. */
async function planPlaced(
  elasticsearch: Elasticsearch,
  placed: PlacedTemplate,
  { way, found }: { readonly way: LifecycleWay; readonly found: ReadonlyMap<string, Finding> },
): Promise<readonly Step[]> {
  const { template } = placed;
  const findings = templateResources(template).map(({ kind, name }) => found.get(titleOf(kind, name)));
  const lifecycle = found.get(titleOf(COMPONENT_TEMPLATE, lifecycleComponent(template.name)));
  if (isLeft(found.get(titleOf(INDEX_TEMPLATE, template.name)))) return [];
  const index = await planIndex(elasticsearch, placed, !findings.some(isPending));
  if ((index.finding !== 'same' && index.finding !== 'update') || isLeft(lifecycle)) return [index];
  const isInPlace = ![...findings, lifecycle].some(isPending);
  const kept = await planStreamLifecycle(elasticsearch, { placed, way, isInPlace });
  return kept === undefined ? [index] : [index, kept];
}

function isLeft(finding: Finding | undefined): boolean {
  return finding === 'foreign' || finding === 'newer';
}

function isPending(finding: Finding | undefined): boolean {
  return finding === 'create' || finding === 'update';
}

const WITHOUT_POLICIES: Step = {
  title: LIFECYCLE_POLICY.title,
  finding: 'lacking',
  changes: [],
  note: 'the cluster has no lifecycle policies: the data streams’ own lifecycle says how long documents are kept',
};

/** What is put by name: lifecycles, then the templates that refer to them, then roles. */
export function setupResources(settings: ElasticsearchSettings, way: LifecycleWay): readonly Resource[] {
  return [
    ...lifecycleResources(settings, way),
    ...placedTemplates(settings).flatMap(({ template }) => templateResources(template)),
    ...roleResources(settings),
  ];
}
