// Nobody buys minutes of a service's time with a small request: whatever the shape of a body, time
// grows no faster than its size. CPU time, not the clock's.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventsOfBody } from '../../../services/collector/inputs/http/events-of-body.ts';
import { loadCatalogFolders } from '../../../shared/runtime/catalog-files.ts';
import { createEnrich } from '../../../services/enricher/enrich.ts';
import type { RawEncoding } from '../../../shared/contracts/raw-event.ts';
import { cpuMsOf } from '../../fuzz/cpu.ts';
import { SHAPES, type Shape } from '../../fuzz/pathological.ts';

const BODY_BYTES = 524_288;
const EVENT_BYTES = 131_072;
/**
 * Less than this for the large size needs no comparison: at the same pace the largest body of the
 * default settings takes 2 s.
 */
const QUICK_MS = 60;
const ROUNDS = 3;
/**
 * Twice the size may take twice the time, and something for noise and collected garbage; quadratic
 * time is four times.
 */
const MOST_TIMES = 3;

const enrich = createEnrich({
  catalog: await loadCatalogFolders([]),
  now: () => Date.UTC(2026, 2, 1),
  keepOriginal: false,
  maxDocumentBytes: 2_097_152,
});

function split(body: Buffer, charset: RawEncoding): void {
  const arrival = { input: 'http', sender: '192.0.2.9', receivedAtMs: 0 };
  try {
    eventsOfBody(body, { arrival, charset, maxEvents: 20_000, admit: () => undefined, onBug: assert.fail });
  } catch (error) {
    assert.equal(error instanceof Error && error.name, 'Refusal');
  }
}

function read(bytes: Buffer, encoding: RawEncoding): void {
  enrich({ bytes, encoding, format: 'xml', input: 'http', sender: '192.0.2.9', receivedAtMs: 0 });
}

/** What is wrong with how the time of `work` grows with its input; undefined when nothing is. */
function faultOfGrowth(shape: Shape, bytes: number, work: (input: Buffer) => void): string | undefined {
  const inputOf = (size: number): Buffer => shape.make(Math.ceil(size / shape.bytesPerPart));
  const large = inputOf(bytes);
  if (cpuMsOf(() => work(large)) < QUICK_MS) return undefined;
  const small = inputOf(bytes / 2);
  const best = (input: Buffer): number => Math.min(...Array.from({ length: ROUNDS }, () => cpuMsOf(() => work(input))));
  const [half, whole] = [best(small), best(large)];
  if (whole < QUICK_MS || whole <= MOST_TIMES * half) return undefined;
  return `${shape.name}: ${small.length} bytes take ${Math.round(half)} ms of CPU time, ${large.length} take ${Math.round(whole)}`;
}

function problemsIn(shapes: readonly Shape[], bytes: number, work: (input: Buffer) => void): readonly string[] {
  return shapes.flatMap((shape) => faultOfGrowth(shape, bytes, work) ?? []);
}

const wide = (input: Buffer): Buffer => Buffer.from(input.toString('latin1'), 'utf16le');

test('a body twice as large takes about twice the time to cut into events, whatever its shape [security H3]', () => {
  assert.deepEqual(
    problemsIn(SHAPES, BODY_BYTES, (body) => split(body, 'utf-8')),
    [],
  );
});

test('an event twice as large takes about twice the time to read, whatever its shape [security H3]', () => {
  assert.deepEqual(
    problemsIn(SHAPES, EVENT_BYTES, (event) => read(event, 'utf-8')),
    [],
  );
  const longNames = SHAPES.filter(({ name }) => name.startsWith('a long name above'));
  assert.equal(longNames.length, 4);
  assert.deepEqual(
    problemsIn(longNames, BODY_BYTES, (event) => read(event, 'utf-8')),
    [],
  );
});

test('UTF-16 takes no longer than its size either [security H3]', () => {
  const shapes = SHAPES.filter(({ name }) => /UserData|a >|"<"|"\["|dotted/u.test(name));
  assert.ok(shapes.length > 20);
  assert.deepEqual(
    problemsIn(shapes, BODY_BYTES, (body) => split(wide(body), 'utf-16le')),
    [],
  );
  assert.deepEqual(
    problemsIn(shapes, EVENT_BYTES, (event) => read(wide(event), 'utf-16le')),
    [],
  );
});
