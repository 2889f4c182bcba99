// Clocks that are wrong: no date mutes a fault, none keeps it open, and what is late reopens
// nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clearing, FilledIncident, Incident } from '../../../../shared/contracts/incident.ts';
import { clear, endQuiet, growStale, reopen, resolve } from '../../../../shared/contracts/incident-operations.ts';
import { applyAlerts } from '../../../../shared/contracts/incident-reducer.ts';
import { compareMoments, type HostClock, momentOf } from '../../../../shared/contracts/moment.ts';
import { suspectedCauses } from '../../../../shared/contracts/suspected-cause.ts';
import { anAlert } from '../../../support/alerts.ts';

const host = 'victim01';
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const NOW_MS = Date.UTC(2026, 10, 29, 12);
const FAR_MS = Date.UTC(9999, 11, 31);
let number = 0;

interface Sent {
  /** When it was received, and how far the host's clock is ahead. */
  readonly nowMs: number;
  readonly skewMs?: number;
  readonly recordId?: number | undefined;
  readonly clock?: HostClock;
  readonly sender?: string;
}

function seen(before: Incident | undefined, { nowMs, skewMs = 0, recordId, clock, sender }: Sent) {
  number += 1;
  const alert = anAlert({
    host,
    number,
    atMs: nowMs + skewMs,
    receivedAtMs: nowMs,
    ...(recordId === undefined ? {} : { recordId }),
    ...(sender === undefined ? {} : { sender }),
  });
  const alerts = [clock === undefined ? alert : { ...alert, clock }];
  const { incident, transitions } = applyAlerts(before, alerts, { nowMs, reopenWithinMs: DAY_MS });
  return { incident, kinds: transitions.map(({ kind }) => kind) };
}

function evidence({ nowMs, skewMs = 0, recordId }: Sent, more: Partial<Clearing> = {}): Clearing {
  return {
    kind: 'clearing',
    ruleId: 'r',
    host,
    params: {},
    eventId: 'e',
    atMs: nowMs + skewMs,
    receivedAtMs: nowMs,
    evidence: 'WMServer event 311 of victim01',
    ...(recordId === undefined ? {} : { channel: 'Application', recordId: String(recordId) }),
    ...more,
  };
}

function cleared(before: Incident, sent: Sent, more: Partial<Clearing> = {}): Incident {
  const reduced = clear(before, evidence(sent, more), sent.nowMs);
  assert.ok(reduced !== undefined, 'the evidence should count');
  return reduced.incident;
}

function byHand(before: Incident, nowMs: number): Incident {
  const reduced = resolve(before, { actor: 'kim', reason: '', nowMs });
  assert.ok(reduced !== undefined);
  return reduced.incident;
}

test('evidence dated far ahead, with or without record ids, ends an episode and mutes nothing after its receipt [security H1]', () => {
  for (const recordIds of [
    [undefined, undefined, undefined],
    [1, 2, 3],
    // A forged record id outranks neither time.
    [1, 10 ** 15, 2],
  ] as const)
    for (const ahead of [FAR_MS - NOW_MS, 400 * DAY_MS, 10 * MINUTE_MS, 2 * MINUTE_MS]) {
      const opened = seen(undefined, { nowMs: NOW_MS, recordId: recordIds[0] }).incident;
      const over = cleared(opened, { nowMs: NOW_MS + 1000, skewMs: ahead, recordId: recordIds[1] });
      assert.equal(over.state, 'resolved');
      const again = seen(over, { nowMs: NOW_MS + 2000, skewMs: -100, recordId: recordIds[2] });
      assert.deepEqual(again.kinds, ['reopened'], `${ahead} ms ahead, record ids ${recordIds.join()}`);
    }
});

test('evidence that needs quiet and is dated far ahead is taken back by the next fault [security H1]', () => {
  const opened = seen(undefined, { nowMs: NOW_MS }).incident;
  const recovering = cleared(opened, { nowMs: NOW_MS + 1000, skewMs: FAR_MS - NOW_MS }, { quietForMs: MINUTE_MS });
  assert.ok(recovering.recovering !== undefined);
  const again = seen(recovering, { nowMs: NOW_MS + 2000 }).incident;
  assert.equal(again.recovering, undefined);
  const quiet = endQuiet(recovering, NOW_MS + 2 * MINUTE_MS)?.incident;
  assert.deepEqual(seen(quiet, { nowMs: NOW_MS + 3 * MINUTE_MS }).kinds, ['reopened']);
});

