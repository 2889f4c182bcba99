// Which record ids count as missing: exactly those that never came, whatever the order, and nothing
// where completeness is not known.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DENSE_IDS,
  due,
  type GapRules,
  isDense,
  observe,
  observeClear,
  type Outcome,
  type RecordIds,
  resumeRecordIds,
  type SeenRecord,
  snapshotOf,
  startRecordIds,
} from '../../../../../services/enricher/sources/record-ids.ts';
import type { IdRange, SourceRecords } from '../../../../../shared/contracts/source.ts';
import { type Random, randomOf } from '../../../../fuzz/mutate.ts';

const START_MS = Date.UTC(2026, 10, 30, 8);
const GRACE_MS = 600_000;
const SECOND_MS = 1000;

const COMPLETE: GapRules = { graceMs: GRACE_MS, isComplete: true };
const FILTERED: GapRules = { graceMs: GRACE_MS, isComplete: false };
const BY_IDS: GapRules = { graceMs: GRACE_MS, isComplete: undefined };

/** A source as the enricher drives it: each record is observed, then what is due is reported. */
class Source {
  ids: RecordIds | undefined;
  readonly rules: GapRules;
  readonly found: number[] = [];
  readonly outcomes = new Map<Outcome, number>();
  #untilMs = 0;

  constructor(rules: GapRules) {
    this.rules = rules;
  }

