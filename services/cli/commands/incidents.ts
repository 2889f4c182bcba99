// `foghorn incidents …`: shows incidents and sends commands about them, by the console.
import { didYouMean } from '../../../shared/runtime/nearest.ts';
import type { CommandResult } from '../../console/change/command-sender.ts';
import { FILTER_NAMES } from '../../console/read/filter-fields.ts';
import { GROUP_KEYS } from '../../console/read/incident-groups.ts';
import type { IncidentPage } from '../../console/read/incident-list.ts';
import { type OptionActions, readArguments, wholeNumberOf } from '../arguments.ts';
import { type Command, type CommandIo, UsageError } from '../command.ts';
import { changeAll } from '../incidents/bulk.ts';
import { type ConsoleClient, consoleClient } from '../incidents/client.ts';
import { count } from '../incidents/count.ts';
import { type Filter, FILTERS, filterOf, unresolved, wordsOf } from '../incidents/filter.ts';
import { momentOf } from '../incidents/moment.ts';
import { incidentTable, incidentText, type ShownIncident, shownText } from '../incidents/text.ts';
import { watch } from '../incidents/watch.ts';
import { jsonText } from '../terminal.ts';
import { pick } from '../words.ts';

/** Names of commands that differ from the API's, and the argument of each besides the incident. */
const COMMANDS: Readonly<Record<string, { readonly kind: string; readonly argument?: string }>> = {
  ack: { kind: 'acknowledge' },
  unack: { kind: 'unacknowledge' },
  resolve: { kind: 'resolve' },
  reopen: { kind: 'reopen' },
  assign: { kind: 'assign', argument: 'assignee' },
  note: { kind: 'note', argument: 'text' },
  step: { kind: 'step', argument: 'step' },
  snooze: { kind: 'snooze', argument: 'until' },
  probe: { kind: 'probe' },
};

const OPTIONS = {
  ...Object.fromEntries(FILTERS.map((name) => [name, { type: 'string' as const }])),
  all: { type: 'boolean', default: false },
  sort: { type: 'string' },
  limit: { type: 'string' },
  cursor: { type: 'string' },
  by: { type: 'string' },
  minutes: { type: 'string' },
  type: { type: 'string' },
  group: { type: 'string' },
  reason: { type: 'string', default: '' },
  wait: { type: 'string', default: '10000' },
  undo: { type: 'boolean', default: false },
  format: { type: 'string' },
  columns: { type: 'string' },
  yes: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  'allow-insecure': { type: 'boolean', default: false },
  config: { type: 'string', short: 'c' },
} as const;

const LISTING: readonly string[] = ['list', 'count', 'export'];
const CHANGES = Object.keys(COMMANDS);

const OPTION_ACTIONS: OptionActions = {
  ...Object.fromEntries(FILTERS.map((name) => [name, [...LISTING, ...CHANGES]])),
  host: [...LISTING, 'watch', ...CHANGES],
  all: ['list', 'count'],
  sort: ['list'],
  limit: ['list'],
  cursor: ['list'],
  by: ['count'],
  minutes: ['show'],
  type: ['watch'],
  group: CHANGES,
  reason: CHANGES,
  wait: CHANGES,
  yes: CHANGES,
  undo: ['step'],
  format: ['export'],
  columns: ['export'],
  json: ['list', 'count', 'show', 'watch', ...CHANGES],
};

