// `foghorn deadletters …`: shows dead letters with their reasons, and replays them.
import { z } from 'zod';
import { DEAD_LETTER_REASONS, deadLettersTopic, type ReadDeadLetter } from '../../../shared/contracts/dead-letter.ts';
import { topicName } from '../../../shared/contracts/topics.ts';
import { createKafka, type KafkaSettings, kafkaSettings } from '../../../shared/kafka/client.ts';
import { BatchingProducer } from '../../../shared/kafka/producer.ts';
import { readTopic } from '../../../shared/kafka/read-topic.ts';
import { loadConfig } from '../../../shared/runtime/config.ts';
import { ConfigError } from '../../../shared/runtime/errors.ts';
import { createLogger } from '../../../shared/runtime/logger.ts';
import { didYouMean } from '../../../shared/runtime/nearest.ts';
import { type OptionActions, readArguments, wholeNumberOf } from '../arguments.ts';
import { type Command, type CommandIo, UsageError } from '../command.ts';
import { type DeadLetterFilter, isMeant, sinceOf } from '../deadletters/filter.ts';
import { replayOf } from '../deadletters/replay.ts';
import { deadLetterLine, deadLetterText } from '../deadletters/text.ts';
import { shownText } from '../incidents/text.ts';
import { oneLine } from '../terminal.ts';
import { pick } from '../words.ts';
import { cliConfigSource } from '../running-start.ts';

const OPTIONS = {
  stage: { type: 'string' },
  reason: { type: 'string' },
  sender: { type: 'string' },
  since: { type: 'string' },
  id: { type: 'string' },
  topic: { type: 'string' },
  last: { type: 'string', default: '50' },
  all: { type: 'boolean', default: false },
  'dry-run': { type: 'boolean', default: false },
  config: { type: 'string', short: 'c' },
} as const;

const OPTION_ACTIONS: OptionActions = {
  ...Object.fromEntries(['stage', 'reason', 'sender', 'since', 'id'].map((name) => [name, ['list', 'replay']])),
  last: ['list'],
  ...Object.fromEntries(['topic', 'all', 'dry-run'].map((name) => [name, ['replay']])),
};
/** The topics that `replay --topic` takes. */
const REPLAYABLE = ['raw', 'events', 'alerts', 'actions'] as const;

/** The verb. */
export const deadLettersCommand: Command = {
  summary: 'list, show and replay what could not be taken',
  usage: [
    'foghorn deadletters list   [FILTER]… [--last COUNT]',
    'foghorn deadletters show   ID',
    `foghorn deadletters replay [FILTER]… [--topic ${REPLAYABLE.join(' | ')}] [--dry-run]`,
    '',
    '  list     one line each, the newest last, and how many by reason',
    '  show     one in full; the beginning of its id will do',
    '  replay   puts the originals back where they came from. They take the same way again; what was taken after all makes no duplicate.',
    '           What fails again becomes a new dead letter',
    '',
    '  FILTER   --stage NAME  --reason REASON  --sender ADDRESS  --since 24h | TIME  --id ID; replay needs one of them, or --all',
    `  REASON   ${DEAD_LETTER_REASONS.join(', ')}`,
    '  TIME     ISO 8601, e.g. 2026-03-01T22:00Z; without a zone it is local',
    '  --last   how many to list (50)',
    '  --config the configuration (./foghorn.yaml, or FOGHORN_CONFIG)',
  ].join('\n'),
  run: async (args, io) => {
    const { values, positionals } = readArguments(withIdLast(args), OPTIONS, OPTION_ACTIONS);
    const [action = '', subject, ...more] = positionals;
    const run = pick(ACTIONS, action);
    if (run === undefined || more.length > 0)
      throw new UsageError(`Say list, show ID or replay.${didYouMean(action, Object.keys(ACTIONS))}`);
    if ((action === 'show') !== (subject !== undefined))
      throw new UsageError('show takes an id; list and replay do not.');
    const sinceMs = values.since === undefined ? undefined : sinceOf(values.since, Date.now(), io.err);
    const { stage, reason, sender, topic } = values;
    checkReason(reason, io);
    if (topic !== undefined && !isOneOf(topic, REPLAYABLE))
      throw new UsageError(`--topic ${topic}: say ${REPLAYABLE.join(', ')}.${didYouMean(topic, REPLAYABLE)}`);
    const filter = { stage, reason, sender, sinceMs, id: subject ?? values.id };
    const last = wholeNumberOf(values.last, '--last', 1);
    const { kafka } = loadConfig(z.strictObject({ kafka: kafkaSettings }), cliConfigSource(values.config));
    return await run({
      filter,
      last,
      isAll: values.all,
      isDryRun: values['dry-run'],
      topic,
      settings: kafka,
      io,
    });
  },
};

/** A later version may have reasons that are not known here; a mistyped one is refused. */
function checkReason(reason: string | undefined, io: CommandIo): void {
  if (reason === undefined || isOneOf(reason, DEAD_LETTER_REASONS)) return;
  const meant = didYouMean(reason, DEAD_LETTER_REASONS);
  if (meant !== '') throw new UsageError(`--reason ${reason}: say ${DEAD_LETTER_REASONS.join(', ')}.${meant}`);
  io.err(`--reason ${reason}: this version writes no such reason; a later one may.`);
}

function isOneOf(word: string, words: readonly string[]): boolean {
  return words.includes(word);
}

