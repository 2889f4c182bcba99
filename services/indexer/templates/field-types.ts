// The field types of the templates, and the type of an index template.

/** A mapping of fields. */
export type Mapping = Readonly<Record<string, unknown>>;

/** An index template with its name, as `PUT _index_template/<name>` takes it. */
export interface IndexTemplate {
  readonly name: string;
  readonly body: {
    readonly index_patterns: readonly string[];
    readonly priority: number;
    readonly version: number;
    readonly _meta: { readonly managed_by: string; readonly description: string };
    readonly template: Readonly<Record<string, unknown>>;
    readonly [key: string]: unknown;
  };
}

/** The owner mark of a template; one with another owner is not changed. */
export const OWNER = 'foghorn';

/** Above the built-in `logs-*-*` (100) and the templates of Elastic's integrations (200). */
export const PRIORITY = 250;

/** Longer values stay in the document and are not searchable, as Winlogbeat has it. */
const MAX_KEYWORD_LENGTH = 1024;

/** An exact string. */
export const KEYWORD: Mapping = { type: 'keyword', ignore_above: MAX_KEYWORD_LENGTH };
/**
 * Characters of four bytes that one term can hold: 32,766 bytes, for the clusters that have
 * keywords for want of wildcards.
 */
export const MAX_TERM_LENGTH = 8191;
/** Long texts, searched by parts of them, whatever their length; the cluster may lack the type. */
export const WILDCARD: Mapping = { type: 'wildcard' };
/** Prose; the cluster may lack the type, see `template-installer.ts`. */
export const PROSE: Mapping = { type: 'match_only_text' };
/** Any number of keys as one field, so that no event makes the mapping explode. */
export const FLATTENED: Mapping = { type: 'flattened', ignore_above: MAX_KEYWORD_LENGTH };
/** A point in time. */
export const DATE: Mapping = { type: 'date' };
/** The time stamp of a data stream, which may not be malformed. */
export const TIMESTAMP: Mapping = { type: 'date', ignore_malformed: false };
/** A whole number. */
export const LONG: Mapping = { type: 'long' };
/** Kept in the document, not searchable. */
export const STORED_ONLY: Mapping = { type: 'object', enabled: false };

/** An object with these fields. */
export function object(properties: Mapping): Mapping {
  return { properties };
}

/** An object of exact strings. */
export function keywords(...names: readonly string[]): Mapping {
  return Object.fromEntries(names.map((name) => [name, KEYWORD]));
}

/** The `data_stream.*` fields, which are the same in every document. */
export function dataStreamFields(dataset: string): Mapping {
  return object({
    type: { type: 'constant_keyword', value: 'logs' },
    dataset: { type: 'constant_keyword', value: dataset },
    namespace: { type: 'constant_keyword' },
  });
}
