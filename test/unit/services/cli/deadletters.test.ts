// What `foghorn deadletters` selects, shows and sends again; and the document of a dead letter.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../../../../services/cli/command.ts';
import { isMeant, sinceOf } from '../../../../services/cli/deadletters/filter.ts';
import { replayOf } from '../../../../services/cli/deadletters/replay.ts';
import { deadLetterLine, deadLetterText } from '../../../../services/cli/deadletters/text.ts';
import { deadLettersCommand } from '../../../../services/cli/commands/deadletters.ts';
import { deadLetterDocument, MAX_ORIGINAL_BYTES } from '../../../../services/indexer/dead-letter-document.ts';
import {
  type DeadLetter,
  deadLettersTopic,
  encodeDeadLetter,
  type ReadDeadLetter,
} from '../../../../shared/contracts/dead-letter.ts';

const LETTER: DeadLetter = {
  stage: 'enricher',
  reason: 'invalid_xml',
  detail: 'no end of Event',
  source: { topic: 'fh.raw', partition: 3, offset: '4711' },
  original: {
    key: Buffer.from('media01'),
    value: Buffer.from('<Event>'),
    headers: { sender: '10.0.0.7', input: 'http' },
  },
};

function read(letter: Partial<DeadLetter> = {}): ReadDeadLetter {
  const { key, value, headers = {} } = encodeDeadLetter({ ...LETTER, ...letter });
  return readRecord({ key: key as Buffer | null, value: value as Buffer | null, headers });
}

function readRecord(record: {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
}): ReadDeadLetter {
  const decoded = deadLettersTopic.decode({ ...record, timestampMs: Date.UTC(2026, 2, 1) });
  assert.equal(decoded.kind, 'value');
  return (decoded as { readonly value: ReadDeadLetter }).value;
}

type Json = Readonly<Record<string, unknown>>;
const parts = (letter: ReadDeadLetter): { event: Json; dead: Json; document: Json } => {
  const document = deadLetterDocument(letter);
  const { dead_letter: dead } = document['foghorn'] as { readonly dead_letter: Json };
  return { event: document['event'] as Json, dead, document };
};

test('a dead letter comes back as it was written, and the same one has the same id', () => {
  const found = read();
  assert.deepEqual({ ...found, id: '', atMs: 0 }, { ...LETTER, id: '', atMs: 0 });
  assert.equal(read().id, found.id);
  assert.notEqual(read({ source: { ...LETTER.source, offset: '4712' } }).id, found.id);
});

test('a record that is no dead letter is one all the same', () => {
  const found = readRecord({ key: null, value: null, headers: { 'dead-partition': 'x' } });
  assert.equal(found.stage, 'unknown');
  assert.equal(found.source.partition, -1);
  assert.equal(JSON.parse(JSON.stringify(deadLetterDocument(found)))['@timestamp'], '2026-03-01T00:00:00.000Z');
  assert.ok(deadLetterText(found).includes('unknown'));
});

test('filters: every part has to hold', () => {
  const letter = read();
  for (const filter of [
    {},
    { stage: 'enricher', reason: 'invalid_xml', sender: '10.0.0.7', sinceMs: letter.atMs },
    { id: letter.id.slice(0, 6) },
  ])
    assert.equal(isMeant(letter, filter), true, JSON.stringify(filter));
  for (const filter of [
    { stage: 'indexer' },
    { reason: 'x' },
    { sender: 'x' },
    { sinceMs: letter.atMs + 1 },
    { id: '~' },
  ])
    assert.equal(isMeant(letter, filter), false, JSON.stringify(filter));
  assert.equal(sinceOf('1h30m', 10_000_000), 4_600_000);
  assert.equal(sinceOf('2026-03-01T00:00:00Z', 0), Date.UTC(2026, 2, 1));
  assert.throws(() => sinceOf('yesterday', 0), UsageError);
});

test('what is sent again is the original, without our headers; snapshots and strange topics are left', () => {
  assert.deepEqual(replayOf(read(), 'fh'), {
    kind: 'record',
    record: { topic: 'raw', ...LETTER.original },
  });
  for (const topic of ['fh.incidents', 'other.raw', 'fh.dead-letters', 'unknown'])
    assert.equal(replayOf(read({ source: { ...LETTER.source, topic } }), 'fh').kind, 'left', topic);
});

