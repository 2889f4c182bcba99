// `foghorn silences …`: lists, makes, changes and ends silences, by the console.
import type { parseArgs } from 'node:util';
import { didYouMean } from '../../../shared/runtime/nearest.ts';
import { readConfigSource } from '../../../shared/runtime/config.ts';
import type { CommandResult } from '../../console/change/command-sender.ts';
import type { SilenceView } from '../../console/read/views.ts';
import { type OptionActions, readArguments } from '../arguments.ts';
import { type Command, type CommandIo, UsageError } from '../command.ts';
import { type ConsoleClient, consoleClient } from '../incidents/client.ts';
import { isEverything, scopeLines, scopeOf } from '../incidents/silence-scope.ts';
import { momentOf } from '../incidents/moment.ts';
import { shownText, silenceTable } from '../incidents/text.ts';
import { jsonText } from '../terminal.ts';
import { pick } from '../words.ts';
import { resultText } from './incidents.ts';

const OPTIONS = {
  state: { type: 'string' },
  for: { type: 'string' },
  until: { type: 'string' },
  from: { type: 'string' },
  comment: { type: 'string' },
  wait: { type: 'string', default: '10000' },
  json: { type: 'boolean', default: false },
  'allow-insecure': { type: 'boolean', default: false },
  yes: { type: 'boolean', default: false },
  config: { type: 'string', short: 'c' },
} as const;

const OPTION_ACTIONS: OptionActions = {
  state: ['list'],
  wait: ['add', 'expire'],
  ...Object.fromEntries(['for', 'until', 'from', 'comment', 'yes'].map((name) => [name, ['add']])),
};

/** The verb. */
export const silencesCommand: Command = {
  summary: 'list, add and end silences',
  usage: [
    'foghorn silences list   [--state current | active | pending | expired | all] [--json]',
    'foghorn silences add    MATCHER… --for 2h | --until DATE --comment TEXT [--from DATE] [--yes]',
    'foghorn silences expire ID',
    '',
    `  MATCHER   as in Alertmanager, e.g. 'host="media01"' or 'severity=~"info|warning"'; all have to be true`,
    '            add says how many open incidents it hides now, and does nothing when these are all, unless you say --yes',
    '  --wait    milliseconds to wait until it is done (10000)',
    '  --config  the configuration, as for foghorn incidents; FOGHORN_CONSOLE_URL, FOGHORN_CONSOLE_TOKEN',
    '  --allow-insecure  sends the token over plain http to another machine too',
  ].join('\n'),
  run: async (args, io) => {
    const { values, positionals } = readArguments(args, OPTIONS, OPTION_ACTIONS);
    const [action = '', ...rest] = positionals;
    const request = { values, rest, io, client: consoleClient(values.config, values['allow-insecure']) };
    if (action === 'list' && rest.length === 0) return await list(request);
    if (action === 'add' && rest.length > 0) return await add(request);
    if (action === 'expire' && rest.length === 1) return await expire(request);
    const wanted = pick({ list: 'no other word', add: 'one or more MATCHERs', expire: 'one ID' }, action);
    if (wanted !== undefined) throw new UsageError(`${action} takes ${wanted}.`);
    throw new UsageError(`Say list, add MATCHER…, or expire ID.${didYouMean(action, ['list', 'add', 'expire'])}`);
  },
};

interface Request {
  readonly values: ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'];
  readonly rest: readonly string[];
  readonly io: CommandIo;
  readonly client: ConsoleClient;
}

async function list({ client, values, io }: Request): Promise<number> {
  const found = await client.ask<{ readonly total: number; readonly silences: readonly SilenceView[] }>({
    method: 'GET',
    path: '/api/v1/silences',
    query: { state: values.state, counts: 'true' },
  });
  if (values.json) io.out(jsonText(found, 2));
  else if (found.silences.length === 0) io.err('No silence.');
  else for (const line of silenceTable(found.silences)) io.out(line);
  if (!values.json && found.silences.length < found.total) io.err(shownText(found.silences.length, found.total));
  return 0;
}

async function add(request: Request): Promise<number> {
  const { client, values, rest, io } = request;
  const body = silenceOf(request);
  const scope = await scopeOf(client, rest, readConfigSource(values.config));
  const lines = scopeLines(scope);
  if (isEverything(scope) && !values.yes) {
    for (const line of lines) io.err(line);
    io.err('Nothing was done: nobody would be notified of anything that is open. Say --yes to do it.');
    return 1;
  }
  const done = await client.ask<CommandResult & { readonly silenceId: string }>({
    method: 'POST',
    path: '/api/v1/silences',
    query: { wait: values.wait },
    body,
  });
  io.out(values.json ? jsonText(done) : `${resultText(done)} Silence ${done.silenceId} until ${body.endsAt}.`);
  for (const line of lines)
    if (values.json) io.err(line);
    else io.out(line);
  return 0;
}

/** The silence by the arguments. Throws UsageError. */
function silenceOf({ values, rest, io }: Request): {
  readonly matchers: readonly string[];
  readonly comment: string;
  readonly startsAt?: string;
  readonly endsAt: string;
} {
  const { for: length, until, from, comment } = values;
  if (comment === undefined) throw new UsageError('Say why: --comment TEXT.');
  if ((length === undefined) === (until === undefined))
    throw new UsageError('Say how long: either --for 2h or --until DATE.');
  const nowMs = Date.now();
  const startsAt =
    from === undefined ? undefined : momentOf(from, { option: '--from', side: 'ahead', nowMs, say: io.err });
  const [option, text] = length === undefined ? ['--until', until ?? ''] : ['--for', length];
  // A duration counts from the beginning of the silence.
  const begins = length === undefined || startsAt === undefined ? nowMs : Date.parse(startsAt);
  const endsAt = momentOf(text, { option, side: 'ahead', nowMs: begins, say: io.err });
  return { matchers: rest, comment, endsAt, ...(startsAt === undefined ? {} : { startsAt }) };
}

async function expire({ client, values, rest: [id = ''], io }: Request): Promise<number> {
  const path = `/api/v1/silences/${encodeURIComponent(id)}`;
  const done = await client.ask<CommandResult>({ method: 'DELETE', path, query: { wait: values.wait } });
  io.out(values.json ? jsonText(done) : resultText(done));
  return 0;
}
