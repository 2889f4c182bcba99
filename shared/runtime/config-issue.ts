// What is wrong with a value of the settings, in words for the operator: the key, the value
// (secrets masked), what is allowed, what was probably meant.
import type { z } from 'zod';
import { didYouMean } from './nearest.ts';
import { isSecretAt, MASK, shownValue } from './masking.ts';
import { childrenAt, holdsSecrets, marksOf, ownValue, type Schema, schemasAt, wordsOf } from './schema-tree.ts';
import { keysWithFiles } from './secret-files.ts';
import { allowedOf, getPath, type Setting } from './settings.ts';

type Issue = z.core.$ZodIssue;

/** One thing that is wrong: `path` says where, `at` whether with the key or its value. */
export interface ConfigProblem {
  readonly path: readonly string[];
  readonly at: 'key' | 'value';
  readonly text: string;
  /** The settings can be used all the same. */
  readonly isWarning?: true;
}

/** What an issue is about. */
interface IssueContext {
  readonly schema: Schema;
  readonly input: unknown;
  readonly settings: readonly Setting[];
  /** Keys allowed at the top, those of other services included. */
  readonly sections: readonly string[];
}

/** The problems of one issue that zod found. */
export function problemsInIssue(issue: Issue, context: IssueContext): readonly ConfigProblem[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(path, key, context));
  if (issue.code === 'invalid_union' && issue.errors.length > 0 && !('discriminator' in issue)) {
    const nested = likeliest(issue.errors);
    if (nested !== undefined)
      return nested.flatMap((inner) => problemsInIssue({ ...inner, path: [...issue.path, ...inner.path] }, context));
  }
  return [{ path, at: issue.code === 'invalid_key' ? 'key' : 'value', text: valueProblem(issue, path, context) }];
}

/** A secret has 16 characters at least. */
const LONGEST_KEY_OF_SECRETS = 15;

function shortened(key: string): string {
  return `${key.slice(0, 3)}…`;
}

/**
 * A path as people write it, e.g. `notifier.receivers[0].token`; keys of a secret mapping that may
 * be the secret itself are shortened.
 */
export function showPath(path: readonly string[], schema: Schema): string {
  let schemas: readonly Schema[] = [schema];
  let isSecret = false;
  let text = '';
  for (const key of path) {
    isSecret ||= schemas.some((one) => marksOf(one).secret !== undefined);
    const shown = isSecret && key.length > LONGEST_KEY_OF_SECRETS ? shortened(key) : key;
    text += /^\d+$/u.test(key) ? `[${key}]` : `${text === '' ? '' : '.'}${shown}`;
    schemas = childrenAt(schemas, key, undefined);
  }
  return text;
}

/** The part of a key that is safe to show: behind a colon or a space there may be a secret. */
function shownKey(key: string): string {
  const name = /^[\p{L}\p{N}_.-]{0,64}/u.exec(key)?.[0] ?? '';
  return name === key ? key : `${name}…`;
}

function unknownKey(path: readonly string[], key: string, { schema, input, sections }: IssueContext): ConfigProblem {
  const inside = path.length === 0 ? 'at the top' : `in ${showPath(path, schema)}`;
  const allowed = path.length === 0 ? sections : keysWithFiles(schemasAt(schema, path, input), getPath(input, path));
  // In a place for secrets, a text parsed as a key may be a secret.
  const isSecret = key.length > LONGEST_KEY_OF_SECRETS && isSecretAt(schema, path, input);
  const shown = isSecret ? shortened(key) : shownKey(key);
  const advice = shown === key || isSecret ? '' : ' A colon has to be followed by a space.';
  const text = `unknown key ${shown} ${inside}.${didYouMean(shown, allowed)} Allowed: ${[...new Set(allowed)].join(', ')}.${advice}`;
  return { path: [...path, key], at: 'key', text };
}

/**
 * Of the options of a union the one that the value was probably written for: the one that got
 * furthest.
 */