test('a fault dated far ahead is cleared by evidence of a right clock, and the next event shows its own time [security H1]', () => {
  for (const ahead of [FAR_MS - NOW_MS, DAY_MS, 2 * MINUTE_MS]) {
    const opened = seen(undefined, { nowMs: NOW_MS, skewMs: ahead }).incident;
    assert.equal(opened.lastSeenMs, NOW_MS + ahead);
    assert.equal(cleared(opened, { nowMs: NOW_MS + 1000 }).state, 'resolved');
    assert.equal(clear(opened, evidence({ nowMs: NOW_MS - 1000 }), NOW_MS), undefined);
    assert.equal(seen(opened, { nowMs: NOW_MS + 1000 }).incident.lastSeenMs, NOW_MS + 1000);
  }
});

test('a fault dated far ahead grows stale by our clock, one of a clock behind does not while it goes on [security H1]', () => {
  const ahead = seen(undefined, { nowMs: NOW_MS, skewMs: FAR_MS - NOW_MS }).incident;
  assert.equal(growStale(ahead, HOUR_MS, NOW_MS + HOUR_MS - 1), undefined);
  assert.equal(growStale(ahead, HOUR_MS, NOW_MS + HOUR_MS)?.transitions[0]?.kind, 'stale');
  const opened = seen(undefined, { nowMs: NOW_MS, skewMs: -2 * HOUR_MS }).incident;
  const behind = seen(opened, { nowMs: NOW_MS + HOUR_MS, skewMs: -2 * HOUR_MS }).incident;
  assert.equal(growStale(behind, HOUR_MS, NOW_MS + HOUR_MS + 1), undefined);
});

test('a clock behind or ahead: after a person resolved, the fault that comes back is notified [alerting 1]', () => {
  for (const skewMs of [0, -6 * MINUTE_MS, -2 * HOUR_MS, 6 * MINUTE_MS, DAY_MS]) {
    const opened = seen(undefined, { nowMs: NOW_MS, skewMs }).incident;
    const over = byHand(opened, NOW_MS + MINUTE_MS);
    const again = seen(over, { nowMs: NOW_MS + MINUTE_MS + 500, skewMs: skewMs - 20 });
    assert.deepEqual(again.kinds, ['reopened'], `${skewMs} ms`);
    const later = seen(over, { nowMs: NOW_MS + 5 * HOUR_MS, skewMs });
    assert.deepEqual(later.kinds, ['reopened'], `${skewMs} ms, hours later`);
  }
});

test('a clock that was set back after the fault began, recognised by record ids: what comes back is notified [alerting 1]', () => {
  const opened = seen(undefined, { nowMs: NOW_MS, recordId: 7 }).incident;
  const over = byHand(opened, NOW_MS + MINUTE_MS);
  const again = seen(over, { nowMs: NOW_MS + MINUTE_MS + 500, skewMs: -2 * HOUR_MS, recordId: 8 });
  assert.deepEqual(again.kinds, ['reopened']);
});

test('a clock one day ahead that is mended: evidence a second later clears [alerting 1]', () => {
  for (const recordIds of [
    [undefined, undefined],
    [1, 2],
  ] as const) {
    const opened = seen(undefined, { nowMs: NOW_MS, skewMs: DAY_MS, recordId: recordIds[0] }).incident;
    assert.equal(cleared(opened, { nowMs: NOW_MS + 1000, recordId: recordIds[1] }).state, 'resolved');
  }
});

test('a backlog reopens nothing: older than the evidence by the same clock, whatever that clock is', () => {
  for (const skewMs of [0, -2 * HOUR_MS, DAY_MS])
    for (const recordIds of [
      [undefined, undefined, undefined],
      [1, 9, 5],
    ] as const) {
      const opened = seen(undefined, { nowMs: NOW_MS, skewMs, recordId: recordIds[0] }).incident;
      const over = cleared(opened, { nowMs: NOW_MS + HOUR_MS, skewMs, recordId: recordIds[1] });
      const lateMs = skewMs > 0 ? 10_000 : 3 * HOUR_MS;
      const late = seen(over, {
        nowMs: NOW_MS + HOUR_MS - 1000 + lateMs,
        skewMs: skewMs - lateMs,
        recordId: recordIds[2],
      });
      assert.deepEqual(late.kinds, ['repeated'], `${skewMs} ms, record ids ${recordIds.join()}`);
      assert.equal(late.incident.state, 'resolved');
    }
});

test('a late event after a person resolved is counted when the clock of its host is known to be right, and notified when nothing is known', () => {
  const opened = seen(undefined, { nowMs: NOW_MS }).incident;
  const over = byHand(opened, NOW_MS + 10 * MINUTE_MS);
  const late = { nowMs: NOW_MS + 11 * MINUTE_MS, skewMs: -9 * MINUTE_MS };
  assert.deepEqual(seen(over, late).kinds, ['repeated']);
  const hoursLater = { nowMs: NOW_MS + 3 * HOUR_MS, skewMs: -3 * HOUR_MS + MINUTE_MS };
  assert.deepEqual(seen(over, hoursLater).kinds, ['reopened']);
  const isRight = { skewMs: -50, isSettled: true };
  assert.deepEqual(seen(over, { ...hoursLater, clock: isRight }).kinds, ['repeated']);
  // One event dated ahead says nothing of the clock of the others.
  assert.deepEqual(seen(over, { ...hoursLater, clock: { skewMs: FAR_MS, isSettled: false } }).kinds, ['reopened']);
});

