// Counts that are read again keep every row where it is.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IncidentGroup, IncidentSummary } from '../../../../../services/console/web/api/types.ts';
import { planText } from '../../../../../services/console/web/model/plan-text.ts';
import { inPlaces, withoutZeros } from '../../../../../services/console/web/model/summary-places.ts';
import {
  entryViewOf,
  happeningIn,
  happeningNote,
  latestFirst,
  mergedTimeline,
} from '../../../../../services/console/web/model/timeline.ts';

const NONE: IncidentSummary['facets'] = {
  state: [],
  severity: [],
  rule: [],
  class: [],
  port: [],
  holder: [],
  host: [],
  provider: [],
  assignee: [],
  age: [],
  is: [],
};

function aGroup(rule: string, total: number): IncidentGroup {
  const at = '2026-11-30T12:00:00.000Z';
  const counts = { total, open: total, acknowledged: 0, resolved: 0, hosts: total, events: total, new: total };
  return {
    key: { rule },
    q: `rule:${rule}`,
    title: rule,
    ...counts,
    recent: [0, total],
    evidenced: 0,
    unassigned: total,
    assignees: [],
    firstSeen: at,
    lastSeen: at,
  };
}

function aSummary(hosts: IncidentSummary['facets']['host'], groups: readonly IncidentGroup[]): IncidentSummary {
  const at = '2026-11-30T12:00:00.000Z';
  const total = groups.reduce((sum, group) => sum + group.total, 0);
  return {
    total,
    open: total,
    acknowledged: 0,
    resolved: 0,
    hosts: 1,
    new: 0,
    newSince: at,
    now: at,
    facets: { ...NONE, host: hosts },
    groups: [...groups],
    groupsTotal: groups.length,
  };
}

test('counts change in their places: what has gone counts 0, a new value comes last, a new group waits', () => {
  const before = aSummary(
    [
      { value: 'media*', count: 9 },
      { value: 'edge*', count: 4 },
    ],
    [aGroup('a', 9), aGroup('b', 4)],
  );
  const next = aSummary(
    [
      { value: 'print*', count: 20 },
      { value: 'edge*', count: 5 },
    ],
    [aGroup('c', 20), aGroup('b', 5)],
  );
  const merged = inPlaces(before, next);
  assert.deepEqual(
    merged.facets.host.map(({ value, count }) => [value, count]),
    [
      ['media*', 0],
      ['edge*', 5],
      ['print*', 20],
    ],
  );
  assert.deepEqual(
    merged.groups.map(({ key, total, open, recent }) => [key['rule'], total, open, recent]),
    [
      ['a', 0, 0, [0, 0]],
      ['b', 5, 5, [0, 5]],
    ],
  );
  assert.equal(merged.total, 25, 'those of the new group are counted');
});

test('a facet value that nothing has is left out at first', () => {
  const { facets } = withoutZeros({ ...aSummary([{ value: 'media*', count: 0 }], []) });
  assert.deepEqual(facets.host, []);
});

test('the timeline has each entry once, those of the stream behind those that were read', () => {
  const live = (id: string) =>
    entryViewOf({
      id,
      atMs: 0,
      subject: 'incident',
      type: 'acknowledged',
      actor: 'kim',
      reason: '',
      incidentId: 'i',
      episode: 1,
      revision: 2,
    });
  const { timeline, total } = mergedTimeline({ timeline: [live('a')], timelineTotal: 7 }, [
    live('a'),
    live('b'),
    live('b'),
  ]);
  assert.deepEqual([timeline.map(({ id }) => id), total], [['a', 'b'], 8]);
});

test('what people add to the timeline stands at the time when it happened', () => {
  const at = (minute: number): string => new Date(Date.UTC(2026, 10, 30, 20, minute)).toISOString();
  const text = happeningNote(Date.parse(at(5)), 'restarted W3SVC: twice\nby hand');
  const note = { type: 'note_added', reason: text };
  assert.deepEqual(happeningIn(note), { at: '2026-11-30T20:05Z', text: 'restarted W3SVC: twice\nby hand' });
  for (const reason of ['IIS holds it', '20:05: no date', '2026-99-30T20:05Z: no such month', '2026-11-30T20:05Z: '])
    assert.equal(happeningIn({ ...note, reason }), undefined, reason);
  assert.equal(happeningIn({ type: 'resolved', reason: text }), undefined);
  const base = { actor: 'kim', episode: 1, revision: 1, reason: '' };
  const entries = [
    { ...base, id: 'opened', at: at(0), type: 'opened' },
    { ...base, id: 'notified', at: at(6), type: 'notified' },
    { ...base, id: 'also', at: at(6), type: 'suppressed' },
    { ...base, ...note, id: 'added', at: at(20) },
  ];
  assert.deepEqual(
    latestFirst(entries).map(({ id }) => id),
    ['also', 'notified', 'added', 'opened'],
  );
});

test('a plan says how many, where, and who was notified', () => {
  const bySeverity = new Map([
    ['warning', 1],
    ['error', 1987],
  ]);
  assert.equal(
    planText({ bySeverity, hosts: 1000, notified: ['mail', 'slack'] }),
    '1,987 error, 1 warning on 1,000 hosts; notified so far: mail, slack',
  );
  assert.equal(
    planText({ bySeverity: new Map([['error', 1]]), hosts: 1, notified: [] }),
    '1 error on 1 host; nobody was notified of them',
  );
});
