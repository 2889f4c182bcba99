// What every stage keeps to, whatever it does (shared/contracts/stage.ts): a verdict for each
// record, in order, also for odd ones; an unavailable dependency is Unavailable; repeats do no
// harm; who lets go is let go. Stages without servers are listed in test/contract, the others in
// test/integration: see `Subjects`.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { InRecord, OutRecord } from '../../shared/contracts/record.ts';
import type { Stage, StageName, Verdict } from '../../shared/contracts/stage.ts';
import { TOPICS } from '../../shared/contracts/topics.ts';
import { Unavailable } from '../../shared/runtime/errors.ts';
import { LIMIT_MS } from './until.ts';

/** A stage without a dependency. */
export interface StageSubject<In> {
  readonly stage: Stage<In>;
  /** Records that it takes, each with an effect of its own. */
  readonly good: readonly OutRecord[];
  /** How much it has done outside its verdicts. */
  effects?(): Promise<number> | number;
}

/** A stage and the dependency that it needs. */
export interface DependentSubject<In> extends StageSubject<In> {
  /** Makes the dependency answer, refuse, or be silent. */
  readonly dependency: { behave(how: 'well' | 'refusing' | 'silent'): void };
  effects(): Promise<number> | number;
}

/**
 * Where the suite of each stage runs, and whether the stage has a dependency. A stage without an
 * entry does not compile, nor does one without a suite.
 */
interface Subjects {
  enricher: { where: 'contract'; dependency: false };
  indexer: { where: 'contract'; dependency: true };
  'indexer-incidents': { where: 'contract'; dependency: true };
  'indexer-actions': { where: 'contract'; dependency: true };
  'indexer-sources': { where: 'contract'; dependency: true };
  'indexer-dead-letters': { where: 'contract'; dependency: true };
  notifier: { where: 'integration'; dependency: true };
  'notifier-commands': { where: 'integration'; dependency: true };
}

type NamesWith<What> = { [Name in StageName]: Subjects[Name] extends What ? Name : never }[StageName];

/** The suite of each stage that is tested there. */
export type StageSuites<Where extends 'contract' | 'integration'> = {
  readonly [Name in NamesWith<{ where: Where }>]: (name: Name) => void;
};

/** Runs them all. */
export function runStageSuites<Where extends 'contract' | 'integration'>(suites: StageSuites<Where>): void {
  for (const [name, run] of Object.entries(suites)) (run as (name: string) => void)(name);
}

/** What may lie in a topic and is no record of it, or hardly one. */
const ODD: readonly (string | null)[] = [
  null,
  '',
  ' ',
  'no json',
  '{',
  'null',
  '1',
  '[]',
  '{}',
  '{"id":1}',
  '{"kind":"clearing"}',
  '{"incidentId":[],"match":{},"document":"x"}',
  '<Event>',
  '\u0000\uFFFF',
];

/** The suite of a stage that has no dependency. */
export function independentStage<In>(open: (t: TestContext) => Promise<StageSubject<In>>) {
  return (name: NamesWith<{ dependency: false }>): void => testVerdicts(name, open);
}

/** The suite of a stage that has one. */
export function dependentStage<In>(open: (t: TestContext) => Promise<DependentSubject<In>>) {
  return (name: NamesWith<{ dependency: true }>): void => {
    testVerdicts(name, open);
    testDependency(name, open);
  };
}

