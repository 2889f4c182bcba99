// One step of setup: the state of the cluster, the changes, and how to make them.
import { type Elasticsearch, reasonText } from '../../../shared/elasticsearch/client.ts';
import { lacksApi } from '../../../shared/elasticsearch/lacks-api.ts';
import { ConfigError } from '../../../shared/runtime/errors.ts';
import { OWNER } from '../templates/field-types.ts';
import { differences } from './differences.ts';
import { type FallbackMapping, fallbackMapping } from './fallback-mapping.ts';
import type { Json, Mark, Resource, ResourceKind } from './resource.ts';

/**
 * What a step found. `create` and `update` have something to do; `same` is up to date; `newer` is
 * of a later Foghorn, `foreign` has another owner; both are left alone; `unsupported`: the cluster
 * does not know the API.
 */
export type Finding = 'create' | 'update' | 'same' | 'newer' | 'foreign' | 'unsupported';

/** A step. */
export interface Step {
  /** E.g. `index template logs-foghorn.actions`. */
  readonly title: string;
  readonly finding: Finding;
  /** One line a change, `+`, `-` and a path; empty where there is nothing to compare. */
  readonly changes: readonly string[];
  /** A note for the operator. */
  readonly note?: string;
  /**
   * Makes the change; missing when there is none. Returns the adaptations it made. Throws
   * ConfigError and Unavailable.
   */
  readonly apply?: () => Promise<readonly string[]>;
}

/** A cluster and its version. */
export interface Cluster {
  readonly elasticsearch: Elasticsearch;
  readonly version: string;
}

/** The title of a resource's step. */
export function titleOf(kind: ResourceKind, name: string): string {
  return `${kind.title} ${name}`;
}

/**
 * Compares a resource with what the cluster has. `ifLacking` is the note for a cluster without the
 * API. Throws Unavailable.
 */
export async function planResource(cluster: Cluster, resource: Resource, ifLacking: string): Promise<Step> {
  const { kind, name, body, mark } = resource;
  const title = titleOf(kind, name);
  const answer = await cluster.elasticsearch.request({ method: 'GET', path: kind.path(name) });
  if (lacksApi(answer)) return { title, finding: 'unsupported', changes: [], note: ifLacking };
  const found = answer.status === 200 ? kind.read(answer.body as Json, name) : undefined;
  const finding = found === undefined ? 'create' : compare(kind.metadata(found), mark, cluster.version);
  if (finding !== 'create' && finding !== 'update')
    return { title, finding, changes: [], ...noteOn(finding, found === undefined ? undefined : kind.metadata(found)) };
  return {
    title,
    finding,
    changes: differences(found ?? {}, body),
    apply: () => put(cluster, resource),
  };
}

/**
 * Compares the mark of the existing resource with the wanted one. A resource adapted to a cluster
 * that lacked a feature has to be put again when the cluster has another version; without
 * `clusterVersion` that is not checked.
 */
export function compare(found: Json | undefined, wanted: Mark, clusterVersion?: string): Finding {
  if (found?.['managed_by'] !== OWNER) return 'foreign';
  const version = Number(found['version'] ?? 0);
  if (version > wanted.version) return 'newer';
  // Before there were digests, the version alone distinguished them.
  if (version !== wanted.version || found['digest'] !== wanted.digest) return 'update';
  return [undefined, clusterVersion].includes(found['unsupported_in'] as string | undefined) ? 'same' : 'update';
}

/** The addition to the mark of an adapted resource. */
export function unsupportedMark(unsupported: readonly string[], { version }: Cluster): Json {
  return unsupported.length === 0 ? {} : { unsupported, unsupported_in: version };
}

/** The note about something left alone. */
export function noteOn(finding: Finding, found: Json | undefined): { readonly note?: string } {
  if (finding === 'newer') return { note: `version ${String(found?.['version'])} of a later Foghorn is left as it is` };
  if (finding !== 'foreign') return {};
  const owner = found?.['managed_by'];
  const whose = typeof owner === 'string' ? `belongs to ${owner}` : 'does not say that it is Foghorn’s';
  return { note: `${whose}: it is left as it is and has to fit` };
}

const MAX_ADAPTATIONS = 8;

/**
 * Puts it, adapted where the cluster lacks a feature that Foghorn can do without; returns the
 * adaptations.
 */
async function put(cluster: Cluster, { kind, name, body, mark }: Resource): Promise<readonly string[]> {
  const notes: string[] = [];
  const unsupported: string[] = [];
  for (let current: Json = body; ; ) {
    const answer = await cluster.elasticsearch.request({ method: 'PUT', path: kind.path(name), body: current });
    if (answer.status === 200) return notes;
    const next: FallbackMapping | undefined =
      notes.length < MAX_ADAPTATIONS ? fallbackMapping(current, JSON.stringify(answer.body)) : undefined;
    if (next === undefined)
      throw new ConfigError(
        `Elasticsearch refuses the ${kind.title} ${name}: ${reasonText(answer.body)}. Remove what is in its way, or install one of your own and set indexer.installTemplates to false.`,
      );
    notes.push(`the cluster does not know ${next.unsupported}: ${next.instead} instead`);
    unsupported.push(next.unsupported);
    current = kind.withMetadata(next.body, { ...mark, ...unsupportedMark(unsupported, cluster) });
  }
}