/** The verb. */
export const incidentsCommand: Command = {
  summary: 'list, count, show, acknowledge, assign, note, resolve, snooze and watch incidents',
  usage: [
    "foghorn incidents list  ['WORDS'] [FILTER]… [--all] [--sort ORDER] [--limit COUNT] [--cursor CURSOR] [--json]",
    "foghorn incidents export ['WORDS'] [FILTER]… [--format csv | ndjson] [--columns id,host,title]",
    "foghorn incidents count ['WORDS'] [FILTER]… [--all] [--by KEY,…] [--json]",
    'foghorn incidents show  ID [--minutes COUNT] [--json]',
    'foghorn incidents ack | unack | resolve | reopen | probe   ID [--reason TEXT]',
    'foghorn incidents ack | resolve --group ID:EPISODE:REVISION [--reason TEXT]',
    'foghorn incidents assign ID WHO | note ID TEXT | snooze ID 2h | step ID repair.1.2 [--undo]',
    'foghorn incidents watch [--host HOST] [--type opened,resolved] [--json]',
    '',
    '  list      those that are open or acknowledged; --all: resolved ones too. ORDER: severity, updated, opened, last_seen, count, host; -ORDER the other way round',
    '  export    all that match, as a table or as one JSON object a line',
    '  count     how many match: by each value, and with --by also by group, with the words that list each group',
    `            KEY: ${GROUP_KEYS.join(', ')}`,
    '  show      one with its remedy, who was notified, its time line, and what the host said so many minutes around it (10)',
    '  ack …     with WORDS or a FILTER instead of an ID: all that match. Says how many; with --yes it is done',
    '            with --group, as a message about several incidents has it: all that it is about, however many, at once',
    '  step      ticks a step of the repair, or takes the tick off: repair.1.2 is the second of the first option, check.1 the first check',
    '  probe     asks the port of the incident now, and says what answers',
    '  watch     what happens from now on, until Ctrl-C',
    '',
    `  WORDS     state:open host:media* port:80 -assignee:kim age:>4h "no answer"; names: ${FILTER_NAMES.join(', ')}`,
    '  FILTER    --state open,acknowledged  --severity critical  --host "media*"  --rule ID  --provider NAME  --port 80  --class NAME',
    '            --assignee NAME  --since 24h | TIME  --until TIME  --text WORDS',
    '  TIME      ISO 8601, e.g. 2026-03-01T22:00Z; without a zone it is local. snooze takes a duration or such a time, and 0 to end it',
    '  --wait    milliseconds to wait until a change is done (10000)',
    '  --config  the configuration (./foghorn.yaml, or FOGHORN_CONFIG); it or the environment says where the console is and who asks:',
    '            FOGHORN_CONSOLE_URL, FOGHORN_CONSOLE_TOKEN',
    '  --allow-insecure  sends the token over plain http to another machine too',
    '  An ID that begins with - comes after --',
  ].join('\n'),
  run: async (args, io) => {
    const { values, positionals } = readArguments(args, OPTIONS, OPTION_ACTIONS);
    const [action = '', ...others] = positionals;
    const given = values as Values;
    const subject = LISTING.includes(action) ? 'many' : Object.hasOwn(COMMANDS, action) ? 'one or many' : 'one';
    const { words, rest } = wordsOf(subject, others);
    const request = {
      values: given,
      filter: { ...filterOf(given, Date.now(), io.err), ...words },
      rest,
      io,
      client: consoleClient(given.config, given['allow-insecure']),
    };
    if (given.group !== undefined) return await changeGroup(request, action, given.group);
    const reading = pick(READING, action);
    if (reading !== undefined && rest.length === reading.takes) return await reading.run(request);
    if (Object.hasOwn(COMMANDS, action)) return await change(request, action);
    if (reading !== undefined)
      throw new UsageError(`${action} takes ${reading.takes === 0 ? 'no other word' : 'one ID'}.`);
    throw new UsageError(
      `Say list, count, export, show ID, ack ID, unack ID, resolve ID, reopen ID, assign ID WHO, note ID TEXT, step ID STEP, snooze ID 2h, probe ID or watch.${didYouMean(action, [...Object.keys(READING), ...CHANGES])}`,
    );
  },
};

interface Values extends Filter {
  readonly all: boolean;
  readonly sort?: string;
  readonly limit?: string;
  readonly cursor?: string;
  readonly by?: string;
  readonly minutes?: string;
  readonly type?: string;
  readonly group?: string;
  readonly reason: string;
  readonly wait: string;
  readonly undo: boolean;
  readonly format?: string;
  readonly columns?: string;
  readonly yes: boolean;
  readonly json: boolean;
  readonly 'allow-insecure': boolean;
  readonly config?: string;
}

interface Request {
  readonly values: Values;
  readonly filter: Filter;
  readonly rest: readonly string[];
  readonly io: CommandIo;
  readonly client: ConsoleClient;
}

/** The actions that change nothing, and how many words each takes besides a filter. */
const READING: Readonly<
  Record<string, { readonly takes: 0 | 1; readonly run: (request: Request) => Promise<number> }>
> = {
  list: { takes: 0, run: list },
  count: { takes: 0, run: countAll },
  export: { takes: 0, run: exportAll },
  show: { takes: 1, run: show },
  watch: { takes: 0, run: async ({ client, values, io }) => await watch(client, values, io) },
};

async function countAll({ client, io, filter, values }: Request): Promise<number> {
  const { all, by, json } = values;
  // The console passes over an empty key, too.
  for (const key of by?.split(',') ?? [])
    if (key !== '' && !GROUP_KEYS.some((known) => known === key))
      throw new UsageError(
        `--by ${key}: an incident has no such key. Say ${GROUP_KEYS.join(', ')}.${didYouMean(key, GROUP_KEYS)}`,
      );
  return await count({ client, io, query: { ...(all ? filter : unresolved(filter)), by }, isJson: json });
}