/** An id may begin with a hyphen, and would be taken for an option. */
function withIdLast([action, id, ...others]: readonly string[]): string[] {
  if (action === 'show' && id !== undefined && /^-[\w-]{3,}$/u.test(id) && !id.startsWith('--'))
    return [action, ...others, '--', id];
  return [action, id, ...others].filter((arg) => arg !== undefined);
}

interface Request {
  readonly filter: DeadLetterFilter;
  readonly last: number;
  readonly isAll: boolean;
  readonly isDryRun: boolean;
  /** The one topic to replay to, by its name without the prefix. */
  readonly topic: string | undefined;
  readonly settings: KafkaSettings;
  readonly io: CommandIo;
}

const ACTIONS: Readonly<Record<string, (request: Request) => Promise<number>>> = { list, show, replay };

async function list(request: Request): Promise<number> {
  const { last, io } = request;
  let newest: readonly ReadDeadLetter[] = [];
  const counts = new Map<string, number>();
  await readMeant(request, async (letters) => {
    newest = [...newest, ...letters].sort((left, right) => left.atMs - right.atMs).slice(-last);
    for (const { stage, reason } of letters) count(counts, `${stage}: ${reason}`);
  });
  for (const letter of newest) io.out(deadLetterLine(letter));
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  if (newest.length < total) io.err(`${shownText(newest.length, total)}, the newest; more with --last`);
  showCounts(counts, io);
  if (counts.size === 0) io.err(isFiltered(request.filter) ? 'No dead letter matches.' : 'No dead letter.');
  return 0;
}

async function show(request: Request): Promise<number> {
  const { filter, io } = request;
  const found: ReadDeadLetter[] = [];
  await readMeant(request, async (letters) => {
    found.push(...letters);
  });
  const [letter, ...more] = found;
  if (letter !== undefined && more.length === 0) {
    io.out(deadLetterText(letter));
    return 0;
  }
  io.err(
    letter === undefined
      ? `There is no dead letter ${filter.id}; deadletters list shows them.`
      : `${more.length + 1} dead letters begin with ${filter.id}; give more of it.`,
  );
  return 1;
}

async function replay(request: Request): Promise<number> {
  const { filter, isAll, isDryRun, topic, settings, io } = request;
  if (!isAll && !isFiltered(filter)) throw new UsageError('replay of everything: say so with --all, or give a filter.');
  const kafka = kafkaOf(request);
  const producer = new BatchingProducer(kafka, settings);
  const left = new Map<string, number>();
  const counts = new Map<string, number>();
  let sent = 0;
  try {
    await readMeant(request, async (letters) => {
      const replays = letters.map((letter) => replayOf(letter, settings.topicPrefix, topic));
      for (const [index, one] of replays.entries())
        if (one.kind === 'left') count(left, one.why);
        else count(counts, `${letters[index]?.source.topic}: ${letters[index]?.stage}: ${letters[index]?.reason}`);
      const records = replays.flatMap((one) => (one.kind === 'record' ? [one.record] : []));
      if (io.signal.aborted) return;
      if (!isDryRun) await producer.send(records);
      sent += records.length;
      if (io.isTerminal) io.err(`\r${sent} ${isDryRun ? 'would be replayed' : 'replayed'}`);
    });
  } finally {
    await producer.close();
    kafka.end();
  }
  if (io.isTerminal) io.err('');
  if (isDryRun) showCounts(counts, io);
  for (const [why, number] of left) io.err(`${number} left: ${why}`);
  io.out(
    `${sent} ${isDryRun ? 'would be replayed; nothing was sent' : 'replayed'}${io.signal.aborted ? ' before the interruption' : ''}`,
  );
  return 0;
}

/** Each once: a repeated batch may have written the same failure twice. */
async function readMeant(request: Request, take: (letters: readonly ReadDeadLetter[]) => Promise<void>): Promise<void> {
  const seen = new Set<string>();
  const isNew = ({ id }: ReadDeadLetter): boolean => !seen.has(id) && seen.add(id).size > 0;
  const kafka = kafkaOf(request);
  try {
    await readTopic(kafka, request.settings, deadLettersTopic, async (letters) => {
      await take(letters.filter((letter) => isMeant(letter, request.filter) && isNew(letter)));
    });
  } catch (error) {
    if (!isUnknownTopic(error)) throw error;
    const name = topicName(request.settings.topicPrefix, deadLettersTopic.key);
    throw new ConfigError(`There is no topic ${name}: kafka.topicPrefix or kafka.brokers may be another’s.`);
  } finally {
    kafka.end();
  }
}

/** As Kafka's protocol calls it, however deep the client wraps it. */
function isUnknownTopic(error: unknown): boolean {
  const { type, cause } = Object(error) as { readonly type?: string; readonly cause?: unknown };
  return type === 'UNKNOWN_TOPIC_OR_PARTITION' || (cause !== undefined && isUnknownTopic(cause));
}

function isFiltered(filter: DeadLetterFilter): boolean {
  return Object.values(filter).some((part) => part !== undefined);
}

function showCounts(counts: ReadonlyMap<string, number>, io: CommandIo): void {
  for (const [what, number] of [...counts].sort((left, right) => right[1] - left[1]))
    io.err(`${number} × ${oneLine(what)}`);
}

function kafkaOf({ settings, io }: Pick<Request, 'settings' | 'io'>) {
  const log = createLogger('foghorn', { level: 'error', format: 'json' }, { write: (line) => io.err(line.trimEnd()) });
  return createKafka(settings, log);
}

function count(counts: Map<string, number>, what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}
