// ECS and the agents' fields as a mapping: objects declared, leaves typed by their path when they
// come.
import { eachField, FIELD_TREE, type FieldTree, type LeafType } from '../../../shared/ecs/field-tree.ts';
import { EVENT_DATA, USER_DATA } from './event-data.ts';
import { DATE, FLATTENED, KEYWORD, LONG, type Mapping, object, PROSE, WILDCARD } from './field-types.ts';

/** Objects that are declared with all their fields: every event has many of them. */
const WHOLE: ReadonlySet<string> = new Set(['event', 'winlog', 'rule', 'ecs']);
/**
 * Single fields that are declared: dashboards, lists and ES|QL refuse a name that no document has
 * had yet.
 */
const DECLARED: ReadonlySet<string> = new Set([
  'agent.ephemeral_id',
  'agent.id',
  'agent.name',
  'agent.type',
  'agent.version',
  'error.code',
  'error.message',
  'host.name',
  'log.level',
  'network.transport',
  'server.port',
]);
const WITH_WORDS: Mapping = { fields: { text: PROSE } };
const NOT_SEARCHED: Mapping = { type: 'keyword', index: false, doc_values: false };

const TYPES: Readonly<Record<LeafType, Mapping>> = {
  keyword: KEYWORD,
  'keyword+': { ...KEYWORD, ...WITH_WORDS },
  wildcard: WILDCARD,
  'wildcard+': { ...WILDCARD, ...WITH_WORDS },
  match_only_text: PROSE,
  constant_keyword: KEYWORD,
  long: LONG,
  float: { type: 'float' },
  scaled_float: { type: 'scaled_float', scaling_factor: 1000 },
  boolean: { type: 'boolean' },
  date: DATE,
  ip: { type: 'ip' },
  geo_point: { type: 'geo_point' },
  flattened: FLATTENED,
};

/** Fields that nobody searches for, and objects whose names are those of Windows. */
const EXCEPTIONS: Readonly<Record<string, Mapping>> = {
  'event.original': NOT_SEARCHED,
  'winlog.event_data': EVENT_DATA,
  'winlog.user_data': USER_DATA,
};

/**
 * All objects, the fields at the top, and those that are declared by name; below an object that is
 * not whole a field is mapped with the first document that has it.
 */
export function declaredFields(): Mapping {
  return Object.fromEntries([...FIELD_TREE].map(([name, field]) => [name, declared(field, name, WHOLE.has(name))]));
}

function declared(field: FieldTree | LeafType, path: string, isWhole: boolean): Mapping {
  if (typeof field === 'string') return typeOf(path, field);
  const inner: Record<string, Mapping> = {};
  for (const [name, child] of field) {
    const childPath = `${path}.${name}`;
    if (isWhole || typeof child !== 'string' || DECLARED.has(childPath))
      inner[name] = declared(child, childPath, isWhole);
  }
  const isTop = !path.includes('.');
  return isTop && !isWhole ? { dynamic: true, ...object(inner) } : object(inner);
}

/**
 * One rule for each type that holds the paths of its fields; any other value is a keyword, whether
 * a text or a number came first.
 */
export function dynamicTemplates(): readonly Mapping[] {
  const paths = new Map<LeafType, string[]>();
  eachField(FIELD_TREE, (path, field) => {
    const isDeclared = !path.includes('.') || WHOLE.has(path.split('.')[0] ?? '') || DECLARED.has(path);
    if (typeof field !== 'string' || field === 'keyword' || isDeclared) return;
    const list = paths.get(field);
    if (list === undefined) paths.set(field, [path]);
    else list.push(path);
  });
  return [
    ...[...paths].map(([type, list]) => ({
      [`known_${type.replace('+', '_and_words').replace('match_only_text', 'words')}`]: {
        path_match: list,
        mapping: TYPES[type],
      },
    })),
    ...['string', 'long', 'double', 'boolean'].map((type) => ({
      [`any_${type}_as_keyword`]: { match_mapping_type: type, mapping: KEYWORD },
    })),
  ];
}

function typeOf(path: string, type: LeafType): Mapping {
  return EXCEPTIONS[path] ?? TYPES[type];
}
