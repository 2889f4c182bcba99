// Settings from one validated place: defaults, then the file, then the environment. The only file
// that reads the environment.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { z } from 'zod';
import { type ConfigProblem, problemsInIssue, showPath } from './config-issue.ts';
import { type Environment, readEnvironment } from './environment.ts';
import { ConfigError, errorText } from './errors.ts';
import { shownValue } from './masking.ts';
import { unreadableFiles } from './readable-files.ts';
import { isMapping, isReadWhole } from './schema-tree.ts';
import { decodeText, type PathProblem, readSecretFiles } from './secret-files.ts';
import { describeSettings, getPath, type Setting, setPath } from './settings.ts';
import { readYaml, type YamlSource } from './yaml-source.ts';

/**
 * The sections that foghorn.yaml may have. One file serves all services, so a service skips
 * sections that are another's.
 */
export const SECTIONS = [
  'log',
  'kafka',
  'elasticsearch',
  'redis',
  'collector',
  'enricher',
  'indexer',
  'notifier',
  'console',
] as const;

/** The sources of a program's settings. */
export interface ConfigSource {
  readonly env: Environment;
  /** The file's name and text, where there is one. */
  readonly file?: { readonly name: string; readonly text: string };
  /** Values by path, e.g. `console.url`, where neither the file nor the environment has one. */
  readonly defaults?: Readonly<Record<string, unknown>>;
}

/** The options of the command line. */
interface CommandLine {
  readonly action: 'run' | 'help' | 'print-config';
  readonly configFile: string | undefined;
}

/** Settings as written, before a schema has read them: nothing in them can be relied on. */
export interface RawConfig {
  /** Of the service's own sections, the environment included. */
  readonly input: Readonly<Record<string, unknown>>;
  /** All sections of the file, those of other services included. */
  readonly file: Readonly<Record<string, unknown>>;
  readonly env: Environment;
}

/** What is to be checked besides the schema. */
interface ConfigChecks {
  /** Whether files and folders that settings name have to be there. */
  readonly areFilesChecked?: boolean;
  /** Problems between settings, looked for also where the schema finds problems of its own. */
  check?(raw: RawConfig): readonly ConfigProblem[];
  /**
   * Only these settings count; everything else may be wrong or unreadable. Paths joined with dots.
   */
  readonly only?: readonly string[];
}

/** The result of checking settings. */
interface ConfigReport<C> {
  /** Undefined when there are problems. */
  readonly config: C | undefined;
  /** One line each, with file, line and column. */
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

const DEFAULT_FILE = 'foghorn.yaml';

/** Reads the command line of a service. Throws ConfigError for an unknown option. */
export function readCommandLine(argv: readonly string[]): CommandLine {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        help: { type: 'boolean', short: 'h' },
        config: { type: 'string', short: 'c' },
        'print-config': { type: 'boolean' },
      },
    });
    const action = values.help === true ? 'help' : values['print-config'] === true ? 'print-config' : 'run';
    return { action, configFile: values.config };
  } catch (error) {
    throw new ConfigError(`${errorText(error)} Options: --config FILE, --print-config, --help.`);
  }
}

/**
 * Reads the process environment and the file named on the command line, by FOGHORN_CONFIG, or
 * ./foghorn.yaml where it exists. Throws ConfigError for one that cannot be read.
 */
export function readConfigSource(configFile: string | undefined): ConfigSource {
  const env = process.env;
  const variable = env['FOGHORN_CONFIG'] ?? '';
  const named = configFile ?? (variable === '' ? undefined : variable);
  const name = named ?? DEFAULT_FILE;
  let bytes: Buffer;
  try {
    bytes = readFileSync(name);
  } catch (error) {
    if (named === undefined && (error as NodeJS.ErrnoException).code === 'ENOENT') return { env };
    throw new ConfigError(`The configuration file ${name} cannot be read: ${errorText(error)}`);
  }
  const text = decodeText(bytes);
  if (text === undefined || text.includes('\0'))
    throw new ConfigError(`The configuration file ${name} is not UTF-8 text. Save it as UTF-8 without zero bytes.`);
  return { env, file: { name, text } };
}

