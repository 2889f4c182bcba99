// Inputs that senders of many kinds are reported to write, cut and enriched as collector and
// enricher do, held to what is right (test/data/cases/README.md).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type BodyOptions,
  type BodyPiece,
  eventsOfBody,
} from '../../../../services/collector/inputs/http/events-of-body.ts';
import { eventOfMessage } from '../../../../services/collector/inputs/syslog/event.ts';
import { loadCatalogFolders } from '../../../../shared/runtime/catalog-files.ts';
import { createEnrich } from '../../../../services/enricher/enrich.ts';
import type { RawEvent } from '../../../../shared/contracts/raw-event.ts';
import { readEvent } from '../../../../shared/windows/read-event.ts';
import { deviationsOf, type Outcome } from '../../../cases/expectations.ts';
import { type Case, CASES_FOLDER, readCases, readSyslogCases } from '../../../cases/read-cases.ts';

const RECEIVED_MS = Date.UTC(2026, 10, 20, 20);
const arrival = { input: 'http', sender: 'test', receivedAtMs: RECEIVED_MS };
const enrich = createEnrich({
  catalog: await loadCatalogFolders([]),
  now: () => RECEIVED_MS,
  keepOriginal: false,
  maxDocumentBytes: 1_000_000,
});
const CASES = readCases(CASES_FOLDER);
const OPTIONS: BodyOptions = { arrival, charset: 'utf-8', maxEvents: 1000, admit: () => undefined };

function outcomeOf(piece: BodyPiece): Outcome {
  if (piece.kind === 'event') return outcomeOfEvent(piece.event);
  const kept = piece.piece === undefined ? undefined : enrich(piece.piece);
  return kept?.kind === 'dead' ? { ...kept, kind: 'dead letter' } : { ...piece, kind: 'dead letter' };
}

function outcomeOfEvent(raw: RawEvent): Outcome {
  const verdict = enrich(raw);
  if (verdict.kind === 'dead') return { ...verdict, kind: 'dead letter' };
  const records = verdict.kind === 'emit' ? verdict.records : [];
  const event = records.find(({ topic }) => topic === 'events');
  return {
    kind: 'document',
    id: event?.headers?.['id'] ?? '',
    document: JSON.parse(String(event?.value)) as Record<string, unknown>,
    isAlerted: records.some(({ topic, headers }) => topic === 'alerts' && headers?.['id'] !== undefined),
  };
}

function outcomesOf({ body }: Case): readonly Outcome[] {
  return eventsOfBody(body, OPTIONS).map(outcomeOf);
}

for (const given of CASES)
  test(`${given.name} is read as it should be`, () => {
    assert.ok(given.expected !== undefined, 'there is no expectation beside it');
    assert.deepEqual(deviationsOf(given.expected, outcomesOf(given)), []);
  });

for (const { name, messages, expected } of readSyslogCases())
  test(`${name}: each message is read as it should be`, () => {
    const events = messages.map((bytes) => eventOfMessage({ bytes }, { ...arrival, input: 'syslog' }));
    assert.deepEqual(deviationsOf(expected, events.map(outcomeOfEvent)), []);
    const computers = expected.events.map((one) => ('document' in one ? one.document['winlog.computer_name'] : 'any'));
    for (const [index, { computer }] of events.entries())
      if (typeof computers[index] === 'string' && computers[index] !== 'any') assert.equal(computer, computers[index]);
  });

test('a case that is not as expected is reported, whatever is wrong', () => {
  const [given] = CASES;
  assert.ok(given?.expected !== undefined);
  const { expected } = given;
  const [first, ...others] = outcomesOf(given);
  assert.ok(first?.kind === 'document');
  const worse: readonly (readonly Outcome[])[] = [
    others,
    [first, first, first],
    [{ ...first, isAlerted: !first.isAlerted }, ...others],
    [{ ...first, document: {} }, ...others],
    [{ kind: 'dead letter', reason: 'invalid_event', detail: '' }, ...others],
    [{ ...first, id: 'another' }, ...others],
  ];
  for (const outcomes of worse) assert.notDeepEqual(deviationsOf(expected, outcomes), []);
  assert.notDeepEqual(deviationsOf({ ...expected, events: [{ deadLetter: 'invalid_event' }] }, [first]), []);
});

const WRONG = [null, '', true, -1, 1e300, [], [[]], {}, { a: { b: [] } }, '{', '<Event>', '\uD800'] as const;

test('any field of any case may be wrong: an event, or a reason why it is none, and no throw', () => {
  let count = 0;
  for (const piece of CASES.flatMap(({ body }) => eventsOfBody(body, OPTIONS))) {
    if (piece.kind === 'bad' || piece.event.format === 'xml') continue;
    const fields = JSON.parse(piece.event.bytes.toString('utf8')) as Readonly<Record<string, unknown>>;
    for (const spoiled of spoiledOf(fields)) {
      const read = readEvent(Buffer.from(JSON.stringify(spoiled)), 'utf-8');
      if (read.kind === 'bad') assert.match(read.reason, /^(?:unknown_format|invalid_event|invalid_json)$/u);
      count += 1;
    }
  }
  assert.ok(count > 1000);
});

/** The same with each field, and each field of the objects in it, wrong in every way. */
function spoiledOf(fields: Readonly<Record<string, unknown>>): readonly object[] {
  return Object.entries(fields).flatMap(([name, value]) => [
    ...WRONG.map((wrong) => ({ ...fields, [name]: wrong })),
    ...(typeof value === 'object' && value !== null && !Array.isArray(value)
      ? spoiledOf(value as Readonly<Record<string, unknown>>).map((inner) => ({ ...fields, [name]: inner }))
      : []),
  ]);
}

test('JSON in JSON is read three times over and no further', () => {
  const event = { winlog: { event_id: '309', provider_name: 'WMServer' } };
  let text = JSON.stringify(event);
  for (let depth = 0; depth <= 4; depth += 1) {
    const read = readEvent(Buffer.from(text), 'utf-8');
    assert.equal(read.kind, depth <= 3 ? 'event' : 'bad', String(depth));
    text = JSON.stringify({ message: text });
  }
});
