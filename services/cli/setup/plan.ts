// All steps of `foghorn setup elasticsearch`, in the order of their dependencies.
import type { Elasticsearch, ElasticsearchSettings } from '../../../shared/elasticsearch/client.ts';
import { indexNames } from '../../../shared/elasticsearch/names.ts';
import { Unavailable } from '../../../shared/runtime/errors.ts';
import { supportedVersion } from '../../../shared/elasticsearch/version.ts';
import { type CatalogDocument, planCatalogIndex } from '../../indexer/setup/catalog-index.ts';
import {
  lifecycleComponent,
  lifecycleResources,
  type LifecycleWay,
  lifecycleWay,
} from '../../indexer/setup/lifecycle.ts';
import {
  COMPONENT_TEMPLATE,
  INDEX_TEMPLATE,
  LIFECYCLE_POLICY,
  type Resource,
  ROLE,
} from '../../indexer/setup/resource.ts';
import { roleResources } from '../../indexer/setup/roles.ts';
import { planStreamLifecycle } from '../../indexer/setup/stream-lifecycle.ts';
import { planIndex } from '../../indexer/setup/streams.ts';
import { type Cluster, type Finding, planResource, type Step, titleOf } from '../../indexer/setup/step.ts';
import { type PlacedTemplate, placedTemplates, templateResources } from '../../indexer/templates/all.ts';

const WITHOUT_SECURITY = 'the cluster has no security: whoever reaches it may do everything';
const MAY_NOT = 'the credentials may not look at roles and make them (manage_security): it is left out';

/**
 * The steps, each with what it found. Changes nothing. Throws ConfigError for a cluster that is too
 * old, and Unavailable.
 */
export async function planSetup(
  elasticsearch: Elasticsearch,
  settings: ElasticsearchSettings,
  catalog: readonly CatalogDocument[],
): Promise<readonly Step[]> {
  const cluster = { elasticsearch, version: await supportedVersion(elasticsearch) };
  const way = await lifecycleWay(elasticsearch);
  const steps: Step[] = way === 'policy' ? [] : [WITHOUT_POLICIES];
  for (const resource of setupResources(settings, way))
    steps.push(
      resource.kind === ROLE
        ? await planRole(cluster, resource)
        : await planResource(cluster, resource, 'it is left out'),
    );
  const found = new Map(steps.map(({ title, finding }) => [title, finding]));
  for (const placed of placedTemplates(settings))
    steps.push(...(await planPlaced(elasticsearch, placed, { way, found })));
  return [...steps, ...(await planCatalogIndex(cluster, indexNames(settings).catalog, catalog))];
}

/** Roles are often managed by others: missing rights for them do not stop the other steps. */
async function planRole(cluster: Cluster, role: Resource): Promise<Step> {
  try {
    const step = await planResource(cluster, role, WITHOUT_SECURITY);
    const { apply } = step;
    return apply === undefined ? step : { ...step, apply: () => apply().catch(noteForbidden) };
  } catch (error) {
    return { title: titleOf(role.kind, role.name), finding: 'unsupported', changes: [], note: noteForbidden(error)[0] };
  }
}

function noteForbidden(error: unknown): readonly [string] {
  if (error instanceof Unavailable && error.code === 'forbidden') return [MAY_NOT];
  throw error;
}

/**
 * The stream or index of a template, and how long the stream keeps its documents; nothing for a
 * template of another owner.
 */
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
  finding: 'unsupported',
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
