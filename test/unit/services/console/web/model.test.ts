// The pure parts of the pages: times, marks, steps, selection, keys, live changes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IncidentView } from '../../../../../services/console/web/api/types.ts';
import {
  activityGroup,
  flagsOf,
  portOf,
  titleWithoutHost,
} from '../../../../../services/console/web/model/incident-text.ts';
import { createKeyReader } from '../../../../../services/console/web/model/keys.ts';
import { groupTitle } from '../../../../../services/console/web/model/group-text.ts';
import {
  groupsBefore,
  rowAt,
  rowCount,
  rowIndex,
  type Segment,
} from '../../../../../services/console/web/model/segments.ts';
import { matchersOf, spanOf } from '../../../../../services/console/web/model/silence-text.ts';
import {
  groupTicked,
  NOTHING,
  selectedCount,
  ticked,
  tickedRange,
} from '../../../../../services/console/web/model/selection.ts';
import {
  bothMoments,
  fieldMoment,
  momentOfField,
  momentText,
  shortSpan,
  spanText,
  tomorrowMorning,
  UTC,
} from '../../../../../services/console/web/model/time-text.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

for (const [ms, long, short] of [
  [-5, '0 s', '0s'],
  [59_999, '59 s', '59s'],
  [MINUTE, '1 min', '1m'],
  [HOUR - 1, '59 min', '59m'],
  [HOUR, '1 h', '1h'],
  [2 * HOUR + 10 * MINUTE, '2 h 10 min', '2h'],
  [DAY, '1 d', '24h'],
  [2 * DAY - 1, '1 d 23 h', '47h'],
  [3 * DAY + 4 * HOUR, '3 d 4 h', '3d'],
] as const)
  test(`${ms} ms are ${long}`, () => {
    assert.deepEqual([spanText(ms), shortSpan(ms)], [long, short]);
  });

test('a moment has its day when it is another than today, by the zone that is shown', () => {
  const berlin = { name: 'Europe/Berlin' };
  const now = Date.parse('2026-11-30T23:30:00Z');
  assert.equal(momentText('2026-11-30T22:59:59Z', now, UTC), '22:59:59');
  assert.equal(momentText('2026-11-30T22:59:59Z', now, berlin), '2026-11-30 23:59:59');
  assert.equal(momentText('2026-11-30T23:00:00Z', now, berlin), '00:00:00');
  assert.equal(bothMoments('2026-07-01T12:00:00Z', berlin), '2026-07-01 14:00:00 CEST · 2026-07-01 12:00:00 UTC');
  assert.equal(bothMoments('2026-07-01T12:00:00Z', UTC), '2026-07-01 12:00:00 UTC');
});

test('a field for date and time has the moment in the zone that is shown, and gives it back', () => {
  const now = Date.parse('2026-11-30T23:30:00Z');
  assert.equal(fieldMoment(now, UTC), '2026-11-30T23:30');
  const own = { name: Intl.DateTimeFormat().resolvedOptions().timeZone };
  for (const zone of [UTC, own]) assert.equal(momentOfField(fieldMoment(now, zone), zone), now);
  assert.equal(momentOfField('', UTC), undefined);
});

test('tomorrow is the next day at eight', () => {
  const morning = tomorrowMorning(new Date(2026, 11, 31, 23, 59).getTime());
  assert.deepEqual([morning.getFullYear(), morning.getMonth(), morning.getDate(), morning.getHours()], [2027, 0, 1, 8]);
});

test('the title leaves out the host that stands beside it', () => {
  const host = 'MEDIA01.example.org';
  assert.equal(
    titleWithoutHost({ title: 'It cannot use TCP port 80 on media01.example.org', host }),
    'It cannot use TCP port 80',
  );
  assert.equal(titleWithoutHost({ title: `HTTP.sys on ${host} cannot bind`, host }), 'HTTP.sys cannot bind');
  for (const title of ['HTTP.sys on media01 failed', `It failed on ${host}.au`, 'It failed on media01-example.org'])
    assert.equal(titleWithoutHost({ title, host }), title);
  assert.deepEqual([portOf({ params: { port: 80 } }), portOf({ params: {} })], ['80', undefined]);
});

const NOW = Date.parse('2026-11-30T12:00:00Z');
const calm: Parameters<typeof flagsOf>[0] = { episode: 1, notes: [] };
const flags = (more: Partial<IncidentView>): readonly string[] =>
  flagsOf({ ...calm, ...more }, NOW, (at) => at.slice(11, 16)).map(({ text }) => text);

test('each fact beside the state has its mark, and a snooze that is over has none', () => {
  assert.deepEqual(flags({}), []);
  assert.deepEqual(flags({ snoozedUntil: '2026-11-30T13:00:00Z' }), ['snoozed until 13:00']);
  assert.deepEqual(flags({ snoozedUntil: '2026-11-30T11:59:00Z' }), []);
  const note = (text: string) => ({ at: '2026-11-30T11:00:00Z', author: 'kim', text });
  assert.deepEqual(
    flags({
      episode: 3,
      escalationStep: 2,
      staleSince: '2026-11-30T10:00:00Z',
      recovering: { since: '2026-11-30T11:58:00Z', due: '2026-11-30T12:03:00Z', reason: 'seen' },
      flapping: { since: '2026-11-30T10:00:00Z', count: 5, quietForMs: HOUR },
      notes: [note('one'), note('two')],
      stepsDone: [{ step: 'check.1', text: 'look', by: 'kim', at: '2026-11-30T11:00:00Z' }],
      clock: 'late_or_behind',
    }),
    ['recovering', 'flapping', 'escalated 2', '×3', 'stale', '2 notes', '1 step', 'clock'],
  );
});

