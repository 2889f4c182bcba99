// Settings from one validated place: defaults, then the file, then the environment. The only file that reads the environment.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { parseDocument } from 'yaml';
import type { z } from 'zod';
import { ConfigError, messageOf } from './errors.ts';
import { describeSettings, getPath, type Setting, setPath } from './settings.ts';

/** The sections that foghorn.yaml may have. One file serves all services, so a service skips sections that are another's. */
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

/** The outside of a program as far as its settings are concerned. */
export interface ConfigSource {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The file's name and text, where there is one. */
  readonly file?: { readonly name: string; readonly text: string };
}

/** What the command line asked for. */
export interface CommandLine {
  readonly action: 'run' | 'help' | 'print-config';
  readonly configFile: string | undefined;
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
    throw new ConfigError(`${messageOf(error)} Options: --config FILE, --print-config, --help.`);
  }
}

/** Reads the process environment and the file named on the command line, by FOGHORN_CONFIG, or ./foghorn.yaml where it exists. */
export function readConfigSource(configFile: string | undefined): ConfigSource {
  const env = process.env;
  const named = configFile ?? env['FOGHORN_CONFIG'];
  const name = named ?? DEFAULT_FILE;
  try {
    return { env, file: { name, text: readFileSync(name, 'utf8') } };
  } catch (error) {
    if (named === undefined && (error as NodeJS.ErrnoException).code === 'ENOENT') return { env };
    throw new ConfigError(`The configuration file ${name} cannot be read: ${messageOf(error)}`);
  }
}

/**
 * The configuration of a service. Unknown keys and bad values stop the start: a ConfigError lists all of them at once, each with its key,
 * its value (masked when secret) and what is allowed.
 */
export function loadConfig<S extends z.ZodType>(schema: S, source: ConfigSource): z.infer<S> {
  const settings = describeSettings(schema);
  const faults: string[] = [];
  const input = readFile(source.file, settings, faults);
  readEnvironment(source.env, { settings, input, faults });
  const parsed = schema.safeParse(input);
  if (!parsed.success) faults.push(...parsed.error.issues.map((issue) => describeIssue(issue, input, settings)));
  if (faults.length > 0 || !parsed.success)
    throw new ConfigError(`The configuration cannot be used:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
  return parsed.data;
}

/** The effective configuration as YAML-like lines, `path: value`, with secrets masked. */
export function printConfig(schema: z.ZodType, config: unknown): string {
  return describeSettings(schema)
    .map((setting) => `${setting.path.join('.')}: ${shown(setting, getPath(config, setting.path))}`)
    .join('\n');
}

/** The text of `--help`: every setting with its environment variable, default, unit and meaning. */
export function helpText(name: string, summary: string, schema: z.ZodType): string {
  const lines = describeSettings(schema).map((setting) => {
    const alias = setting.alias === undefined ? '' : ` or ${setting.alias}`;
    return `  ${setting.path.join('.')}  (${setting.env}${alias})\n      ${setting.description}${unitOf(setting)} Default: ${shown({ ...setting, secret: false }, setting.default)}. Allowed: ${setting.allowed}.`;
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

function unitOf(setting: Setting): string {
  return setting.unit === undefined ? '' : ` Unit: ${setting.unit}.`;
}

function shown(setting: Pick<Setting, 'secret'>, value: unknown): string {
  if (value === undefined) return '(not set)';
  if (setting.secret === true && value !== '') return '********';
  if (typeof value === 'object') return JSON.stringify(value, masked);
  return JSON.stringify(value);
}

function masked(key: string, value: unknown): unknown {
  return SECRET_KEYS.has(key) ? '********' : value;
}

/** Keys inside structured settings (receivers) whose values are secrets. */
const SECRET_KEYS: ReadonlySet<string> = new Set([
  'token',
  'secret',
  'password',
  'apiKey',
  'authorization',
  'headers',
  'routingKey',
  'webhookUrl',
  'workflowUrl',
]);

function readFile(file: ConfigSource['file'], settings: readonly Setting[], faults: string[]): Record<string, unknown> {
  if (file === undefined) return {};
  const document = parseDocument(file.text);
  for (const error of document.errors) faults.push(`${file.name}: ${error.message}`);
  const value: unknown = document.errors.length > 0 ? {} : document.toJS();
  if (value === null || value === undefined) return {};
  if (typeof value !== 'object' || Array.isArray(value)) {
    faults.push(`${file.name} holds no mapping: its sections are ${SECTIONS.join(', ')}.`);
    return {};
  }
  const own = new Set(settings.map((setting) => setting.path[0]));
  const others = new Set<string>(SECTIONS.filter((section) => !own.has(section)));
  return Object.fromEntries(Object.entries(value).filter(([section]) => !others.has(section)));
}

function readEnvironment(
  env: ConfigSource['env'],
  target: { readonly settings: readonly Setting[]; readonly input: Record<string, unknown>; readonly faults: string[] },
): void {
  const known = new Set(['FOGHORN_CONFIG']);
  for (const setting of target.settings) {
    known.add(setting.env);
    const name = [setting.env, setting.alias].find(
      (candidate) => candidate !== undefined && (env[candidate] ?? '') !== '',
    );
    if (name !== undefined) setPath(target.input, setting.path, fromText(setting, env[name] ?? ''));
  }
  const sections = new Set(target.settings.map((setting) => setting.path[0]));
  for (const name of Object.keys(env)) {
    if (!name.startsWith('FOGHORN_') || known.has(name)) continue;
    const section = SECTIONS.find((candidate) => name.startsWith(`FOGHORN_${candidate.toUpperCase()}_`));
    if (section === undefined) target.faults.push(`${name} is no setting. Sections: ${SECTIONS.join(', ')}.`);
    else if (sections.has(section)) target.faults.push(`${name} is no setting of ${section}; --help lists them.`);
  }
}

/** A value that cannot be converted stays text, so that the schema's complaint shows it. */
function fromText(setting: Setting, text: string): unknown {
  if (setting.type === 'number') return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
  if (setting.type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  if (setting.type === 'list')
    return text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
  if (setting.type !== 'object') return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function describeIssue(issue: z.core.$ZodIssue, input: unknown, settings: readonly Setting[]): string {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const inside = path.length === 0 ? 'at the top' : `in ${path.join('.')}`;
    const siblings = new Set(
      settings
        .filter((setting) => path.every((part, index) => setting.path[index] === part))
        .map((setting) => setting.path[path.length]),
    );
    return `unknown key ${issue.keys.join(', ')} ${inside}. Allowed: ${[...siblings].join(', ')}.`;
  }
  const setting = settings.find((candidate) => candidate.path.every((part, index) => path[index] === part));
  const isSecret = setting?.secret === true || path.some((key) => SECRET_KEYS.has(key));
  const value = isSecret ? '********' : JSON.stringify(getPath(input, path), masked);
  const env = setting === undefined ? '' : ` (${setting.env})`;
  const allowed = setting === undefined || setting.allowed === '' ? '' : ` Allowed: ${setting.allowed}.`;
  return `${path.join('.')}${env} = ${value}: ${issue.message}.${allowed}`;
}