/**
 * The configuration of a service. Unknown keys and bad values stop the start: a ConfigError lists
 * all of them at once, each with its place, its key, its value (masked when secret) and what is
 * allowed.
 */
export function loadConfig<S extends z.ZodType>(
  schema: S,
  source: ConfigSource,
  checks: ConfigChecks = {},
): z.infer<S> {
  const { config, problems } = examineConfig(schema, source, checks);
  if (config === undefined) throw configError(problems);
  return config;
}

/** The error that stops a start because of these problems. */
export function configError(problems: readonly string[]): ConfigError {
  return new ConfigError(
    `The configuration cannot be used:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
  );
}

/** Reads and checks settings; gives every problem and warning. */
export function examineConfig<S extends z.ZodType>(
  schema: S,
  source: ConfigSource,
  checks: ConfigChecks = {},
): ConfigReport<z.infer<S>> {
  try {
    return examine(schema, source, checks);
  } catch (error) {
    // A file nested deeper than the stack.
    if (!(error instanceof RangeError)) throw error;
    return {
      config: undefined,
      problems: [`${source.file?.name ?? 'The environment'} is nested too deeply.`],
      warnings: [],
    };
  }
}

function examine<S extends z.ZodType>(schema: S, source: ConfigSource, checks: ConfigChecks): ConfigReport<z.infer<S>> {
  const yaml = source.file === undefined ? undefined : readYaml(source.file.name, source.file.text);
  const all = isMapping(yaml?.value) ? yaml.value : {};
  const settings = describeSettings(schema);
  const { only } = checks;
  const input = only === undefined ? ownSections(all, settings) : picked(all, only);
  const wanted = settings.filter(({ path }) => only === undefined || only.includes(path.join('.')));
  const others = SECTIONS.filter((section) => !isReadWhole(schema, section));
  const fromEnv = readEnvironment(source.env, { settings: wanted, sections: SECTIONS, others, input });
  fillIn(input, source.defaults, wanted);
  const { data, found } = validate(schema, { input, file: all, env: source.env, settings }, checks);
  const place = placer(yaml, fromEnv.origins);
  const problems = [
    ...fileProblems(source.file?.name, yaml),
    ...(only === undefined ? fromEnv.problems : []),
    ...found.filter(({ isWarning }) => isWarning !== true).map(place),
  ];
  const warnings = found.filter(({ isWarning }) => isWarning === true).map(place);
  return {
    config: problems.length === 0 ? data : undefined,
    problems: [...new Set(problems)],
    warnings: [...new Set(warnings)],
  };
}

/** A secret that a file holds is there, too. */
function fillIn(
  input: Record<string, unknown>,
  defaults: ConfigSource['defaults'] = {},
  settings: readonly Setting[],
): void {
  for (const { path } of settings) {
    const value = defaults[path.join('.')];
    const inFile = [...path.slice(0, -1), `${path.at(-1)}File`];
    if (value !== undefined && getPath(input, path) === undefined && getPath(input, inFile) === undefined)
      setPath(input, path, value);
  }
}

/**
 * What the schema, the files and the service's own checks find; reads secrets from files into
 * `input`.
 */
function validate<S extends z.ZodType>(
  schema: S,
  { input, file, env, settings }: RawConfig & { readonly settings: readonly Setting[] },
  { areFilesChecked = false, check }: ConfigChecks,
): { readonly data: z.infer<S> | undefined; readonly found: readonly ConfigProblem[] } {
  const toProblem = ({ path, message }: PathProblem): ConfigProblem => ({
    path,
    at: 'value',
    text: `${showPath(path, schema)}: ${message}${message.endsWith('.') || message.endsWith('?') ? '' : '.'}`,
  });
  const unread = readSecretFiles(schema, input);
  const parsed = schema.safeParse(input);
  const context = { schema, input, settings, sections: SECTIONS };
  const issues = (parsed.error?.issues ?? []).flatMap((issue) => problemsInIssue(issue, context));
  const found = [
    ...unread.map(toProblem),
    ...issues.filter(({ path }) => !unread.some((problem) => isSecretOf(problem.path, path))),
    ...(areFilesChecked ? unreadableFiles(schema, input).map(toProblem) : []),
    ...(check?.({ input, file, env }) ?? []),
  ];
  return { data: parsed.data, found };
}

function fileProblems(name: string | undefined, yaml: YamlSource | undefined): readonly string[] {
  if (yaml === undefined) return [];
  if (yaml.problems.length > 0) return yaml.problems.map(({ where, message }) => `${where}: ${message}.`);
  const isEmpty = yaml.value === null || yaml.value === undefined;
  return isEmpty || isMapping(yaml.value) ? [] : [`${name} holds no mapping: its sections are ${SECTIONS.join(', ')}.`];
}

/** Whether a problem of `XFile` explains that `X` is missing. */
function isSecretOf(file: readonly string[], path: readonly string[]): boolean {
  return file.join('.') === `${path.join('.')}File`;
}

/** Puts the place in front of a problem: file, line and column, or the environment variable. */
function placer(
  yaml: YamlSource | undefined,
  origins: ReadonlyMap<string, string>,
): (problem: ConfigProblem) => string {
  return ({ path, at, text }) => {
    for (let length = path.length; length > 0; length -= 1) {
      const variable = origins.get(path.slice(0, length).join('.'));
      if (variable !== undefined) return `environment variable ${variable}: ${text}`;
    }
    const where = yaml?.locate(path, at);
    return where === undefined ? text : `${where}: ${text}`;
  };
}

/** The effective configuration as YAML-like lines, `path: value`, with secrets masked. */
export function printConfig(schema: z.ZodType, config: unknown): string {
  return describeSettings(schema)
    .map((setting) => `${setting.path.join('.')}: ${shownValue([setting.schema], getPath(config, setting.path))}`)
    .join('\n');
}

/** The text of `--help`: every setting with its environment variable, default, unit and meaning. */
export function helpText(name: string, summary: string, schema: z.ZodType): string {
  const lines = describeSettings(schema).map((setting) => {
    const alias = setting.alias === undefined ? '' : ` or ${setting.alias}`;
    const unit = setting.unit === undefined ? '' : ` Unit: ${setting.unit}.`;
    const ofFile = setting.holdsSecrets
      ? ` Or a file that holds it: ${setting.path.at(-1)}File, ${setting.env}_FILE.`
      : '';
    const fallback = setting.default === undefined ? '(not set)' : JSON.stringify(setting.default);
    return `  ${setting.path.join('.')}  (${setting.env}${alias})\n      ${setting.description}${unit} Default: ${fallback}. Allowed: ${setting.allowed}.${ofFile}`;
  });
  return [
    `${name}: ${summary}`,
    '',
    'Options: --config FILE (default ./foghorn.yaml, or FOGHORN_CONFIG), --print-config, --help',
    '',
    'Settings, from weakest to strongest: default, file, environment.',
    ...lines,
  ].join('\n');
}

function ownSections(all: Record<string, unknown>, settings: readonly Setting[]): Record<string, unknown> {
  const own = new Set(settings.map((setting) => setting.path[0]));
  const others = new Set<string>(SECTIONS.filter((section) => !own.has(section)));
  return structuredClone(Object.fromEntries(Object.entries(all).filter(([section]) => !others.has(section))));
}

function picked(all: Record<string, unknown>, only: readonly string[]): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  for (const path of only.flatMap((name) => [name, `${name}File`]).map((name) => name.split('.'))) {
    const value = getPath(all, path);
    if (value !== undefined) setPath(input, path, value);
  }
  return structuredClone(input);
}
