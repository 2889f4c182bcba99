// Hostile bytes: what broke such readers before, by name, and a short walk through mutants from a
// fixed seed. The long walk: npm run fuzz.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEvtxReader } from '../../../services/cli/evtx/reader.ts';
import { chunkMutant, faultOfChunk } from '../../fuzz/chunks.ts';
import { faultOf } from '../../fuzz/check.ts';
import { NASTY, SEEDS } from '../../fuzz/corpus.ts';
import { findBulkFault, findHecFault, findSyslogFault } from '../../fuzz/inputs.ts';
import { mutant, randomOf } from '../../fuzz/mutate.ts';
import { faultOfOtlp, otlpMutant } from '../../fuzz/otlp.ts';

const MUTANTS = 4000;
const SEED = 309;
const CHUNKS = 100;
const REQUESTS = 3000;
const OF_INPUTS = 500;

for (const [name, text] of Object.entries(NASTY))
  test(`${name}: a document or a dead letter`, () => {
    assert.equal(faultOf(Buffer.from(text)), undefined);
    assert.equal(faultOf(Buffer.from(`\ufeff${text}`, 'utf16le')), undefined);
  });

test(`${MUTANTS} mutants from seed ${SEED}: each a document or a dead letter`, () => {
  const random = randomOf(SEED);
  for (let count = 0; count < MUTANTS; count += 1) {
    const bytes = mutant(SEEDS, random);
    assert.equal(faultOf(bytes), undefined, bytes.subarray(0, 1000).toString('base64'));
  }
});

test(`${CHUNKS} mutated chunks of a log file from seed ${SEED}: records that are documents or dead letters, and faults`, async () => {
  const random = randomOf(SEED);
  const reader = await createEvtxReader();
  for (let count = 0; count < CHUNKS; count += 1) {
    const bytes = chunkMutant(random);
    assert.equal(await faultOfChunk(reader, bytes), undefined, bytes.toString('base64'));
  }
});

test(`${REQUESTS} mutated OTLP requests from seed ${SEED}: records that are JSON or keep their bytes, or a refusal`, () => {
  const random = randomOf(SEED);
  for (let count = 0; count < REQUESTS; count += 1) {
    const bytes = otlpMutant(random);
    assert.equal(faultOfOtlp(bytes), undefined, bytes.toString('base64'));
  }
});

for (const [name, find] of Object.entries({ HEC: findHecFault, _bulk: findBulkFault, syslog: findSyslogFault }))
  test(`${OF_INPUTS} mutants of what ${name} brings from seed ${SEED}: refused or read within bounds`, () => {
    const random = randomOf(SEED);
    for (let count = 0; count < OF_INPUTS; count += 1) {
      const { bytes, fault } = find(random);
      assert.equal(fault, undefined, bytes.toString('base64'));
    }
  });

test('the same seed gives the same mutants, another seed others', () => {
  const first = (seed: number): string => mutant(SEEDS, randomOf(seed)).toString('base64');
  assert.equal(first(1), first(1));
  assert.notEqual(first(1), first(2));
});