test('an original that is no text is kept in base64, a large one in part and on a character’s border', () => {
  const binary = parts(read({ original: { ...LETTER.original, value: Buffer.from([0xff, 0xfe, 0x00]) } }));
  assert.equal(binary.dead['encoding'], 'base64');
  assert.equal(binary.event['original'], '//4A');
  const text = `x${'ä'.repeat(MAX_ORIGINAL_BYTES)}`;
  const large = parts(read({ original: { ...LETTER.original, value: Buffer.from(text) } }));
  assert.equal(large.dead['is_truncated'], true);
  assert.equal(large.dead['bytes'], Buffer.byteLength(text));
  assert.equal(large.event['original'], text.slice(0, MAX_ORIGINAL_BYTES / 2));
  const none = parts(read({ original: { key: null, value: null, headers: {} } }));
  assert.equal(none.dead['bytes'], 0);
});

test('hostile headers make no field that Elasticsearch refuses', () => {
  const headers = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`h\0${index}`, 'v\0'.repeat(2000)]));
  const { document } = parts(read({ original: { ...LETTER.original, headers } }));
  const text = JSON.stringify(document);
  assert.ok(!text.includes(String.raw`\u0000`));
  assert.ok(text.length < 100_000);
});

test('neither a line nor the whole lets a sender write to the terminal', () => {
  const evil = '\u001b[2Jx\u202e';
  const letter = read({
    detail: evil,
    original: { key: Buffer.from(evil), value: Buffer.from(evil), headers: { sender: evil } },
  });
  for (const text of [deadLetterLine(letter), deadLetterText(letter)]) assert.doesNotMatch(text, /[\u001b\u202e]/u);
  assert.match(deadLetterText(read()), /<Event>$/u);
});

test('no field of a dead letter begins a line of its own [security L4]', () => {
  const forged = 'x\n2026-03-01T10:00:00.000Z  forged';
  const source = { topic: forged, partition: 1, offset: forged };
  const original = { key: Buffer.from(forged), value: null, headers: { sender: forged, [forged]: forged } };
  const letter = { ...read({ detail: forged, original, source }), stage: forged, reason: forged };
  assert.doesNotMatch(deadLetterLine(letter), /\n/u);
  assert.doesNotMatch(deadLetterText(letter), /^2026/mu);
});

test('arguments that make no sense, replay of everything unasked among them', async () => {
  const io = { out: () => undefined, err: () => undefined, isTerminal: false, signal: new AbortController().signal };
  for (const args of [
    [],
    ['drop'],
    ['show'],
    ['list', 'x'],
    ['list', '--last', '0'],
    ['replay'],
    ['list', '--since', 'x'],
    ['replay', '--topic', 'raws'],
  ])
    await assert.rejects(deadLettersCommand.run(args, io), UsageError, args.join(' '));
});

test('a mistyped reason is refused; one that a later version may have is not', async () => {
  const said: string[] = [];
  const io = {
    out: () => undefined,
    err: (line: string) => void said.push(line),
    isTerminal: false,
    signal: new AbortController().signal,
  };
  // Refused behind the reason, and before anything is asked for.
  const list = async (reason: string) => await deadLettersCommand.run(['list', '--reason', reason, '--last', '0'], io);
  await assert.rejects(list('invalid_xlm'), /--reason invalid_xlm: say .* Did you mean invalid_xml\?$/u);
  for (const reason of ['invalid_xml', 'out_of_quota']) await assert.rejects(list(reason), /--last 0/u);
  assert.deepEqual(said, ['--reason out_of_quota: this version writes no such reason; a later one may.']);
});

test('replay goes to topics of senders; to others only by name, and never to commands [security M7]', () => {
  const kindOf = (source: object, named?: string) =>
    replayOf(read({ source: { ...LETTER.source, ...source } }), 'fh', named).kind;
  for (const topic of ['fh.raw', 'fh.events', 'fh.alerts']) assert.equal(kindOf({ topic }), 'record', topic);
  assert.deepEqual([kindOf({ topic: 'fh.actions' }), kindOf({ topic: 'fh.actions' }, 'actions')], ['left', 'record']);
  assert.deepEqual([kindOf({ topic: 'fh.commands' }), kindOf({ topic: 'fh.commands' }, 'commands')], ['left', 'left']);
  assert.equal(kindOf({ topic: 'fh.raw' }, 'events'), 'left');
  assert.deepEqual([kindOf({ partition: -1 }), kindOf({ offset: 'x' })], ['left', 'left']);
});
