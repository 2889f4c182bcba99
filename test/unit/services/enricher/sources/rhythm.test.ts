// What a source's rhythm is, and when its quiet is silence.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { afterGap, watchOf } from '../../../../../services/enricher/sources/rhythm.ts';
import { type SourcesSettings, sourcesSettings } from '../../../../../services/enricher/sources/settings.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const SETTINGS = sourcesSettings.parse({});

function afterGaps(gapsMs: readonly number[], settings: SourcesSettings = SETTINGS) {
  return gapsMs.reduce((rhythm, gapMs) => afterGap(rhythm, gapMs, settings), { watchedMs: 0, longestGapMs: 0 });
}

function watch(gapsMs: readonly number[], parts = {}, settings: SourcesSettings = SETTINGS) {
  return watchOf({ host: 'srv01', channel: 'Security', ...afterGaps(gapsMs, settings), ...parts }, settings);
}

/** So many days of gaps of this length. */
function days(count: number, gapMs: number): readonly number[] {
  return Array.from({ length: Math.ceil((count * DAY) / gapMs) }, () => gapMs);
}

test('a source is learned for a week, then silent after four times its longest gap', () => {
  assert.deepEqual(watch(days(6, 10 * MINUTE)), { watch: 'learning' });
  assert.deepEqual(watch(days(8, 10 * MINUTE)), { watch: 'rhythm', silentAfterMs: 40 * MINUTE });
});

test('no source is silent before the least limit', () => {
  assert.deepEqual(watch(days(8, 15_000)), { watch: 'rhythm', silentAfterMs: 15 * MINUTE });
});

test('a workstation that is off at night is not checked, and not after one evening without its night', () => {
  const workday = [...days(10 / 24, 5 * MINUTE), 14 * HOUR];
  const week = [...Array.from({ length: 5 }, () => workday).flat(), 62 * HOUR];
  assert.deepEqual(watch(week), { watch: 'irregular' });
  assert.deepEqual(watch([...week, ...week]), { watch: 'irregular' });
});

test('a weekend counts at the next one', () => {
  const quietWeekend = [...days(5, 10 * MINUTE), 5 * HOUR];
  const { silentAfterMs = 0 } = watch([...quietWeekend, ...days(5, 10 * MINUTE)]);
  assert.ok(silentAfterMs > 5 * HOUR, `${silentAfterMs / HOUR} hours`);
  const { silentAfterMs: later = 0 } = watch([...quietWeekend, ...days(40, 10 * MINUTE)]);
  assert.equal(later, 40 * MINUTE);
});

test('once learned, an outage of a source does not make the like usual; what goes on does', () => {
  const learned = days(8, MINUTE);
  assert.deepEqual(watch([...learned, 5 * HOUR]), { watch: 'rhythm', silentAfterMs: 30 * MINUTE });
  const { silentAfterMs = 0 } = watch([...learned, 2 * HOUR, 2 * HOUR, 2 * HOUR, 2 * HOUR, 2 * HOUR]);
  assert.ok(silentAfterMs > 2 * HOUR, `${silentAfterMs / HOUR} hours`);
});

test('a limit counts at once, the first that matches, by patterns of host and channel', () => {
  const limits = [
    { hosts: ['ws-*'], channels: ['*'], silentAfterMs: 0 },
    { hosts: ['*'], channels: ['security'], silentAfterMs: 5 * MINUTE },
  ];
  const settings = { ...SETTINGS, limits };
  assert.deepEqual(watch([], {}, settings), { watch: 'limit', silentAfterMs: 5 * MINUTE });
  assert.deepEqual(watch([], { host: 'WS-7' }, settings), { watch: 'off' });
  assert.deepEqual(watch([], { channel: 'System' }, settings), { watch: 'learning' });
});

test('nothing is checked where rhythms are not learned, nor log files that somebody sends', () => {
  assert.deepEqual(watch(days(8, MINUTE), {}, { ...SETTINGS, learnsRhythm: false }), { watch: 'off' });
  const settings = { ...SETTINGS, limits: [{ hosts: ['*'], channels: ['*'], silentAfterMs: MINUTE }] };
  assert.deepEqual(watch([], { agent: { name: 'foghorn-send' } }, settings), { watch: 'off' });
});