test('a range is ticked from the last tick on, in the order of the list', () => {
  const order = ['a', 'b', 'c', 'd'];
  const one = ticked(NOTHING, 'c');
  assert.deepEqual([...tickedRange(one, 'a', order).ids], ['c', 'a', 'b']);
  assert.deepEqual([...tickedRange(NOTHING, 'b', order).ids], ['b'], 'without a last tick: this alone');
  assert.deepEqual([...ticked(one, 'c').ids], []);
  const group = groupTicked(one, 'rule:r1', 40);
  assert.deepEqual([selectedCount(group, 1988), selectedCount(groupTicked(group, 'rule:r1', 40), 1988)], [41, 1]);
  const all = { ...NOTHING, isAll: true };
  assert.deepEqual([selectedCount(all, 1988), selectedCount(one, 1988), ticked(all, 'a').isAll], [1988, 1, false]);
});

test('keys are read, two strokes within a moment too, and those of the browser are left to it', () => {
  const plain = { ctrlKey: false, metaKey: false, altKey: false };
  const read = createKeyReader();
  assert.equal(read({ ...plain, key: 'a' }, 0), 'acknowledge');
  assert.equal(read({ ...plain, key: 'a', ctrlKey: true }, 0), undefined);
  assert.equal(read({ ...plain, key: 'g' }, 1000), undefined);
  assert.equal(read({ ...plain, key: 's' }, 1500), 'goSilences');
  assert.equal(read({ ...plain, key: 's' }, 1600), 'silence', 'only once');
  assert.equal(read({ ...plain, key: 'g' }, 2000), undefined);
  assert.equal(read({ ...plain, key: 'i' }, 9000), 'assignMe', 'too late for two strokes');
});

const SEGMENTS: readonly Segment<string>[] = [
  { kind: 'group', group: 'A', key: 'group a', isOpen: true },
  { kind: 'incidents', key: 'list a', count: 3, isInGroup: true },
  { kind: 'group', group: 'B', key: 'group b', isOpen: false },
];

test('rows are groups and the incidents of those that are open, wherever one looks', () => {
  assert.equal(rowCount(SEGMENTS), 5);
  const rows = [0, 1, 2, 3, 4, 5].map((index) => rowAt(SEGMENTS, index));
  assert.deepEqual(
    rows.map((row) => (row === undefined ? 'none' : row.kind === 'group' ? row.group : `${row.key} ${row.place}`)),
    ['A', 'list a 0', 'list a 1', 'list a 2', 'B', 'none'],
  );
  assert.deepEqual([rowIndex(SEGMENTS, 'group b', undefined), rowIndex(SEGMENTS, 'list a', 2)], [4, 3]);
  assert.equal(rowIndex(SEGMENTS, 'list b', 0), -1);
  assert.deepEqual(
    [0, 1, 4, 5].map((index) => groupsBefore(SEGMENTS, index)),
    [0, 1, 1, 2],
  );
});

test('a group is called by its fault, and by what else its incidents share', () => {
  const title = 'Port in use';
  assert.deepEqual(groupTitle({ title, key: { rule: 'r1', port: 80, holder: 'IIS holds it.' } }), {
    title,
    details: 'port 80 · IIS holds it',
  });
  assert.deepEqual(groupTitle({ title, key: { rule: 'r1', port: null, holder: null } }), { title, details: '' });
  assert.deepEqual(groupTitle({ title, key: { assignee: null } }), { title: 'nobody', details: title });
  assert.deepEqual(groupTitle({ title, key: { port: null } }), { title: 'no port', details: title });
  assert.deepEqual(groupTitle({ title, key: { holder: null } }), { title: 'no known holder', details: title });
});

test('matchers are typed one a line, spans as in the command line', () => {
  assert.deepEqual(matchersOf(' host="a" \n\nseverity=~"info|warning"'), ['host="a"', 'severity=~"info|warning"']);
  assert.deepEqual(['90m', '2h', ' 3 d '].map(spanOf), [90 * MINUTE, 2 * HOUR, 3 * DAY]);
  assert.deepEqual(
    ['', '2', '0h', '2 weeks', '-1h'].map(spanOf),
    Array.from({ length: 5 }, () => undefined),
  );
});

test('who a line of the timeline is about', () => {
  assert.deepEqual(
    [
      { type: 'acknowledged', actor: 'kim' },
      { type: 'opened', actor: 'system' },
      { type: 'suppressed', actor: 'system' },
    ].map(activityGroup),
    ['people', 'system', 'deliveries'],
  );
});
