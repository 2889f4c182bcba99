// `foghorn sources …`: shows who sends what, and who fell silent, by the console.
import type { SourcePage, SourceView } from '../../console/read/sources.ts';
import { ageText } from '../age.ts';
import { readArguments } from '../arguments.ts';
import { type Command, UsageError } from '../command.ts';
import { consoleClient } from '../incidents/client.ts';
import { shownText, table } from '../incidents/text.ts';
import { jsonText } from '../terminal.ts';

const FILTERS = ['state', 'host', 'channel', 'agent', 'input', 'sender', 'sort', 'limit', 'cursor'] as const;

const OPTIONS = {
  ...(Object.fromEntries(FILTERS.map((name) => [name, { type: 'string' }])) as Record<
    (typeof FILTERS)[number],
    { readonly type: 'string' }
  >),
  json: { type: 'boolean', default: false },
  'allow-insecure': { type: 'boolean', default: false },
  config: { type: 'string', short: 'c' },
} as const;

/** The verb. */
export const sourcesCommand: Command = {
  summary: 'list who sends what, and who fell silent',
  usage: [
    'foghorn sources list [FILTER]… [--sort ORDER] [--limit COUNT] [--cursor CURSOR] [--json]',
    '',
    '  FILTER    --state silent,late,clock_off,ok,dropped  --host "dc*"  --channel Security  --agent winlogbeat  --input lumberjack  --sender NAME',
    '  ORDER     host, last_seen, first_seen, events, lag; -ORDER the other way round',
    '  --config  the configuration, as for foghorn incidents; FOGHORN_CONSOLE_URL, FOGHORN_CONSOLE_TOKEN',
    '  --allow-insecure  sends the token over plain http to another machine too',
  ].join('\n'),
  run: async (args, io) => {
    const { values, positionals } = readArguments(args, OPTIONS);
    if (positionals.length !== 1 || positionals[0] !== 'list') throw new UsageError('Say list.');
    const client = consoleClient(values.config, values['allow-insecure']);
    const query = Object.fromEntries(FILTERS.map((name) => [name, values[name]]));
    const page = await client.ask<SourcePage>({ method: 'GET', path: '/api/v1/sources', query });
    if (values.json) {
      io.out(jsonText(page, 2));
      return 0;
    }
    if (page.sources.length === 0) io.err('No source.');
    else for (const line of sourceTable(page.sources, Date.now())) io.out(line);
    if (page.sources.length < page.total) io.err(shownText(page.sources.length, page.total));
    if (page.nextCursor !== undefined) io.err(`The next page: --cursor ${page.nextCursor}`);
    return 0;
  },
};

/** A table of sources with a head; `nowMs` is epoch milliseconds. */
export function sourceTable(sources: readonly SourceView[], nowMs: number): readonly string[] {
  const rows = sources.map((one) => [
    one.host,
    one.channel ?? '',
    one.state,
    [one.agent?.name, one.agent?.version].filter((part) => part !== undefined).join(' '),
    one.input,
    one.sender,
    ageText(one.lastSeen, nowMs),
    String(one.events),
    one.lagMs === undefined ? '' : `${Math.round(one.lagMs / 1000)} s`,
    one.silentAfterMs === undefined ? one.watch : `after ${Math.round(one.silentAfterMs / 60_000)} min`,
  ]);
  const head = ['HOST', 'CHANNEL', 'STATE', 'AGENT', 'INPUT', 'SENDER', 'LAST EVENT', 'EVENTS', 'LAG', 'SILENT'];
  return table(head, rows);
}