function testVerdicts<In>(name: StageName, open: (t: TestContext) => Promise<StageSubject<In>>): void {
  test(`${name}: one verdict for each record, in order, odd ones among them`, async (t) => {
    const { stage, good } = await open(t);
    const odd = ODD.map((value) => ({ topic: stage.from.key, key: null, value }));
    const mixed = good.flatMap((record, index) => [record, ...odd.slice(index * 7, index * 7 + 7)]);
    const records = [...mixed, ...odd.slice(good.length * 7)];
    const known = records.flatMap((record) => decoded(stage, [record]).map((value) => ({ record, value })));
    const verdicts = await handle(
      stage,
      known.map(({ value }) => value),
    );
    assert.equal(verdicts.length, known.length);
    for (const [index, { record }] of known.entries())
      if (good.includes(record)) assert.equal(verdicts[index]?.kind, 'emit', JSON.stringify(verdicts[index]));
    for (const verdict of verdicts) wellFormed(verdict);
  });

  test(`${name}: nothing gives nothing`, async (t) => {
    const { stage } = await open(t);
    assert.equal(stage.name, name);
    assert.deepEqual(await handle(stage, []), []);
  });

  test(`${name}: a batch that comes again gives the same, and does nothing twice`, async (t) => {
    const { stage, good, effects } = await open(t);
    const batch = decoded(stage, good);
    assert.equal(batch.length, good.length);
    const first = await handle(stage, batch);
    const done = await effects?.();
    const again = await handle(stage, batch);
    assert.deepEqual(again.map(shape), first.map(shape));
    assert.equal(await effects?.(), done);
    if (done !== undefined) assert.ok(done >= good.length, `${done} effects`);
  });
}

function testDependency<In>(name: StageName, open: (t: TestContext) => Promise<DependentSubject<In>>): void {
  test(`${name}: an unavailable dependency is Unavailable, and the same batch is taken when it is available again`, async (t) => {
    const { stage, good, dependency } = await open(t);
    const batch = decoded(stage, good);
    dependency.behave('refusing');
    await assert.rejects(handle(stage, batch), Unavailable);
    dependency.behave('well');
    assert.equal((await untilWell(async () => await handle(stage, batch))).length, good.length);
  });

  test(`${name}: partitions that are lost are let go although the dependency is silent`, async (t) => {
    const { stage, good, dependency } = await open(t);
    dependency.behave('silent');
    const losing = new AbortController();
    const settled = handle(stage, decoded(stage, good), losing.signal).then(
      () => true,
      () => true,
    );
    setTimeout(() => losing.abort(), 100);
    const limit = AbortSignal.timeout(LIMIT_MS);
    const late = new Promise<boolean>((resolve) => limit.addEventListener('abort', () => resolve(false)));
    assert.ok(await Promise.race([settled, late]));
    dependency.behave('well');
  });
}

/** A connection takes a moment to come back. */
async function untilWell<T>(work: () => Promise<T>): Promise<T> {
  const end = Date.now() + LIMIT_MS;
  for (;;)
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Unavailable) || Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
}

async function handle<In>(
  { handle }: Stage<In>,
  batch: readonly In[],
  signal: AbortSignal = new AbortController().signal,
): Promise<readonly Verdict[]> {
  return await handle(batch, signal, { mayRepeat: true });
}

/** As the loop reads them; what cannot be decoded never comes to the stage. */
function decoded<In>({ from }: Stage<In>, records: readonly OutRecord[]): readonly In[] {
  return records.map(asRead).flatMap((record) => {
    const item = from.decode(record);
    if (item.kind === 'bad') assert.notEqual(item.detail, '');
    return item.kind === 'value' ? [item.value] : [];
  });
}

function asRead({ key, value, headers = {} }: OutRecord): InRecord {
  return { key: bytesOf(key), value: bytesOf(value), headers, timestampMs: Date.now() };
}

function bytesOf(data: string | Buffer | null): Buffer | null {
  return typeof data === 'string' ? Buffer.from(data) : data;
}

function wellFormed(verdict: Verdict): void {
  if (verdict.kind === 'emit') for (const { topic } of verdict.records) assert.ok(topic in TOPICS);
  else assert.notEqual(verdict.kind === 'dead' ? verdict.detail : verdict.reason, '');
}

/**
 * What has to be the same again: documents state the time of their making, and what was done before
 * may be passed over.
 */
function shape(verdict: Verdict): unknown {
  if (verdict.kind === 'skip') return [];
  if (verdict.kind === 'dead') return verdict;
  return verdict.records.map(({ topic, key, headers }) => ({ topic, key, id: headers?.['id'] }));
}
