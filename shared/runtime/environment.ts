// Settings from environment variables, and variables that only look like settings.
import { FILE_SUFFIX } from './secret-files.ts';
import { didYouMean } from './nearest.ts';
import { isMapping } from './schema-tree.ts';
import { isDeeperThan, MAX_DEPTH } from './yaml-source.ts';
import { getPath, type Setting, setPath } from './settings.ts';

/** The variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What was read: where each value came from, by its path joined with dots, and what is wrong,
 * complete sentences.
 */
interface FromEnvironment {
  readonly origins: ReadonlyMap<string, string>;
  readonly problems: readonly string[];
}

const PREFIX = 'FOGHORN_';
/** Variables with the prefix that are no settings. */
const OTHERS = ['FOGHORN_CONFIG'];
/**
 * The variables that Kubernetes makes for a Service, here one called foghorn-….
 * https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
 */
const OF_KUBERNETES =
  /_(?:SERVICE_HOST|SERVICE_PORT(?:_[A-Z\d_]+)?|PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)$/u;
const KUBERNETES_PORT = /^(?:tcp|udp|sctp):\/\//u;

/** Sets in `input` what variables say; an empty one counts as not set. */
export function readEnvironment(
  env: Environment,
  target: {
    readonly settings: readonly Setting[];
    readonly sections: readonly string[];
    /** The sections of which another service reads further settings. */
    readonly others: readonly string[];
    readonly input: Record<string, unknown>;
  },
): FromEnvironment {
  const { settings, input } = target;
  const origins = new Map<string, string>();
  const problems: string[] = [];
  for (const setting of settings) {
    const found = variablesOf(setting).filter(({ name }) => (env[name] ?? '') !== '');
    const [first] = found;
    if (first === undefined) continue;
    if (new Set(found.map(({ isFile }) => isFile)).size > 1) {
      problems.push(`${found.map(({ name }) => name).join(' and ')} are both set: keep one of them.`);
      continue;
    }
    const path = [...setting.path.slice(0, -1), `${setting.path.at(-1)}${FILE_SUFFIX}`];
    // The environment overrides the file, also where the file has the same secret in the other
    // form.
    removePath(input, first.isFile ? setting.path : path);
    const target_ = first.isFile ? path : setting.path;
    origins.set(target_.join('.'), first.name);
    const value = first.isFile ? env[first.name] : fromText(setting, env[first.name] ?? '');
    if (value === NOT_JSON)
      problems.push(
        `${first.name} is not JSON, or nested too deeply, and has to be JSON for ${setting.path.join('.')}.`,
      );
    else setPath(input, target_, value);
  }
  return { origins, problems: [...problems, ...unknownNames(env, target)] };
}

interface Variable {
  readonly name: string;
  readonly isFile: boolean;
}

function variablesOf({ env, alias, holdsSecrets }: Setting): readonly Variable[] {
  const names = alias === undefined ? [env] : [env, alias];
  // Of variables such as HTTPS_PROXY programs know both spellings, and of some only the small one.
  const small = alias?.endsWith('_PROXY') === true ? [alias.toLowerCase()] : [];
  const direct = [...names, ...small].map((name) => ({ name, isFile: false }));
  return holdsSecrets ? [...direct, ...names.map((name) => ({ name: `${name}_FILE`, isFile: true }))] : direct;
}

function unknownNames(
  env: Environment,
  { settings, sections, others }: Omit<Parameters<typeof readEnvironment>[1], 'input'>,
): readonly string[] {
  const known = new Set([...OTHERS, ...settings.flatMap(variablesOf).map(({ name }) => name)]);
  return Object.entries(env).flatMap(([name, value = '']) => {
    if (!name.toUpperCase().startsWith(PREFIX) || known.has(name)) return [];
    if (OF_KUBERNETES.test(name) || KUBERNETES_PORT.test(value)) return [];
    const section = sections.find((candidate) => name.startsWith(`${PREFIX}${candidate.toUpperCase()}_`));
    if (section !== undefined && others.includes(section)) return [];
    const guess = didYouMean(name, known);
    if (section !== undefined) return [`${name} is no setting of ${section}; --help lists them.${guess}`];
    return [`${name} is no setting.${guess} Sections: ${sections.join(', ')}.`];
  });
}

const NOT_JSON = Symbol('not JSON');

/** A value that cannot be converted stays text, so that the schema's complaint shows it. */
function fromText(setting: Setting, text: string): unknown {
  if (setting.type === 'number') return /^\s*-?\d+(?:\.\d+)?\s*$/u.test(text) ? Number(text) : text;
  if (setting.type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  if (setting.type === 'list')
    return text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
  if (setting.type !== 'object') return text;
  try {
    const value: unknown = JSON.parse(text);
    return isDeeperThan(value, MAX_DEPTH) ? NOT_JSON : value;
  } catch {
    // The text may hold secrets, and so may the parser's message.
    return NOT_JSON;
  }
}

function removePath(input: Record<string, unknown>, path: readonly string[]): void {
  const parent = path.length === 1 ? input : getPath(input, path.slice(0, -1));
  if (isMapping(parent)) delete parent[path.at(-1) ?? ''];
}
