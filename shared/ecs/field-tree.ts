// The fields of ECS and of the agents as a tree of objects and leaves. Pure.
import { AGENT_FIELDS } from './agent-fields.ts';
import { ECS_FIELDS } from './ecs-fields.ts';

/**
 * The types of leaves, as Elasticsearch names them. `+` is a further field `text` beside it, for
 * words.
 */
export type LeafType =
  | 'keyword'
  | 'keyword+'
  | 'wildcard'
  | 'wildcard+'
  | 'match_only_text'
  | 'constant_keyword'
  | 'long'
  | 'float'
  | 'scaled_float'
  | 'boolean'
  | 'date'
  | 'ip'
  | 'geo_point'
  | 'flattened';

/** The fields of an object by their names. */
export type FieldTree = ReadonlyMap<string, FieldTree | LeafType>;

type Growing = Map<string, Growing | LeafType>;

/** ECS, and what Winlogbeat and Elastic Agent write beyond it. */
export const FIELD_TREE: FieldTree = readFields(ECS_FIELDS, AGENT_FIELDS);

/**
 * Reads words such as `agent { id version:keyword+ }`, a keyword where no type is given. Where two
 * texts differ, the later counts. Throws a TypeError for braces that do not match.
 */
export function readFields(...texts: readonly string[]): FieldTree {
  const root: Growing = new Map();
  for (const text of texts) addFields(root, text);
  return root;
}

function addFields(root: Growing, text: string): void {
  const open: Growing[] = [root];
  const words = text.trim().split(/\s+/u);
  for (const [at, word] of words.entries()) {
    const place = open.at(-1);
    if (place === undefined) throw new TypeError(`A brace too many before ${word}.`);
    if (word === '}') open.pop();
    else if (words[at + 1] === '{') open.push(objectIn(place, word));
    else if (word !== '{') {
      const [name = '', type = 'keyword'] = word.split(':');
      place.set(name, type as LeafType);
    }
  }
  if (open.length !== 1) throw new TypeError('Braces do not match.');
}

function objectIn(place: Growing, name: string): Growing {
  const present = place.get(name);
  if (present instanceof Map) return present;
  const made: Growing = new Map();
  place.set(name, made);
  return made;
}

/** Calls with the dotted path of each object and leaf. */
export function eachField(
  tree: FieldTree,
  call: (path: string, field: FieldTree | LeafType) => void,
  above = '',
): void {
  for (const [name, field] of tree) {
    const path = above === '' ? name : `${above}.${name}`;
    call(path, field);
    if (typeof field !== 'string') eachField(field, call, path);
  }
}