test('what one sender says of a clock mutes no fault that another sends: the host of a clock behind is notified [security H1]', () => {
  const behind = { skewMs: -10 * MINUTE_MS, sender: 'agent-web' };
  const opened = seen(undefined, { nowMs: NOW_MS, ...behind }).incident;
  const forged = seen(opened, { nowMs: NOW_MS + MINUTE_MS, sender: 'agent-x' }).incident;
  const over = byHand(forged, NOW_MS + 2 * MINUTE_MS);
  const clock = { skewMs: behind.skewMs, isSettled: true };
  assert.deepEqual(seen(over, { nowMs: NOW_MS + 5 * MINUTE_MS, ...behind, clock }).kinds, ['reopened']);
});

test('a probe speaks by our clock, so that it clears whatever clock the host has, and mutes nothing after it [alerting 1]', () => {
  for (const skewMs of [0, -2 * HOUR_MS, DAY_MS, FAR_MS - NOW_MS]) {
    const opened = seen(undefined, { nowMs: NOW_MS, skewMs }).incident;
    const over = cleared(opened, { nowMs: NOW_MS + MINUTE_MS }, { clock: 'foghorn' });
    const again = seen(over, { nowMs: NOW_MS + MINUTE_MS + 1000, skewMs });
    assert.deepEqual(again.kinds, ['reopened'], `${skewMs} ms`);
  }
});

test('who reopens by hand is not overruled by evidence from before', () => {
  const opened = seen(undefined, { nowMs: NOW_MS }).incident;
  const over = cleared(opened, { nowMs: NOW_MS + 1000 });
  const open = reopen(over, { actor: 'kim', reason: '', nowMs: NOW_MS + HOUR_MS })?.incident;
  assert.ok(open !== undefined);
  assert.equal(clear(open, evidence({ nowMs: NOW_MS + 2000 }), NOW_MS + HOUR_MS + 1000), undefined);
  assert.equal(cleared(open, { nowMs: NOW_MS + HOUR_MS + 2000 }).state, 'resolved');
});

test('snapshots of an earlier version, which know no receipts, are checked by what they have', () => {
  const { latest: _, lastReceivedMs: __, ...opened } = seen(undefined, { nowMs: NOW_MS, skewMs: DAY_MS }).incident;
  const over = cleared({ ...opened, updatedAtMs: NOW_MS }, { nowMs: NOW_MS + 1000 });
  assert.equal(over.state, 'resolved');
  const { clearedBy: ___, ...old } = { ...over, clearedAtMs: FAR_MS };
  assert.deepEqual(seen(old, { nowMs: NOW_MS + 2000 }).kinds, ['reopened']);
  assert.equal(growStale({ ...opened, updatedAtMs: NOW_MS }, HOUR_MS, NOW_MS + HOUR_MS)?.transitions[0]?.kind, 'stale');
});

test('a fault dated far ahead is not near to every other [security H1]', () => {
  const other = seen(undefined, { nowMs: NOW_MS, skewMs: FAR_MS - NOW_MS }).incident;
  const fault = seen(undefined, { nowMs: NOW_MS + DAY_MS }).incident;
  const related = [
    { provider: 'WMServer', eventIds: [309], relation: 'names-cause', withinMs: HOUR_MS, text: 'IIS' },
  ] as const;
  const about = (one: Incident) => ({ ...one, id: `other-${one.id}`, firstSeenMs: NOW_MS });
  const withSigns = { ...fault, remediation: { ...fault.remediation, related } } as unknown as FilledIncident;
  assert.deepEqual(suspectedCauses(withSigns, [about(other)]), []);
});

test('the order of two events is the opposite of the other way round, and of itself none', () => {
  const moments = [-DAY_MS, 0, 30_000, 2 * MINUTE_MS, DAY_MS].flatMap((skewMs) =>
    [undefined, '1', '12', '3'].flatMap((recordId) =>
      [0, 1000, HOUR_MS].map((delayMs) =>
        momentOf({
          atMs: NOW_MS + skewMs,
          receivedAtMs: NOW_MS + delayMs,
          ...(recordId === undefined ? {} : { channel: 'Application', recordId }),
        }),
      ),
    ),
  );
  for (const one of moments) {
    assert.equal(compareMoments(one, one), 0);
    assert.ok(one.correctedMs <= one.receivedAtMs);
    for (const other of moments) assert.equal(compareMoments(one, other) + compareMoments(other, one), 0);
  }
});