function likeliest(options: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const depth = (issues: readonly Issue[]): number => Math.max(...issues.map(({ path }) => path.length));
  const deepest = Math.max(...options.map(depth));
  return deepest === 0 ? undefined : options.find((issues) => depth(issues) === deepest);
}

function valueProblem(issue: Issue, path: readonly string[], { schema, input, settings }: IssueContext): string {
  const setting = settings.find((candidate) => candidate.path.every((part, index) => path[index] === part));
  const env = setting === undefined ? '' : ` (${setting.env})`;
  const schemas = schemasAt(schema, path, input);
  const value = getPath(input, path);
  const name = showPath(path, schema);
  if (value === undefined) return `${name}${env} is missing.${allowedText(schemas, setting)}`;
  // Keys of an unknown mapping may be secrets as well.
  const isUnclear = schemas.length === 0 || typeof value === 'object';
  const isInside = isUnclear && setting !== undefined && holdsSecrets(setting.schema);
  const shown = isInside || isSecretAt(schema, path, input) ? MASK : shownValue(schemas, value);
  return `${name}${env} = ${cut(shown)}: ${reasonOf(issue, value, setting)}.${meant(value, schemas)}${allowedText(schemas, setting)}`;
}

const MAX_SHOWN = 200;

function cut(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

/**
 * Zod's reason without a full stop, and what to write instead where a number or yes and no were
 * written in another way.
 */
function reasonOf(issue: Issue, value: unknown, setting: Setting | undefined): string {
  const { message } = issue.code === 'invalid_key' ? (issue.issues[0] ?? issue) : issue;
  const reason = (issue.code === 'invalid_key' ? `the name is not allowed: ${message}` : message).replace(/\.$/u, '');
  if (issue.code !== 'invalid_type' || typeof value !== 'string') return reason;
  if (issue.expected === 'boolean') {
    const meant = {
      true: 'true',
      false: 'false',
      yes: 'true',
      on: 'true',
      '1': 'true',
      no: 'false',
      off: 'false',
      '0': 'false',
    }[value.toLowerCase()];
    return `expected true or false without quotation marks${meant === undefined ? '' : `; write ${meant}`}`;
  }
  if (issue.expected !== 'number' && issue.expected !== 'int') return reason;
  const meant = numberMeant(value, setting?.unit);
  return `expected a number without unit and quotation marks${meant === undefined ? '' : `; write ${meant}`}`;
}

const DURATION_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const SIZE_BYTES: Readonly<Record<string, number>> = {
  b: 1,
  k: 1024,
  kb: 1000,
  kib: 1024,
  m: 1024 ** 2,
  mb: 1_000_000,
  mib: 1024 ** 2,
  g: 1024 ** 3,
  gb: 1_000_000_000,
  gib: 1024 ** 3,
};

/** `5s` where milliseconds are wanted, `4MiB` where bytes are, `10_000`, `"8309"`. */
function numberMeant(text: string, unit: string | undefined): number | undefined {
  const found = /^(?<digits>-?\d[\d_ ]*)\s*(?<unit>[a-z]*)$/iu.exec(text.trim())?.groups;
  if (found === undefined) return undefined;
  const units = unit === 'bytes' ? SIZE_BYTES : unit === 'ms' || unit === 'milliseconds' ? DURATION_MS : {};
  const factor = found['unit'] === '' ? 1 : ownValue(units, (found['unit'] ?? '').toLowerCase());
  const digits = Number((found['digits'] ?? '').replaceAll(/[_ ]/gu, ''));
  return typeof factor === 'number' ? digits * factor : undefined;
}

function meant(value: unknown, schemas: readonly Schema[]): string {
  return typeof value === 'string' ? didYouMean(value, wordsOf(schemas) ?? []) : '';
}

function allowedText(schemas: readonly Schema[], setting: Setting | undefined): string {
  const own = [...new Set(wordsOf(schemas) ?? schemas.map(allowedOf))].filter((text) => text !== '' && text !== 'text');
  const allowed = own.length > 0 ? own.join(', ') : schemas.length === 0 ? (setting?.allowed ?? '') : '';
  return allowed === '' ? '' : ` Allowed: ${allowed}.`;
}
