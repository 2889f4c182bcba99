// Topics that agents write to, read into the same path as what comes by the other inputs. An offset
// is committed when our own topic has the events.
import type { RawEvent } from '../../../../shared/contracts/raw-event.ts';
import { TOPICS, topicName } from '../../../../shared/contracts/topics.ts';
import { createKafka, type KafkaSettings, kafkaSettings } from '../../../../shared/kafka/client.ts';
import { type ForeignBatch, type GroupReading, readInGroup } from '../../../../shared/kafka/group-reader.ts';
import { showLag } from '../../../../shared/kafka/stage-metrics.ts';
import { ConfigError, Unavailable } from '../../../../shared/runtime/errors.ts';
import type { Running } from '../../../../shared/runtime/running.ts';
import { unlessAborted } from '../../../../shared/runtime/within.ts';
import type { BodyPiece } from '../http/events-of-body.ts';
import { createFaultReport, faultsOf, storedOf, withinSize } from '../http/keep-all.ts';
import type { InputParts, InputType } from '../input.ts';
import { piecesOfRecord, placeOf } from './records.ts';
import { type KafkaInputConfig, kafkaInputSettings } from './settings.ts';

const KIND = 'kafka';
/** The label of its lag, beside the stages of the other services. */
const STAGE = 'collector';
const NOT_STORED =
  'an event stays in the topic of its agent alone: raise the limit, then set the group back to its offset';
/** More than a record of the largest size holds of any event. */
const MAX_EVENTS = 100_000;

/** The Kafka input. */
export const kafkaInput: InputType<typeof KIND, typeof kafkaInputSettings> = {
  kind: KIND,
  settings: kafkaInputSettings,
  start: async (settings, parts) => await Promise.resolve(startKafkaInput(settings, parts)),
};

/** Reads topics in a group, with a Kafka client of its own. */
type OpenReader = (settings: KafkaSettings, reading: Omit<GroupReading, 'kafka'>) => Running;

/** Reads. Throws ConfigError when it may not. */
export function startKafkaInput(settings: KafkaInputConfig, parts: InputParts, open: OpenReader = openReader): Running {
  const own = parts.kafka ?? kafkaSettings.parse({});
  refuseOwnTopics(settings, own);
  const { topics, groupId, fromBeginning } = settings;
  const end = new AbortController();
  const underWay = new Set<Promise<void>>();
  const report = createFaultReport(KIND, parts, NOT_STORED);
  let isStopping = false;
  const handle: GroupReading['handle'] = async (batch, lost) => {
    if (isStopping) throw new Unavailable('the collector', 'it stops');
    const work = deliverBatch({ ...parts, report }, batch, AbortSignal.any([lost, end.signal]));
    underWay.add(work);
    await work.finally(() => underWay.delete(work));
  };
  const reader = open(settingsOf(settings, own), {
    groupId: groupId === '' ? `${own.topicPrefix}.collector` : groupId,
    topics,
    fromBeginning,
    log: parts.log.child({ input: KIND }),
    lagOf: (topic) => showLag(parts.metrics, { stage: STAGE, topic }),
    handle,
  });
  return {
    ready: async () => (isStopping ? 'the Kafka input does not read' : await reader.ready()),
    stop: async (deadline) => {
      isStopping = true;
      const giveUp = (): void => end.abort();
      deadline.addEventListener('abort', giveUp, { once: true });
      if (deadline.aborted) giveUp();
      await Promise.allSettled(underWay);
      await reader.stop(deadline);
      deadline.removeEventListener('abort', giveUp);
    },
  };
}

function openReader(settings: KafkaSettings, reading: Omit<GroupReading, 'kafka'>): Running {
  const kafka = createKafka(settings, reading.log);
  const reader = readInGroup({ kafka, ...reading });
  return {
    ready: () => reader.ready(),
    stop: async (deadline) => {
      await reader.stop(deadline);
      kafka.end();
    },
  };
}

/** Our own topics would be read for ever. */
function refuseOwnTopics({ topics }: KafkaInputConfig, { topicPrefix }: KafkaSettings): void {
  const own = new Set(Object.keys(TOPICS).map((key) => topicName(topicPrefix, key as keyof typeof TOPICS)));
  const found = topics.find((topic) => own.has(topic));
  if (found !== undefined)
    throw new ConfigError(`collector.kafka.topics: ${found} is Foghorn's own; name the topics that agents write to.`);
}

function settingsOf(
  { brokers, tls, saslMechanism, saslUsername, saslPassword }: KafkaInputConfig,
  own: KafkaSettings,
): KafkaSettings {
  return brokers.length === 0 ? own : { ...own, brokers, tls, saslMechanism, saslUsername, saslPassword };
}

interface BatchParts extends InputParts {
  readonly report: ReturnType<typeof createFaultReport>;
}

/**
 * Resolves when Kafka has all of a batch, its bad records as dead letters. Rejects with Unavailable
 * when `signal` aborts, with Oversized for an event that is larger than all the room.
 */
async function deliverBatch(
  parts: BatchParts,
  { topic, partition, records }: ForeignBatch,
  signal: AbortSignal,
): Promise<void> {
  const { intake, metrics, report } = parts;
  const endTimer = metrics.acceptSeconds.startTimer({ input: KIND });
  const reserve = () => intake.reserve(KIND, { sender: `topic ${topic}`, address: String(partition) });
  let reservation = reserve();
  let pieces: BodyPiece[] = [];
  let events: RawEvent[] = [];
  const flush = async (): Promise<void> => {
    const delivery = intake.deliverWithRetries(events, reservation, signal);
    const delivered = pieces;
    // The intake releases the other one.
    [reservation, pieces, events] = [reserve(), [], []];
    report(faultsOf(delivered, await unlessAborted(delivery, signal, givenUp)), { name: topic });
  };
  const makeRoom = async (bytes: number): Promise<void> => {
    const grow = (): boolean => reservation.tryGrow(bytes);
    if (grow()) return;
    if (events.length > 0) await flush();
    if (!(await intake.untilTaken(grow, signal))) throw givenUp();
  };
  const take = async (piece: BodyPiece): Promise<void> => {
    const stored = storedOf(piece);
    if (stored !== undefined) {
      await makeRoom(stored.bytes.length);
      events.push(stored);
    }
    pieces.push(piece);
  };
  try {
    for (const record of records) for (const piece of piecesOf(parts, record, { topic, partition })) await take(piece);
    if (events.length > 0) await flush();
    endTimer();
  } finally {
    reservation.release();
  }
}

function piecesOf(
  { intake, log, now }: InputParts,
  record: ForeignBatch['records'][number],
  { topic, partition }: Pick<ForeignBatch, 'topic' | 'partition'>,
): readonly BodyPiece[] {
  const pieces = piecesOfRecord(record, {
    arrival: { input: KIND, sender: topic, place: placeOf(topic, partition, record), receivedAtMs: now() },
    charset: 'utf-8',
    maxEvents: MAX_EVENTS,
    // Room is taken for what goes on; one record is small beside it.
    admit: () => undefined,
    onBug: (error) => log.error({ err: error }, 'a bug in looking at one record: it goes on as it came'),
  });
  return withinSize(pieces, intake.maxRecordBytes);
}

function givenUp(): Unavailable {
  return new Unavailable('Kafka', 'the batch was given up before it was stored', { code: 'given_up' });
}
