// Inputs that senders of many kinds are reported to write, cut and read as collector and enricher do, held to what is right (test/data/cases/README.md).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type BodyPiece, eventsOfBody } from '../../../../services/collector/inputs/http/events-of-body.ts';
import type { WindowsEvent } from '../../../../shared/contracts/windows-event.ts';
import { readEvent } from '../../../../shared/windows/read-event.ts';
import { toEcs } from '../../../../shared/windows/to-ecs.ts';
import { CASES } from './case-expectations.ts';

type Json = Readonly<Record<string, unknown>>;

const arrival = { input: 'http', sender: 'test', receivedAtMs: 1_795_200_000_000 };

function piecesOf(file: string): readonly BodyPiece[] {
  const body = readFileSync(`test/data/cases/${file}`);
  return eventsOfBody(body, { arrival, charset: 'utf-8', maxEvents: 1000, admit: () => undefined });
}

function documentOf(piece: BodyPiece): Json {
  assert.equal(piece.kind, 'event', 'refused at the door');
  if (piece.kind !== 'event') return {};
  const read = readEvent(piece.event.bytes, piece.event.encoding);
  assert.equal(read.kind, 'event', read.kind === 'bad' ? `${read.reason}: ${read.detail}` : '');
  const { event } = read as { readonly event: WindowsEvent };
  return toEcs(event, { receivedAt: '2026-11-20T20:00:00.000Z' });
}

/** The values at the paths that are expected, dots between names. */
function pick(document: Json, expected: Json): Json {
  const plain = JSON.parse(JSON.stringify(document)) as Json;
  const at = (path: string): unknown =>
    path.split('.').reduce<unknown>((place, name) => (place as Json | undefined)?.[name], plain);
  return Object.fromEntries(Object.keys(expected).map((path) => [path, at(path)]));
}

for (const [file, expected] of Object.entries(CASES))
  test(`${file} is read as it should be`, () => {
    const pieces = piecesOf(file);
    const documents = pieces.map(documentOf);
    assert.deepEqual(
      documents.map((document, index) => pick(document, expected[index] ?? {})),
      expected,
    );
  });
