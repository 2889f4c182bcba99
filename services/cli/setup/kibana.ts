// `foghorn setup kibana`: imports data views, lists and dashboards into a space of a Kibana that
// runs, fitted to the settings. API:
// https://www.elastic.co/docs/api/doc/kibana/operation/operation-post-saved-objects-import.
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { elasticsearchSettings } from '../../../shared/elasticsearch/client.ts';
import { consoleUrlOf } from '../../../shared/http/console-address.ts';
import { loadConfig } from '../../../shared/runtime/config.ts';
import { packagePath } from '../../../shared/runtime/package-root.ts';
import { consoleSettings } from '../../console/config.ts';
import { readArguments } from '../arguments.ts';
import { type CommandIo, UsageError } from '../command.ts';
import { refusePlainHttp } from '../plain-http.ts';
import { createKibana, type Kibana, KibanaError } from './kibana-client.ts';
import { fitObjects } from './kibana-objects.ts';
import { cliConfigSource } from '../running-start.ts';

const schema = z.strictObject({ elasticsearch: elasticsearchSettings, console: consoleSettings });

/** The first version that the objects can be imported into. */
const MIN_VERSION = [8, 19] as const;

const OPTIONS = {
  url: { type: 'string' },
  space: { type: 'string', default: 'default' },
  console: { type: 'string' },
  config: { type: 'string', short: 'c' },
  'api-key-file': { type: 'string' },
  username: { type: 'string' },
  'password-file': { type: 'string' },
  'allow-insecure': { type: 'boolean', default: false },
} as const;

/**
 * Imports, replacing what an earlier import made. Gives 0 when Kibana took everything, else 1 with
 * each refusal. Throws UsageError and ConfigError before anything is sent.
 */
export async function setupKibana(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = readArguments(args, OPTIONS);
  if (positionals.length > 0) throw new UsageError(`setup kibana takes no ${positionals.join(' ')}.`);
  const { url, space } = values;
  if (url === undefined || !isAddress(url))
    throw new UsageError('Name the Kibana with --url, e.g. --url https://kibana.example.org:5601.');
  if (values.console !== undefined && !isAddress(values.console))
    throw new UsageError('--console takes the address of the console, e.g. --console https://foghorn.example.org.');
  const authorization = await authorizationOf(values);
  if (authorization !== undefined && !values['allow-insecure'])
    refusePlainHttp(url, 'The key or password', '--allow-insecure');
  const { elasticsearch: names, console } = loadConfig(schema, cliConfigSource(values.config));
  const shipped = await readFile(packagePath('deploy', 'dashboards', 'kibana', 'foghorn.ndjson'), 'utf8');
  const file = fitObjects(shipped, { names, console: values.console ?? consoleUrlOf(console) });
  const kibana = createKibana(url, authorization, io.signal);
  try {
    const version = await checkVersion(kibana, authorization !== undefined);
    await checkSpace(kibana, space);
    io.err(`importing into the space ${space} of ${url}, Kibana ${version} …`);
    return report(await importObjects(kibana, space, file), io);
  } catch (error) {
    if (!(error instanceof KibanaError)) throw error;
    io.err(error.message);
    return 1;
  }
}

function isAddress(text: string): boolean {
  return /^https?:\/\/[^\s/]/u.test(text);
}

/**
 * Kibana answers 503 with its version while it is not ready, and without a version to whom it does
 * not know.
 */
async function checkVersion(kibana: Kibana, hasShownWho: boolean): Promise<string> {
  const request = { what: 'to give its version', method: 'GET', path: '/api/status', expected: [503] } as const;
  const { status, body } = await kibana.ask(request);
  const { version, status: state } = body as { readonly version?: { readonly number?: unknown }; status?: unknown };
  if (typeof version?.number !== 'string')
    throw new KibanaError(
      typeof state === 'object'
        ? hasShownWho
          ? 'Kibana did not accept the API key or the user and password: it gives its version to known users only.'
          : 'Kibana gives its version to known users only: give --api-key-file, or --username and --password-file.'
        : `What answered is no Kibana: ${JSON.stringify(body).slice(0, 200)}`,
    );
  const [major = 0, minor = 0] = version.number.split('.').map(Number);
  if (major < MIN_VERSION[0] || (major === MIN_VERSION[0] && minor < MIN_VERSION[1]))
    throw new KibanaError(
      `Kibana ${version.number} is too old: the dashboards are for ${MIN_VERSION.join('.')} and later. Upgrade it, nothing was imported.`,
    );
  if (status === 503)
    throw new KibanaError(`Kibana ${version.number} is not ready yet: try again when its status page is green.`);
  return version.number;
}

