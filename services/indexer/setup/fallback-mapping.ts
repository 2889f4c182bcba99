// Adapts a definition to a cluster that lacks a feature that Foghorn can do without.
import { KEYWORD, MAX_TERM_LENGTH } from '../templates/field-types.ts';
import type { Json } from './resource.ts';

/** An adapted body, and what was replaced by what. */
export interface FallbackMapping {
  readonly body: Json;
  readonly unsupported: string;
  readonly instead: string;
}

/** Field types of modules that a cluster may lack, and those that every cluster has instead. */
const FALLBACK_TYPES: Readonly<Record<string, string>> = {
  match_only_text: 'text',
  constant_keyword: 'keyword',
  flattened: 'object',
  wildcard: 'keyword',
  scaled_float: 'double',
};

/** Parts of a definition that older clusters do not know, with the text of their refusals. */
const OPTIONS: readonly { readonly key: string; readonly refusal: RegExp }[] = [
  { key: 'data_stream_options', refusal: /data_stream_options/u },
  { key: 'ignore_missing_component_templates', refusal: /ignore_missing_component_templates/u },
  { key: 'ignore_dynamic_beyond_limit', refusal: /ignore_dynamic_beyond_limit/u },
  { key: 'mode', refusal: /\[(?:logsdb|lookup)\] is an invalid index mode|index\.mode/u },
];

/** An adapted body, by the cluster's refusal; undefined for a refusal of another kind. */
export function fallbackMapping(body: Json, refusal: string): FallbackMapping | undefined {
  const unsupported = /(?:mapper|handler for|found for) type \[(\w+)\]/u.exec(refusal)?.[1] ?? '';
  const instead = FALLBACK_TYPES[unsupported];
  if (instead !== undefined) return { body: replaceType(body, unsupported, instead), unsupported, instead };
  const option = OPTIONS.find((one) => one.refusal.test(refusal));
  return option === undefined
    ? undefined
    : { body: withoutKey(body, option.key), unsupported: option.key, instead: 'nothing' };
}

function replaceType(body: Json, type: string, instead: string): Json {
  return mapObjects(body, (value) => {
    if (value['type'] !== type) return value;
    if (type === 'wildcard') return { ignore_above: MAX_TERM_LENGTH, ...value, type: instead };
    // Parameters of one type mean nothing to another, except that strings of both kinds know how to
    // skip what is too long.
    return instead === KEYWORD['type'] ? KEYWORD : { type: instead };
  });
}

function withoutKey(body: Json, key: string): Json {
  return mapObjects(body, (value) => Object.fromEntries(Object.entries(value).filter(([name]) => name !== key)));
}

function mapObjects(value: Json, change: (value: Json) => Json): Json {
  return Object.fromEntries(Object.entries(change(value)).map(([key, child]) => [key, mapInner(child, change)]));
}

function mapInner(value: unknown, change: (value: Json) => Json): unknown {
  if (Array.isArray(value)) return value.map((item) => mapInner(item, change));
  return typeof value === 'object' && value !== null ? mapObjects(value as Json, change) : value;
}
