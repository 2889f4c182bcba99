// What Foghorn puts into a cluster by name. Owner, version and a digest in the metadata mark it as
// Foghorn's own.
import { digestId } from '../../../shared/contracts/ids.ts';
import { OWNER } from '../templates/field-types.ts';

/** JSON as an object. */
export type Json = Readonly<Record<string, unknown>>;

/** A resource to put, with the metadata that marks it as ours. */
export interface Resource {
  readonly kind: ResourceKind;
  readonly name: string;
  /** What `PUT` takes. */
  readonly body: Json;
  readonly mark: Mark;
}

/** The owner and the definition's digest of a resource. */
export interface Mark {
  readonly managed_by: string;
  readonly version: number;
  readonly digest: string;
}

/** A kind of resource: its name, its path, and where a definition has its metadata. */
export interface ResourceKind {
  readonly title: string;
  readonly path: (name: string) => string;
  /** The definition in the answer to a `GET`. */
  readonly read: (answer: Json, name: string) => Json | undefined;
  /** The object that holds the metadata. */
  readonly metadata: (definition: Json) => Json | undefined;
  readonly withMetadata: (definition: Json, metadata: Json) => Json;
}

const withMeta: ResourceKind['withMetadata'] = (definition, metadata) => ({
  ...definition,
  _meta: { ...asObject(definition['_meta']), ...metadata },
});
const metaOf: ResourceKind['metadata'] = (definition) => definition['_meta'] as Json | undefined;

/**
 * Component templates:
 * https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-cluster-put-component-template.
 */
export const COMPONENT_TEMPLATE: ResourceKind = {
  title: 'component template',
  path: (name) => `/_component_template/${name}`,
  read: (answer) => firstOf(answer['component_templates'])?.['component_template'] as Json | undefined,
  metadata: metaOf,
  withMetadata: (definition, metadata) => ({ ...withMeta(definition, metadata), version: metadata['version'] }),
};

/**
 * Index templates:
 * https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-indices-put-index-template.
 */
export const INDEX_TEMPLATE: ResourceKind = {
  title: 'index template',
  path: (name) => `/_index_template/${name}`,
  read: (answer) => firstOf(answer['index_templates'])?.['index_template'] as Json | undefined,
  metadata: metaOf,
  withMetadata: (definition, metadata) => ({ ...withMeta(definition, metadata), version: metadata['version'] }),
};

/**
 * Lifecycle policies:
 * https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-ilm-put-lifecycle.
 */
export const LIFECYCLE_POLICY: ResourceKind = {
  title: 'lifecycle policy',
  path: (name) => `/_ilm/policy/${name}`,
  read: (answer, name) => answer[name] as Json | undefined,
  metadata: (definition) => metaOf(asObject(definition['policy'])),
  withMetadata: (definition, metadata) => ({ policy: withMeta(asObject(definition['policy']), metadata) }),
};

/**
 * Roles: https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-security-put-role.
 */
export const ROLE: ResourceKind = {
  title: 'role',
  path: (name) => `/_security/role/${name}`,
  read: (answer, name) => answer[name] as Json | undefined,
  metadata: (definition) => definition['metadata'] as Json | undefined,
  withMetadata: (definition, metadata) => ({
    ...definition,
    metadata: { ...asObject(definition['metadata']), ...metadata },
  }),
};

/** A resource from its plain definition; the digest is that of the definition as given. */
export function markedResource(kind: ResourceKind, name: string, version: number, definition: Json): Resource {
  const mark = markOf(version, definition);
  return { kind, name, body: kind.withMetadata(definition, { ...mark }), mark };
}

/** The mark of a definition. */
export function markOf(version: number, definition: unknown): Mark {
  return { managed_by: OWNER, version, digest: digestId([JSON.stringify(definition)]) };
}

/** An object, or an empty one for anything else. */
export function asObject(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

function firstOf(list: unknown): Json | undefined {
  return Array.isArray(list) ? (list[0] as Json | undefined) : undefined;
}
