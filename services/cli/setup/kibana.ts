// `foghorn setup kibana`: imports data views, the search and the dashboards into a space of a Kibana that runs.
// API: https://www.elastic.co/docs/api/doc/kibana/operation/operation-post-saved-objects-import.
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { packagePath } from '../../../shared/runtime/package-root.ts';
import { messageOf } from '../../../shared/runtime/errors.ts';
import { within } from '../../../shared/runtime/within.ts';
import { type CommandIo, UsageError } from '../command.ts';

const TIMEOUT_MS = 60_000;

/** What Kibana says of an import. */
interface ImportAnswer {
  readonly success: boolean;
  readonly successCount: number;
  readonly successResults?: readonly { readonly type: string; readonly meta?: { readonly title?: string } }[];
  readonly errors?: readonly {
    readonly type: string;
    readonly id: string;
    readonly title?: string;
    readonly error: { readonly type: string; readonly message?: string };
  }[];
}

/** Imports, replacing what an earlier import made. Gives 0 when Kibana took everything, else 1 with each refusal. */
export async function setupKibana(args: readonly string[], io: CommandIo): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      url: { type: 'string' },
      space: { type: 'string', default: 'default' },
      'api-key-file': { type: 'string' },
      username: { type: 'string' },
      'password-file': { type: 'string' },
    },
  });
  if (values.url === undefined || !/^https?:\/\//u.test(values.url))
    throw new UsageError('Name the Kibana with --url, e.g. --url https://kibana.example.org:5601.');
  const authorization = await authorizationOf(values);
  const file = packagePath('deploy', 'kibana', 'foghorn.ndjson');
  const address = `${values.url.replace(/\/$/u, '')}/s/${encodeURIComponent(values.space)}/api/saved_objects/_import?overwrite=true`;
  const form = new FormData();
  form.append('file', new Blob([await readFile(file)], { type: 'application/ndjson' }), 'foghorn.ndjson');
  io.err(`importing into the space ${values.space} of ${values.url} …`);
  const headers = { 'kbn-xsrf': 'foghorn', ...(authorization === undefined ? {} : { authorization }) };
  try {
    return await within(io.signal, TIMEOUT_MS, async (signal) => {
      const response = await fetch(address, { method: 'POST', headers, body: form, redirect: 'error', signal });
      return await report(response, io);
    });
  } catch (error) {
    io.err(`Kibana at ${values.url} does not answer: ${causeOf(error)}.`);
    return 1;
  }
}

async function report(response: Response, io: CommandIo): Promise<number> {
  const text = await response.text();
  if (!response.ok) {
    io.err(`Kibana refused the import (${response.status}${adviceFor(response.status)}): ${text.slice(0, 500)}`);
    return 1;
  }
  const answer = read(text);
  if (answer === undefined) {
    io.err(`What answered is no Kibana: ${text.slice(0, 200)}`);
    return 1;
  }
  for (const line of importedLines(answer)) io.out(line);
  for (const line of refusedLines(answer)) io.err(line);
  io.out(`${answer.successCount} imported, ${answer.errors?.length ?? 0} refused.`);
  return answer.success ? 0 : 1;
}

function importedLines({ successResults = [] }: ImportAnswer): readonly string[] {
  return successResults.map(({ type, meta }) => `imported  ${type.padEnd(14)} ${meta?.title ?? ''}`);
}

function refusedLines({ errors = [] }: ImportAnswer): readonly string[] {
  return errors.map(({ type, id, title = id, error }) => {
    const why = error.message === undefined ? error.type : `${error.type}, ${error.message}`;
    return `refused   ${type.padEnd(14)} ${title}: ${why}`;
  });
}

function read(text: string): ImportAnswer | undefined {
  try {
    const answer = JSON.parse(text) as Partial<ImportAnswer> | null;
    return typeof answer?.success === 'boolean' ? (answer as ImportAnswer) : undefined;
  } catch {
    return undefined;
  }
}

function adviceFor(status: number): string {
  if (status === 401) return ', check the API key or user and password';
  if (status === 403) return ', the user may not manage saved objects in this space';
  return status === 404 ? ', is there such a space, and is this Kibana?' : '';
}

function causeOf(error: unknown): string {
  const { cause } = Object(error) as { readonly cause?: unknown };
  return cause === undefined ? messageOf(error) : `${messageOf(error)}: ${messageOf(cause)}`;
}

interface Credentials {
  readonly 'api-key-file'?: string | undefined;
  readonly username?: string | undefined;
  readonly 'password-file'?: string | undefined;
}

/** Secrets come from files: an argument can be read by everybody on the machine. */
async function authorizationOf(values: Credentials): Promise<string | undefined> {
  const { 'api-key-file': keyFile, username, 'password-file': passwordFile } = values;
  if (keyFile !== undefined && username !== undefined) throw new UsageError('Give an API key or a user, not both.');
  if (keyFile !== undefined) return `ApiKey ${(await readFile(keyFile, 'utf8')).trim()}`;
  if (username === undefined) return undefined;
  if (passwordFile === undefined) throw new UsageError('--username needs --password-file.');
  const password = (await readFile(passwordFile, 'utf8')).replace(/\r?\n$/u, '');
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