  take(record: SeenRecord): void {
    this.#untilMs = Math.max(this.#untilMs, record.seenAtMs);
    if (this.ids === undefined) this.ids = startRecordIds(record);
    else {
      const outcome = observe(this.ids, record, this.rules);
      this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
    }
    this.report(this.#untilMs);
  }

  report(untilMs: number): readonly IdRange[] {
    if (this.ids === undefined) return [];
    const ranges = due(this.ids, untilMs, this.rules);
    for (const range of ranges) this.found.push(...idsOf(range));
    return ranges;
  }

  /** A restart with an earlier snapshot, through JSON. */
  restart(snapshot: string): void {
    this.ids = resumeRecordIds(JSON.parse(snapshot) as SourceRecords);
  }

  snapshot(): string {
    assert.ok(this.ids !== undefined);
    const text = JSON.stringify(snapshotOf(this.ids, this.rules));
    assert.ok(text.length < 4096, `a snapshot has ${text.length} characters`);
    return text;
  }

  get state(): RecordIds {
    assert.ok(this.ids !== undefined);
    return this.ids;
  }
}

function idsOf({ from, to }: IdRange): readonly number[] {
  assert.ok(to - from < 1e6, `${from} to ${to} is more than was ever withheld`);
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

function upTo(count: number, first = 1): readonly number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

/** A record that is written a second after the one before, and received at once. */
function prompt(id: number, startMs = START_MS): SeenRecord {
  return { id, atMs: startMs + id * SECOND_MS, seenAtMs: startMs + id * SECOND_MS + 50 };
}

function some(random: Random, ids: readonly number[], count: number): ReadonlySet<number> {
  const chosen = new Set<number>();
  while (chosen.size < count) chosen.add(ids[random(ids.length)] ?? 0);
  return chosen;
}

/** Sent by some senders in parallel, each at its own pace; some parts come twice. */
function inDisorder(random: Random, ids: readonly number[], senders: number): readonly SeenRecord[] {
  const records: SeenRecord[] = [];
  for (let next = 0; next < ids.length; ) {
    const part = ids.slice(next, next + 1 + random(60));
    next += part.length;
    const delayMs = (random(senders) * (GRACE_MS - 1000)) / senders;
    const times = random(5) === 0 ? [delayMs, delayMs + random(2 * GRACE_MS)] : [delayMs];
    for (const time of times)
      for (const id of part) records.push({ ...prompt(id), seenAtMs: prompt(id).seenAtMs + time });
  }
  return inOrder(records);
}

function inOrder(records: readonly SeenRecord[]): readonly SeenRecord[] {
  return records.toSorted((one, other) => one.seenAtMs - other.seenAtMs);
}

/** Later records, by which what is in front of them becomes due. */
function later(first: number): readonly SeenRecord[] {
  return upTo(2000, first).map((id) => prompt(id));
}

test('exactly what is withheld is found, in any order within the grace time and with repeats', () => {
  for (let seed = 1; seed <= 30; seed += 1) {
    const random = randomOf(seed);
    const ids = upTo(1500);
    const withheld = some(random, ids.slice(100), 1 + random(10));
    const source = new Source(COMPLETE);
    const records = inDisorder(
      random,
      ids.filter((id) => !withheld.has(id)),
      1 + random(3),
    );
    const lowest = records[0]?.id ?? 0;
    for (const record of inOrder([...records, ...later(1501)])) source.take(record);
    assert.equal(source.outcomes.get('unwatched'), undefined, `seed ${seed}`);
    assert.deepEqual(
      source.found,
      [...withheld].filter((id) => id > lowest).sort((one, other) => one - other),
      `seed ${seed}`,
    );
    assert.equal(source.state.missingCount, source.found.length);
  }
});

test('with more ranges open than are kept, those given up are counted and nothing wrong is found', () => {
  let unwatched = 0;
  for (let seed = 1; seed <= 20; seed += 1) {
    const random = randomOf(seed);
    const withheld = some(random, upTo(3000), 30);
    const source = new Source(COMPLETE);
    const records = upTo(3000)
      .filter((id) => !withheld.has(id))
      .map((id) => ({ ...prompt(id), seenAtMs: prompt(id).seenAtMs + random(GRACE_MS - 1000) }));
    for (const record of inOrder([...records, ...later(3001)])) {
      source.take(record);
      assert.ok(source.state.open.length <= 32);
    }
    unwatched += source.outcomes.get('unwatched') ?? 0;
    for (const id of source.found) assert.ok(withheld.has(id), `seed ${seed}: ${id} arrived`);
    assert.equal(new Set(source.found).size, source.found.length);
  }
  assert.ok(unwatched > 0);
});

test('after a restart at any point nothing is found twice, and nothing that arrived', () => {
  for (let seed = 1; seed <= 100; seed += 1) {
    const random = randomOf(seed);
    const ids = upTo(2500);
    const withheld = some(random, ids, 15);
    const sent = inDisorder(
      random,
      ids.filter((id) => !withheld.has(id)),
      4,
    );
    const records = inOrder([...sent, ...later(2501)]);
    const source = new Source(COMPLETE);
    let snapshot: string | undefined;
    for (let place = 0; place < records.length; place += 1) {
      source.take(records[place] ?? prompt(1));
      if (random(300) === 0) snapshot = source.snapshot();
      if (random(400) !== 0 || snapshot === undefined) continue;
      source.restart(snapshot);
      // Some came after the snapshot and are not seen again, or some come twice.
      place = Math.max(0, place + random(80) - 60);
    }
    for (const id of source.found) assert.ok(withheld.has(id), `seed ${seed}: ${id} arrived`);
    assert.equal(new Set(source.found).size, source.found.length, `seed ${seed}`);
  }
});

test('after a restart gaps count again once the grace time is over', () => {
  const source = new Source(COMPLETE);
  for (const id of upTo(100)) source.take(prompt(id));
  source.restart(source.snapshot());
  for (const id of upTo(2000, 101)) if (id !== 150 && id !== 1200) source.take(prompt(id));
  assert.deepEqual(source.found, [1200]);
});

test('three of 10,000 records are found where the ids were dense, none of a filtered subscription', () => {
  const withheld = new Set([8101, 9000, 9990]);
  const whole = new Source(BY_IDS);
  const filtered = new Source(BY_IDS);
  for (const id of upTo(12_000)) {
    if (!withheld.has(id)) whole.take(prompt(id));
    if (!withheld.has(id) && id % 50 !== 0) filtered.take(prompt(id));
  }
  assert.deepEqual(whole.found, [8101, 9000, 9990]);
  assert.ok(isDense(whole.state));
  assert.deepEqual(filtered.found, []);
  assert.ok(!isDense(filtered.state));
});

test('a filter at random is never taken for a loss, however many records pass', () => {
  for (const [seed, oneOf] of [2, 5, 20, 100, 200].entries()) {
    const random = randomOf(seed + 1);
    const source = new Source(BY_IDS);
    for (const id of upTo(60_000)) if (random(oneOf) !== 0) source.take(prompt(id));
    assert.deepEqual(source.found, [], `one of ${oneOf}`);
    assert.ok(!isDense(source.state));
  }
});

test('a filter that is configured later makes a dense source one of which nothing is known', () => {
  const source = new Source(BY_IDS);
  for (const id of upTo(DENSE_IDS + 1000)) source.take(prompt(id));
  assert.ok(isDense(source.state));
  for (const id of upTo(3000, DENSE_IDS + 1001)) if (id % 40 !== 0) source.take(prompt(id));
  assert.deepEqual(source.found, []);
  assert.ok(!isDense(source.state));
});

test('a filter that drops few records is taken for a loss a few times only', () => {
  const source = new Source(BY_IDS);
  for (const id of upTo(DENSE_IDS + 90_000)) if (id <= DENSE_IDS || id % 1000 !== 0) source.take(prompt(id));
  assert.deepEqual(source.found, [9000, 10_000, 11_000, 12_000]);
  assert.ok(!isDense(source.state));
});

test('a source becomes dense with the last of so many ids, also across a restart', () => {
  const source = new Source(BY_IDS);
  for (const id of upTo(DENSE_IDS - 1)) source.take(prompt(id));
  assert.ok(!isDense(source.state));
  source.restart(source.snapshot());
  for (const id of upTo(700, DENSE_IDS)) source.take(prompt(id));
  assert.ok(isDense(source.state));
  source.restart(source.snapshot());
  assert.ok(isDense(source.state));
});

test('what is declared wins: complete from the first record on, filtered for ever', () => {
  const complete = new Source(COMPLETE);
  const filtered = new Source(FILTERED);
  for (const id of upTo(12_000)) {
    if (id !== 3) complete.take(prompt(id));
    if (id !== 9000) filtered.take(prompt(id));
  }
  assert.ok(isDense(filtered.state));
  assert.deepEqual(complete.found, [3]);
  assert.deepEqual(filtered.found, []);
});

test('a record counts as missing after the grace time, and not with less than three beyond it', () => {
  const source = new Source(COMPLETE);
  for (const id of [1, 2, 4, 5]) source.take(prompt(id));
  const sinceMs = prompt(4).seenAtMs;
  assert.deepEqual(source.report(sinceMs + GRACE_MS + 1), []);
  source.take(prompt(6));
  assert.deepEqual(source.report(sinceMs + GRACE_MS), []);
  assert.deepEqual(source.report(sinceMs + GRACE_MS + 1), [{ from: 3, to: 3 }]);
  assert.deepEqual(source.report(sinceMs + 2 * GRACE_MS), []);
});

test('what arrives after it was reported is late, and nothing of it is missing any more', () => {
  const source = new Source(COMPLETE);
  for (const id of upTo(2000)) if (id < 500 || id > 509) source.take(prompt(id));
  assert.deepEqual(source.found, upTo(10, 500));
  for (const [index, id] of [505, 500, 509, 501, 508, 502, 507, 503, 506, 504].entries()) {
    source.take({ ...prompt(id), seenAtMs: prompt(2001 + index).seenAtMs });
    source.take({ ...prompt(id), seenAtMs: prompt(2001 + index).seenAtMs });
    assert.equal(source.outcomes.get('late'), index + 1);
    assert.equal(source.state.missingCount, 9 - index);
  }
  assert.deepEqual(source.state.missing, []);
  source.restart(source.snapshot());
  assert.equal(source.state.missingCount, 0);
});

test('a resend that takes longer than the grace time is not reported while it goes on', () => {
  const source = new Source(COMPLETE);
  for (const id of [1, 2, 3, 5000, 5001, 5002, 5003]) source.take({ ...prompt(id), seenAtMs: START_MS });
  for (const id of upTo(4996, 4)) source.take({ ...prompt(id), seenAtMs: START_MS + id * SECOND_MS });
  assert.deepEqual(source.found, []);
  assert.deepEqual(source.state.open, []);
});

test('no more ranges are kept than allowed, and the count is of all', () => {
  const source = new Source(COMPLETE);
  for (const id of upTo(60_000)) if (id % 1000 !== 0) source.take(prompt(id));
  assert.equal(source.state.missing.length, 32);
  assert.equal(source.state.missingCount, source.found.length);
  assert.ok(source.found.length > 50);
  source.snapshot();
});

test('a cleared log is no loss: the gap in front of 1102 or around the time of a 104', () => {
  for (const clearedId of [3000, undefined]) {
    const source = new Source(COMPLETE);
    for (const id of upTo(1000)) source.take(prompt(id));
    source.take(prompt(clearedId ?? 3005));
    observeClear(source.state, prompt(3000).atMs ?? 0);
    for (const id of upTo(2000, 3001)) if (id !== 3500) source.take(prompt(id));
    assert.deepEqual(source.found, [3500]);
    assert.equal(source.state.clearedAtMs, prompt(3000).atMs);
  }
});

test('lower ids at later times are a new numbering: nothing is missing, and its own gaps count', () => {
  for (let seed = 1; seed <= 40; seed += 1) {
    const random = randomOf(seed);
    const before = 500 + random(5000);
    const source = new Source(COMPLETE);
    for (const id of upTo(before)) source.take(prompt(id));
    const againMs = prompt(before).seenAtMs + random(3) * GRACE_MS;
    for (const id of upTo(4000)) if (id !== 3000) source.take(prompt(id, againMs));
    assert.equal(source.outcomes.get('restarted'), 1, `seed ${seed}`);
    assert.deepEqual(source.found, [3000], `seed ${seed}`);
    assert.ok((source.state.restartedAtMs ?? 0) > againMs);
  }
});

test('what is missing of an old numbering stays counted and is not filled by the new', () => {
  const source = new Source(COMPLETE);
  for (const id of upTo(2000)) if (id !== 90) source.take(prompt(id));
  assert.deepEqual(source.found, [90]);
  for (const id of upTo(2000)) source.take(prompt(id, START_MS + 5_000_000));
  assert.equal(source.outcomes.get('late'), undefined);
  assert.equal(source.state.missingCount, 1);
});

test('an agent that reads its whole log again makes neither a loss nor a new numbering', () => {
  const source = new Source(COMPLETE);
  for (const id of upTo(3000)) source.take(prompt(id));
  for (const id of upTo(3000)) source.take({ ...prompt(id), seenAtMs: prompt(3000).seenAtMs + id });
  for (const record of later(3001)) source.take(record);
  assert.deepEqual(source.found, []);
  assert.equal(source.outcomes.get('restarted'), undefined);
});

test('one forged id claims no loss and spoils nothing', () => {
  for (const forged of [20_000, 1e6, 1e15, Number.MAX_SAFE_INTEGER]) {
    const source = new Source(BY_IDS);
    for (const id of upTo(DENSE_IDS)) source.take(prompt(id));
    for (const again of upTo(5)) source.take({ ...prompt(DENSE_IDS + again), id: forged });
    for (const id of upTo(4000, DENSE_IDS + 1)) if (id !== 8500 && id !== 10_000) source.take(prompt(id));
    assert.deepEqual(source.found, [8500, 10_000], `forged ${forged}`);
    assert.ok(isDense(source.state));
  }
});

test('several forged ids far ahead claim no loss, and the source recovers', () => {
  const source = new Source(COMPLETE);
  for (const id of upTo(1000)) source.take(prompt(id));
  for (const id of upTo(5, 1e15)) source.take({ ...prompt(1001), id });
  // Quiet for longer than the grace time, so that the genuine ids do not fill the range.
  source.report(prompt(1001).seenAtMs + 2 * GRACE_MS);
  for (const id of upTo(4000, 1001)) if (id !== 4000) source.take(prompt(id, START_MS + 3 * GRACE_MS));
  assert.deepEqual(source.found, [4000]);
});

test('the first id may be forged as well', () => {
  const source = new Source(COMPLETE);
  source.take({ ...prompt(1), id: 1e15, atMs: START_MS + 86_400_000 });
  for (const id of upTo(3000)) if (id !== 2000) source.take(prompt(id, START_MS + 90_000_000));
  assert.deepEqual(source.found, [2000]);
});

test('an id that is no positive whole number, or too large to be exact, is not taken', () => {
  const source = new Source(COMPLETE);
  assert.equal(startRecordIds({ ...prompt(1), id: 0 }), undefined);
  source.take(prompt(1));
  for (const id of [-1, 0, 1.5, Number.NaN, Infinity, 2 ** 53, 1.8e19]) source.take({ ...prompt(2), id });
  assert.equal(source.outcomes.get('unusable'), 7);
  assert.equal(source.state.highest, 1);
});

test('a loss as large as a log that wrapped for days is reported whole', () => {
  const source = new Source({ ...COMPLETE });
  const days = 3 * 86_400;
  for (const id of upTo(10)) source.take(prompt(id));
  const lost = days * 5000;
  for (const id of upTo(10)) {
    const atMs = START_MS + days * SECOND_MS + id;
    source.take({ id: lost + id, atMs, seenAtMs: atMs });
  }
  assert.deepEqual(due(source.state, START_MS + 2 * days * SECOND_MS, COMPLETE), [{ from: 11, to: lost }]);
});
