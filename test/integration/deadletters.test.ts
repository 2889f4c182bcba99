// Dead letters in Elasticsearch and on the command line, and played again: nothing is lost and
// nothing is twice.
import assert from 'node:assert/strict';
import { anId } from '../support/ids.ts';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { deadLettersCommand } from '../../services/cli/commands/deadletters.ts';
import { encodeDeadLetter } from '../../shared/contracts/dead-letter.ts';
import { topicName } from '../../shared/contracts/topics.ts';
import { ConfigError } from '../../shared/runtime/errors.ts';
import { testElasticsearch } from '../support/elasticsearch.ts';
import { startTestIndexer } from '../support/indexer.ts';
import { type TestKafka, testKafka } from '../support/kafka.ts';
import { until } from '../support/until.ts';

const ALL = { match_all: {} };

function commandLine(t: TestContext, { settings }: Pick<TestKafka, 'settings'>) {
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-deadletters-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const config = join(folder, 'foghorn.yaml');
  writeFileSync(config, JSON.stringify({ kafka: { brokers: settings.brokers, topicPrefix: settings.topicPrefix } }));
  return async (...given: readonly string[]): Promise<string> => {
    const [expected, args] = given[0] === '1' ? [1, given.slice(1)] : [0, given];
    const lines: string[] = [];
    const { signal } = new AbortController();
    const say = (line: string): void => void lines.push(line);
    const io = { out: say, err: say, isTerminal: false, signal };
    assert.equal(await deadLettersCommand.run([...args, '--config', config], io), expected);
    return lines.join('\n');
  };
}

/** A good event that some stage failed on, received long ago. */
function deadEvent(prefix: string, id: string) {
  const value = JSON.stringify({
    '@timestamp': '2026-03-01T10:00:00Z',
    event: { id, code: '309' },
    host: { name: 'media01' },
  });
  return encodeDeadLetter({
    stage: 'indexer',
    reason: 'index_refused',
    detail: 'a mapping that has been repaired since',
    source: { topic: topicName(prefix, 'events'), partition: 0, offset: id.slice(3) },
    original: {
      key: Buffer.from('media01'),
      value: Buffer.from(value),
      headers: { id: anId(id), received: '1000', sender: '10.0.0.7' },
    },
  });
}

test('they can be searched, listed and shown; replay sends what is meant, and twice makes no twin, not even after a rollover', async (t) => {
  const [kafka, corner] = await Promise.all([testKafka(t), testElasticsearch(t)]);
  const foghorn = commandLine(t, kafka);
  const { elasticsearch, names } = corner;
  await startTestIndexer(t, kafka, corner);
  const { topicPrefix } = kafka.settings;
  const letters = Array.from({ length: 30 }, (_, index) => deadEvent(topicPrefix, `ev-${index}`));
  const binary = encodeDeadLetter({
    stage: 'enricher',
    reason: 'unknown_format',
    detail: 'no event',
    source: { topic: topicName(topicPrefix, 'raw'), partition: 0, offset: '9' },
    original: { key: null, value: Buffer.from([0xff, 0x00, 0xfe]), headers: { sender: '10.0.0.8' } },
  });
  // The last five again, as after a crash between writing and committing.
  await kafka.producer.send([...letters, binary, ...letters.slice(-5)]);
  await until('all are there, each once', async () => (await corner.count(ALL, names.deadLetters)) === 31);
  assert.equal(await corner.count({ term: { 'foghorn.dead_letter.reason': 'unknown_format' } }, names.deadLetters), 1);
  const [found] = await corner.search({ term: { 'foghorn.sender': '10.0.0.8' } }, 1, names.deadLetters);
  assert.equal(found?.event['original'], '/wD+');

  const listed = await foghorn('list', '--sender', '10.0.0.8');
  assert.match(listed, /unknown_format/u);
  assert.doesNotMatch(listed, /index_refused/u);
  const id = String(found?.event['id']);
  assert.match(await foghorn('show', id.slice(0, 12)), /3 bytes, in base64/u);
  assert.match(await foghorn('1', 'show', '-aaaaaaaaa'), /no dead letter -aaaaaaaaa/u);
  assert.match(await foghorn('list', '--reason', 'invalid_xml'), /No dead letter matches/u);

  assert.match(await foghorn('list'), /30 × indexer: index_refused\n1 × enricher: unknown_format/u);
  const planned = await foghorn('replay', '--stage', 'indexer', '--dry-run');
  assert.match(planned, /30 × \S+\.events: indexer: index_refused\n30 would be replayed; nothing was sent/u);
  assert.equal(await corner.count(ALL), 0);
  assert.match(await foghorn('replay', '--stage', 'indexer'), /30 replayed/u);
  await until('all are indexed', async () => (await corner.count(ALL)) === 30);

  const rolled = await elasticsearch.request({ method: 'POST', path: `/${names.events}/_rollover` });
  assert.equal(rolled.status, 200);
  await foghorn('replay', '--reason', 'index_refused');
  const marker = {
    topic: 'events' as const,
    key: 'media01',
    value: JSON.stringify({ '@timestamp': '2026-03-01T10:00:00Z' }),
    headers: { id: anId('marker') },
  };
  await kafka.producer.send([marker]);
  await until('the marker is there', async () => (await corner.count({ ids: { values: [anId('marker')] } })) === 1);
  assert.equal(await corner.count(ALL), 31);
});

test('a prefix that has no topics is said to be wrong, not waited for', async (t) => {
  const { settings } = await testKafka(t);
  const foghorn = commandLine(t, { settings: { ...settings, topicPrefix: `${settings.topicPrefix}-other` } });
  await assert.rejects(foghorn('list'), (error) => error instanceof ConfigError && error.message.includes('-other.'));
});
