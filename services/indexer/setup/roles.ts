// The least rights of each program and person: roles, and the API key of the indexer.
import type { ElasticsearchSettings } from '../../../shared/elasticsearch/client.ts';
import { indexNames } from '../../../shared/elasticsearch/names.ts';
import { type Json, type Mark, markedResource, markOf, type Resource, ROLE } from './resource.ts';

/** Grows with every change of the definitions. */
const VERSION = 2;

/**
 * The indexer's role, whose name its API key has too, and the readers'. Each namespace has its own,
 * so that two installations in a cluster do not overwrite each other's.
 */
function roleNames({ namespace }: ElasticsearchSettings): { readonly indexer: string; readonly reader: string } {
  const suffix = namespace === 'default' ? '' : `_${namespace}`;
  return { indexer: `foghorn_indexer${suffix}`, reader: `foghorn_reader${suffix}` };
}

/**
 * The roles. Privileges: https://www.elastic.co/docs/reference/elasticsearch/security-privileges.
 */
export function roleResources(settings: ElasticsearchSettings): readonly Resource[] {
  const { indexer, reader } = roleNames(settings);
  return [
    markedResource(ROLE, indexer, VERSION, indexerRole(settings)),
    markedResource(ROLE, reader, VERSION, readerRole(settings)),
  ];
}

/** An API key as `POST /_security/api_key` takes it; it can do what the indexer's role can. */
export function apiKeyRequest(settings: ElasticsearchSettings): { readonly body: Json; readonly mark: Mark } {
  const role = indexerRole(settings);
  const mark = markOf(VERSION, role);
  const { indexer: name } = roleNames(settings);
  return { body: { name, role_descriptors: { [name]: role }, metadata: { ...mark } }, mark };
}

/**
 * Writes documents, never deletes one, and changes none but incidents and
 * sources. Templates are
 * `foghorn setup`'s matter: set indexer.installTemplates to false.
 */
function indexerRole(settings: ElasticsearchSettings): Json {
  const { events, actions, deadLetters, incidents, sources } = indexNames(settings);
  return {
    cluster: ['monitor'],
    indices: [
      {
        names: [events, actions, deadLetters],
        // Reading and refreshing are for the lookup of documents written before a rollover.
        privileges: ['auto_configure', 'create_doc', 'read', 'view_index_metadata', 'maintenance'],
      },
      { names: [incidents, sources], privileges: ['auto_configure', 'index', 'read', 'view_index_metadata'] },
    ],
  };
}

/** For people in Kibana and for the console. */
function readerRole(settings: ElasticsearchSettings): Json {
  const { events, actions, deadLetters, incidents, catalog, sources } = indexNames(settings);
  const names = [events, actions, deadLetters, incidents, catalog, sources];
  return { cluster: ['monitor'], indices: [{ names, privileges: ['read', 'view_index_metadata'] }] };
}
