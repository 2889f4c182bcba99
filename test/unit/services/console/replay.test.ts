// A broken live stream goes on where it ended, or says that it cannot.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHub } from '../../../../services/console/live/hub.ts';
import { createReplay } from '../../../../services/console/live/replay.ts';
import { createStreams, type Streams } from '../../../../services/console/live/stream.ts';
import type { ActivityEntry } from '../../../../shared/contracts/activity.ts';
import { apiParts } from '../../../support/console-api.ts';
import { anIncident } from '../../../support/incidents.ts';

const entryOf = (id: string, own: object = {}): ActivityEntry =>
  ({
    id,
    atMs: 0,
    subject: 'incident',
    type: 'opened',
    actor: 'system',
    reason: '',
    host: 'a',
    ...own,
  }) as ActivityEntry;
const idsOf = (entries: readonly ActivityEntry[] | undefined): string | undefined =>
  entries?.map(({ id }) => id).join('');

test('what came after an entry is known, with a little of what came before it', () => {
  let nowMs = 0;
  const replay = createReplay(() => nowMs);
  assert.equal(replay.latestId(), undefined);
  assert.equal(replay.after('a'), undefined);
  for (const id of ['a', 'b', 'c', 'd']) {
    replay.add(entryOf(id));
    nowMs += 6000;
  }
  assert.equal(replay.latestId(), 'd');
  // Another console may have sent b after c: its reader has seen c and not b.
  assert.equal(idsOf(replay.after('c')), 'bd');
  assert.equal(idsOf(replay.after('d')), 'c');
  assert.equal(replay.after('x'), undefined);
});

test('the oldest entries go, and who saw them last is notified of a gap', () => {
  let nowMs = 0;
  const replay = createReplay(() => nowMs);
  for (let index = 0; index < 20_000; index += 1) {
    replay.add(entryOf(`e${index}`));
    nowMs += 1000;
  }
  assert.equal(replay.after('e0'), undefined);
  assert.equal(replay.after('e14000'), undefined);
  assert.equal(replay.after('e16000')?.length, 4009);
});

async function textOf(
  streams: Streams,
  request: Partial<Parameters<Streams['open']>[0]>,
  during = (): void => undefined,
) {
  const ending = new AbortController();
  const body = streams.open({ reader: 'kim', filter: {}, cut: () => undefined, ...request, signal: ending.signal });
  during();
  ending.abort();
  return await new Response(body).text();
}

test('a stream begins with what its reader has missed, and gives the place to go on from', async () => {
  const hub = createHub();
  let nowMs = 0;
  const { metrics } = apiParts();
  const streams = createStreams({ hub, metrics, maxStreams: 9, maxStreamsOfOne: 9, now: () => (nowMs += 20_000) });
  assert.doesNotMatch(await textOf(streams, {}), /^id:/mu);
  assert.match(await textOf(streams, { lastSeenId: 'a' }), /^event: gap$/mu);
  for (const id of ['a', 'b', 'c']) hub.activity(entryOf(id, { type: id === 'b' ? 'resolved' : 'opened' }));
  const eventsOf = (text: string): readonly string[] =>
    [...text.matchAll(/^(?:id|event): .*$/gmu)].map(([line]) => line);
  assert.deepEqual(eventsOf(await textOf(streams, { lastSeenId: 'a' })), [
    'id: b',
    'event: action',
    'id: c',
    'event: action',
    'id: c',
  ]);
  const filtered = await textOf(streams, { lastSeenId: 'a', filter: { type: ['resolved'] } });
  // The place is that of the latest entry, wanted or not.
  assert.deepEqual(eventsOf(filtered), ['id: b', 'event: action', 'id: c']);
  assert.deepEqual(eventsOf(await textOf(streams, { lastSeenId: 'gone' })), ['event: gap', 'id: c']);
  assert.deepEqual(eventsOf(await textOf(streams, {})), ['id: c']);
  hub.activity(entryOf('large', { reason: 'x'.repeat(600_000) }));
  assert.deepEqual(eventsOf(await textOf(streams, { lastSeenId: 'c' })), ['event: gap', 'id: large']);
});

test('who asks for it gets each incident as it is after a change', async () => {
  const hub = createHub();
  const { metrics } = apiParts();
  const streams = createStreams({ hub, metrics, maxStreams: 9, maxStreamsOfOne: 9, now: Date.now });
  const change = (): void => hub.incident({ ...anIncident('i', 2), state: 'acknowledged' });
  const text = await textOf(streams, { withIncidents: true, filter: { host: 'MEDIA01', type: ['none'] } }, change);
  const [, data = '{}'] = /^event: incident\ndata: (.*)$/mu.exec(text) ?? [];
  const { id, state, host } = JSON.parse(data) as Readonly<Record<string, unknown>>;
  assert.deepEqual([id, state, host], ['i', 'acknowledged', 'media01']);
  assert.doesNotMatch(await textOf(streams, { withIncidents: true, filter: { host: 'other' } }, change), /incident/u);
  assert.doesNotMatch(await textOf(streams, {}, change), /event: incident/u);
});
