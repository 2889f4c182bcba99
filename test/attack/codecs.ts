// Batches of another client in every codec, on every topic: what no reader can take becomes a dead
// letter, and a good event is indexed.
import type { TopicKey } from '../../shared/contracts/record.ts';
import { TOPICS, topicName } from '../../shared/contracts/topics.ts';
import { makeFault } from '../support/events.ts';
import { type JavaBatch, sendByJava } from '../support/java-producer.ts';
import { until } from '../support/until.ts';
import { type Attempt, must } from './attempt.ts';
import { allRead, deadLettersOf, LIMIT_MS, type Stack } from './stack.ts';

const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
const RECORDS = 20;
const BYTES = 300;
const TOPIC_KEYS = Object.keys(TOPICS) as readonly TopicKey[];

/** The attempts, in their order. */
export function codecs(stack: Stack): readonly Attempt[] {
  const { fleet } = stack;
  const { settings } = fleet.kafka;
  const send = async (batches: readonly JavaBatch[]): Promise<void> => {
    const why = await sendByJava(settings.brokers.join(','), batches);
    must(why === undefined, `no other client at hand: ${why}`);
  };
  return [
    {
      attack: `batches of nonsense in ${CODECS.join(', ')} on every topic`,
      run: async () => {
        const batches = TOPIC_KEYS.flatMap((key) =>
          CODECS.map(
            (codec): JavaBatch => ({
              topic: topicName(settings.topicPrefix, key),
              codec,
              count: RECORDS,
              bytes: BYTES,
              mode: 'none',
            }),
          ),
        );
        await send(batches);
        return `${batches.length} batches of ${RECORDS} records, ${await allRead(fleet)} groups read them`;
      },
    },
    { attack: 'each record of them is a dead letter', run: async () => await eachIsKept(stack) },
    {
      attack: 'good events in every codec are indexed',
      run: async () => {
        const faults = CODECS.map((codec, index) => ({ codec, ...makeFault('attack-codec', index) }));
        const topic = topicName(settings.topicPrefix, 'raw');
        await send(faults.map(({ codec, text }) => ({ topic, codec, count: 1, bytes: 0, mode: 'none', value: text })));
        const query = { bool: { should: faults.map(({ host }) => ({ term: { 'host.name': host } })) } };
        await until('indexed', async () => (await fleet.elasticsearch.count(query)) >= CODECS.length, LIMIT_MS);
        return `${CODECS.length} sent, ${await fleet.elasticsearch.count(query)} documents`;
      },
    },
  ];
}

/** What cannot be read in these topics is logged, and stays where it is. */
const WITHOUT_DEAD_LETTERS: ReadonlySet<TopicKey> = new Set(['deadLetters', 'catalog']);

async function eachIsKept({ fleet }: Stack): Promise<string> {
  const letters = await deadLettersOf(fleet);
  const counts = TOPIC_KEYS.filter((key) => !WITHOUT_DEAD_LETTERS.has(key)).flatMap((key) =>
    CODECS.map((codec) => {
      const topic = topicName(fleet.kafka.settings.topicPrefix, key);
      const own = letters.filter(
        ({ source, original }) =>
          source.topic === topic && original.value?.toString('latin1').startsWith(`${codec} none `) === true,
      );
      const places = new Set(own.map(({ source }) => `${source.partition} ${source.offset}`));
      must(places.size === RECORDS, `${places.size} of ${RECORDS} records in ${codec} of ${topic} are dead letters`);
      return places.size;
    }),
  );
  return `${counts.reduce((sum, count) => sum + count, 0)} records kept`;
}
