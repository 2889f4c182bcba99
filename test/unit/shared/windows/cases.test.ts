// Inputs that senders of many kinds are reported to write, cut and enriched as collector and enricher do, held to what is right (test/data/cases/README.md).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BodyPiece, eventsOfBody } from '../../../../services/collector/inputs/http/events-of-body.ts';
import { loadCatalogFolders } from '../../../../services/enricher/catalog-files.ts';
import { createEnrich } from '../../../../services/enricher/enrich.ts';
import { faultsOf, type Outcome } from '../../../cases/judge.ts';
import { type Case, CASES_FOLDER, readCases } from '../../../cases/read-cases.ts';

const RECEIVED_MS = Date.UTC(2026, 10, 20, 20);
const arrival = { input: 'http', sender: 'test', receivedAtMs: RECEIVED_MS };
const enrich = createEnrich({
  catalog: await loadCatalogFolders([]),
  now: () => RECEIVED_MS,
  keepOriginal: false,
  maxDocumentBytes: 1_000_000,
});
const CASES = readCases(CASES_FOLDER);

function outcomeOf(piece: BodyPiece): Outcome {
  if (piece.kind === 'bad') {
    const kept = piece.piece === undefined ? undefined : enrich(piece.piece);
    return kept?.kind === 'dead' ? { ...kept, kind: 'dead letter' } : { ...piece, kind: 'dead letter' };
  }
  const verdict = enrich(piece.event);
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
  return eventsOfBody(body, { arrival, charset: 'utf-8', maxEvents: 1000, admit: () => undefined }).map(outcomeOf);
}

for (const given of CASES)
  test(`${given.name} is read as it should be`, () => {
    assert.ok(given.expected !== undefined, 'there is no expectation beside it');
    assert.deepEqual(faultsOf(given.expected, outcomesOf(given)), []);
  });

test('a case that is not as expected is told, whatever is wrong', () => {
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
  for (const outcomes of worse) assert.notDeepEqual(faultsOf(expected, outcomes), []);
  assert.notDeepEqual(faultsOf({ ...expected, events: [{ deadLetter: 'invalid_event' }] }, [first]), []);
});
