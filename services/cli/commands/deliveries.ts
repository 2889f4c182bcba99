// `foghorn deliveries …`: shows failed deliveries and redrives them, by the console.
import type { parseArgs } from 'node:util';
import { didYouMean } from '../../../shared/runtime/nearest.ts';
import type { CommandResult } from '../../console/change/command-sender.ts';
import type { FailedDelivery } from '../../console/read/failed-deliveries.ts';
import { type OptionActions, readArguments } from '../arguments.ts';
import { type Command, type CommandIo, UsageError } from '../command.ts';
import { type ConsoleClient, consoleClient } from '../incidents/client.ts';
import { deliveryTable, shownText } from '../incidents/text.ts';
import { jsonText } from '../terminal.ts';
import { resultText } from './incidents.ts';

const OPTIONS = {
  receiver: { type: 'string' },
  limit: { type: 'string' },
  reason: { type: 'string', default: '' },
  wait: { type: 'string', default: '10000' },
  json: { type: 'boolean', default: false },
  'allow-insecure': { type: 'boolean', default: false },
  config: { type: 'string', short: 'c' },
} as const;

const OPTION_ACTIONS: OptionActions = {
  receiver: ['list'],
  limit: ['list'],
  reason: ['redrive'],
  wait: ['redrive'],
};

/** The verb. */
export const deliveriesCommand: Command = {
  summary: 'list deliveries that failed, and try them again',
  usage: [
    'foghorn deliveries list    [--receiver NAME] [--limit COUNT] [--json]',
    'foghorn deliveries redrive RECEIVER [ID] [--reason TEXT]',
    '',
    '  list      those of the last 30 days that failed for good and were not made since, the latest first; at most --limit (100)',
    '  redrive   tries all of a receiver, or the one with this ID, once more from the beginning; what is over by now is not sent',
    '  --wait    milliseconds to wait until it is done (10000)',
    '  --config  the configuration, as for foghorn incidents; FOGHORN_CONSOLE_URL, FOGHORN_CONSOLE_TOKEN',
    '  --allow-insecure  sends the token over plain http to another machine too',
  ].join('\n'),
  run: async (args, io) => {
    const { values, positionals } = readArguments(args, OPTIONS, OPTION_ACTIONS);
    const [action = '', receiver, deliveryId, ...more] = positionals;
    const request = { values, io, client: consoleClient(values.config, values['allow-insecure']) };
    if (action === 'list' && receiver === undefined) return await list(request);
    if (action !== 'redrive' || receiver === undefined || more.length > 0)
      throw new UsageError(`Say list, or redrive RECEIVER [ID].${didYouMean(action, ['list', 'redrive'])}`);
    return await redrive(request, { receiver, ...(deliveryId === undefined ? {} : { deliveryId }) });
  },
};

interface Request {
  readonly values: ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'];
  readonly io: CommandIo;
  readonly client: ConsoleClient;
}

async function list({ client, values, io }: Request): Promise<number> {
  const query = { state: 'failed', receiver: values.receiver, limit: values.limit };
  const found = await client.ask<{ readonly total: number; readonly deliveries: readonly FailedDelivery[] }>({
    method: 'GET',
    path: '/api/v1/deliveries',
    query,
  });
  const { total, deliveries } = found;
  if (values.json) io.out(jsonText(found, 2));
  else if (total === 0) io.err('No delivery has failed.');
  else for (const line of deliveryTable(deliveries)) io.out(line);
  if (!values.json && deliveries.length < total)
    io.err(`${shownText(deliveries.length, total)}; more with --limit, at most 1000`);
  return 0;
}

async function redrive(
  { client, values, io }: Request,
  what: { readonly receiver: string; readonly deliveryId?: string },
): Promise<number> {
  const done = await client.ask<CommandResult>({
    method: 'POST',
    path: '/api/v1/deliveries/redrive',
    query: { wait: values.wait },
    body: { ...what, reason: values.reason },
  });
  io.out(values.json ? jsonText(done) : resultText(done));
  return 0;
}