/** An import into a space that is not there would succeed, and its objects would be invisible. */
async function checkSpace(kibana: Kibana, space: string): Promise<void> {
  const path = `/api/spaces/space/${encodeURIComponent(space)}`;
  const { status } = await kibana.ask({ what: `to show the space ${space}`, method: 'GET', path, expected: [404] });
  if (status === 404) throw new KibanaError(`Kibana has no space ${space}: make it first, or name another by --space.`);
}

/** Kibana's answer to an import. */
const importAnswer = z.looseObject({
  success: z.boolean(),
  successCount: z.number(),
  successResults: z
    .array(
      z.looseObject({
        type: z.string(),
        id: z.string(),
        destinationId: z.string().optional(),
        meta: z.looseObject({ title: z.string().optional() }).optional(),
      }),
    )
    .default([]),
  errors: z
    .array(
      z.looseObject({
        type: z.string(),
        id: z.string(),
        title: z.string().optional(),
        meta: z.looseObject({ title: z.string().optional() }).optional(),
        error: z.looseObject({
          type: z.string(),
          message: z.string().optional(),
          references: z.array(z.looseObject({ type: z.string(), id: z.string() })).optional(),
        }),
      }),
    )
    .default([]),
  warnings: z.array(z.looseObject({ message: z.string() })).default([]),
});

type ImportAnswer = z.infer<typeof importAnswer>;

async function importObjects(kibana: Kibana, space: string, file: string): Promise<ImportAnswer> {
  const path = `/s/${encodeURIComponent(space)}/api/saved_objects/_import?overwrite=true`;
  const form = new FormData();
  form.append('file', new Blob([file], { type: 'application/ndjson' }), 'foghorn.ndjson');
  const { body } = await kibana.ask({ what: 'the import', method: 'POST', path, form });
  const answer = importAnswer.safeParse(body);
  if (answer.success) return answer.data;
  throw new KibanaError(`What answered is no Kibana: ${JSON.stringify(body).slice(0, 200)}`);
}

function report({ success, successCount, successResults, errors, warnings }: ImportAnswer, io: CommandIo): number {
  for (const { type, id, destinationId, meta } of successResults) {
    const renamed = destinationId === undefined ? '' : ` (as ${destinationId}: its id is taken in another space)`;
    io.out(`imported  ${type.padEnd(14)} ${meta?.title ?? id}${renamed}`);
  }
  for (const { type, id, title, meta, error } of errors)
    io.err(`refused   ${type.padEnd(14)} ${title ?? meta?.title ?? id}: ${reasonOf(error)}`);
  for (const { message } of warnings) io.err(`warning   ${message}`);
  io.out(`${successCount} imported, ${errors.length} refused.`);
  return success ? 0 : 1;
}

function reasonOf({ type, message, references }: ImportAnswer['errors'][number]['error']): string {
  const words = REASONS[type] ?? type;
  const missing = references?.map((reference) => `${reference.type} ${reference.id}`).join(', ');
  return [words, missing, message].filter((part) => part !== undefined && part !== '').join(': ');
}

/** Kibana's reasons, as messages that say what to do. */
const REASONS: Readonly<Record<string, string>> = {
  conflict: 'another object has this id, or it was changed at the same time; run it again, or remove that object',
  ambiguous_conflict: 'several objects of other spaces come from this one; remove them, or import in Kibana and choose',
  missing_references: 'what it refers to is not there',
  unsupported_type: 'this Kibana does not know the type; is a plugin disabled?',
  unknown: 'Kibana failed on it',
};

interface Credentials {
  readonly 'api-key-file'?: string | undefined;
  readonly username?: string | undefined;
  readonly 'password-file'?: string | undefined;
}

/** Secrets come from files: an argument can be read by everybody on the machine. */
async function authorizationOf(values: Credentials): Promise<string | undefined> {
  const { 'api-key-file': keyFile, username, 'password-file': passwordFile } = values;
  if (passwordFile !== undefined && username === undefined) throw new UsageError('--password-file needs --username.');
  if (keyFile !== undefined && username !== undefined) throw new UsageError('Give an API key or a user, not both.');
  if (keyFile !== undefined) return `ApiKey ${(await readFile(keyFile, 'utf8')).trim()}`;
  if (username === undefined) return undefined;
  if (passwordFile === undefined) throw new UsageError('--username needs --password-file.');
  const password = (await readFile(passwordFile, 'utf8')).replace(/\r?\n$/u, '');
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