async function list({ client, filter, values, io }: Request): Promise<number> {
  const { sort, limit, cursor, all } = values;
  const query = { ...(all ? filter : unresolved(filter)), sort, limit, cursor };
  const page = await client.ask<IncidentPage>({ method: 'GET', path: '/api/v1/incidents', query });
  if (values.json) io.out(jsonText(page, 2));
  else if (page.incidents.length > 0) for (const line of incidentTable(page.incidents)) io.out(line);
  const next = page.nextCursor === undefined ? '' : `; the next ones, within 5 minutes: --cursor ${page.nextCursor}`;
  if (!values.json) io.err(`${shownText(page.incidents.length, page.total)}${next}`);
  const { unreadable = [] } = page;
  if (unreadable.length > 0)
    io.err(
      `Not shown, because their documents are not as the indexer writes them (upgrade the console if the indexer is newer): ${unreadable.join(', ')}`,
    );
  return 0;
}

async function show({ client, rest: [id = ''], values, io }: Request): Promise<number> {
  const { minutes, json } = values;
  const shown = await client.ask<ShownIncident>({ method: 'GET', path: pathOf(id), query: { minutes } });
  io.out(json ? jsonText(shown, 2) : incidentText(shown));
  return 0;
}

async function change(request: Request, action: string): Promise<number> {
  const { kind, argument } = pick(COMMANDS, action) ?? { kind: action };
  const isBulk = Object.keys(request.filter).length > 0;
  const wanted = (isBulk ? 0 : 1) + (argument === undefined ? 0 : 1);
  if (request.rest.length !== wanted)
    throw new UsageError(
      `${action} takes ${isBulk ? 'one filter, its words in one pair of quotation marks' : 'one ID'}${argument === undefined ? '' : ` and ${argument === 'until' ? 'a time such as 2h' : `the ${argument}`}`}.`,
    );
  const body = bodyOf(request, kind, argument);
  if (!isBulk) return await changeOne(request, kind, body);
  const { client, io, filter, values } = request;
  return await changeAll({
    client,
    io,
    filter,
    action: { kind, ...body },
    isConfirmed: values.yes,
    isJson: values.json,
    waitMs: wholeNumberOf(values.wait, '--wait', 0),
  });
}

/** The body of a command with its argument, which is the last of what was given. */
function bodyOf(
  { rest, values, io }: Request,
  kind: string,
  argument: string | undefined,
): Readonly<Record<string, unknown>> {
  const { reason, undo } = values;
  if (argument === undefined) return { reason };
  const value = rest.at(-1) ?? '';
  const options = { option: 'snooze', side: 'ahead', nowMs: Date.now(), mustBeAhead: true, say: io.err } as const;
  const given = argument === 'until' ? momentOf(value, options) : value;
  return { reason, [argument]: given, ...(kind === 'step' && undo ? { done: false } : {}) };
}

async function changeOne(
  { client, rest: [id = ''], values, io }: Request,
  kind: string,
  body: Readonly<Record<string, unknown>>,
): Promise<number> {
  const done = await client.ask<CommandResult>({
    method: 'POST',
    path: `${pathOf(id)}/${kind}`,
    query: { wait: values.wait },
    body,
  });
  io.out(values.json ? jsonText(done) : resultText(done));
  return 0;
}

const GROUP = /^(?<id>[\w-]{1,200}):(?<episode>\d{1,9}):(?<revision>\d{1,9})$/u;

async function changeGroup(
  { client, filter, rest, values, io }: Request,
  action: string,
  group: string,
): Promise<number> {
  const { id = '', episode, revision } = GROUP.exec(group)?.groups ?? {};
  if (id === '')
    throw new UsageError(`--group ${group}: say ID:EPISODE:REVISION, as the message about the incidents has it.`);
  if ((action !== 'ack' && action !== 'resolve') || rest.length > 0 || Object.keys(filter).length > 0)
    throw new UsageError('With --group say ack or resolve, and neither an ID nor a filter.');
  const done = await client.ask<CommandResult>({
    method: 'POST',
    path: `/api/v1/groups/${encodeURIComponent(id)}/${action === 'ack' ? 'acknowledge' : 'resolve'}`,
    query: { wait: values.wait },
    body: { episode: Number(episode), revision: Number(revision), reason: values.reason },
  });
  io.out(values.json ? jsonText(done) : resultText(done));
  return 0;
}

async function exportAll({ client, filter, values: { format, columns }, io }: Request): Promise<number> {
  const query = { ...filter, format, columns };
  for await (const line of client.lines({ method: 'GET', path: '/api/v1/incidents/export', query }, io.signal))
    io.out(line);
  return 0;
}

/** The result of a change, for people. */
export function resultText({ status, commandId, state, revision, detail }: CommandResult): string {
  if (status === 'accepted') return `Accepted, and not done yet: command ${commandId}.`;
  if (state === undefined && detail !== undefined && detail !== '') return `Done: ${detail}.`;
  return state === undefined ? 'Done.' : `Done: the incident is ${state} (revision ${revision}).`;
}

function pathOf(id: string): string {
  return `/api/v1/incidents/${encodeURIComponent(id)}`;
}
