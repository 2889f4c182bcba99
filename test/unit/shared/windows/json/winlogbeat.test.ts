// Winlogbeat's documents: carried as they are, read for what Foghorn works with, refused with a
// reason when they are none.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MISPLACED_TAG } from '../../../../../shared/windows/settle-fields.ts';
import { CUT_TAG, MAX_DOCUMENT_DEPTH } from '../../../../../shared/windows/limits.ts';
import { documentOf, eventOf, reasonOf, winlogbeatDocument } from '../event-text.ts';

/** `depth` objects inside one another. */
function nest(depth: number): string {
  return `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
}

test('what Foghorn works with is read out of it', () => {
  const { ecs: _, ...event } = eventOf(
    winlogbeatDocument(
      {
        version: 2,
        provider_guid: '{g}',
        task: 'Net',
        opcode: 'Start',
        process: { pid: 640, thread: { id: 7220 } },
        user: { identifier: 'S-1-5-18', name: 'SYSTEM', other: 1 },
        user_data: { xml_name: 'Cleared', Reason: 'x' },
      },
      { message: 'Port 80 is taken.' },
    ),
  );
  assert.deepEqual(
    {
      ...event,
      eventData: { ...event.eventData },
      userData: { xmlName: event.userData?.xmlName, values: { ...event.userData?.values } },
    },
    {
      form: 'winlogbeat',
      providerName: 'WMServer',
      eventId: 309,
      recordId: '4711',
      version: 2,
      processId: 640,
      threadId: 7220,
      timeCreated: '2026-03-01T10:00:00.123Z',
      channel: 'System',
      computer: 'MEDIA-01.example.org',
      message: 'Port 80 is taken.',
      levelName: 'error',
      taskName: 'Net',
      opcodeName: 'Start',
      providerGuid: '{g}',
      user: { identifier: 'S-1-5-18', name: 'SYSTEM' },
      eventData: { param1: '80' },
      userData: { xmlName: 'Cleared', values: { Reason: 'x' } },
    },
  );
});

test('event.code, event.provider and host.name stand in for what winlog lacks', () => {
  const { winlog, ...rest } = winlogbeatDocument();
  const {
    event_id: _id,
    provider_name: _provider,
    computer_name: _computer,
    ...less
  } = winlog as Record<string, unknown>;
  const event = eventOf({ ...rest, winlog: less });
  assert.deepEqual([event.eventId, event.providerName, event.computer], [309, 'WMServer', 'MEDIA-01.example.org']);
});

test('without an id it is no event', () => {
  const event = {};
  for (const event_id of [null, '', 'x', 309.5, -1, {}, [309], true, 4_294_967_296])
    assert.equal(reasonOf(winlogbeatDocument({ event_id }, { event })), 'invalid_event', JSON.stringify(event_id));
  assert.equal(reasonOf({ winlog: {} }), 'invalid_event');
});

test('an id is read as number and as text, with qualifiers folded in', () => {
  for (const event_id of ['309', 309, '3221225781', 3_221_225_781])
    assert.equal(eventOf(winlogbeatDocument({ event_id })).eventId, 309);
  assert.equal(documentOf(winlogbeatDocument({ event_id: 3_221_225_781 }))['winlog']?.['event_id'], '309');
});

test('a record id counts only where JSON kept all of its digits', () => {
  const recordOf = (record_id: unknown): string | undefined => eventOf(winlogbeatDocument({ record_id })).recordId;
  assert.equal(recordOf(4711), '4711');
  assert.equal(recordOf('18446744073709551615'), '18446744073709551615');
  assert.equal(recordOf(2 ** 53), '9007199254740992');
  for (const record of [0, -1, 1.5, 1e21, '0', '0x1', '', null, {}])
    assert.equal(recordOf(record), undefined, JSON.stringify(record));
});

test('dotted names at the top are the same document', () => {
  const flat: Record<string, unknown> = {};
  const flatten = (value: object, path: string): void => {
    for (const [name, item] of Object.entries(value) as [string, unknown][])
      if (typeof item === 'object' && item !== null && !Array.isArray(item)) flatten(item, `${path}${name}.`);
      else flat[path + name] = item;
  };
  flatten(winlogbeatDocument(), '');
  assert.deepEqual(documentOf(flat), documentOf(winlogbeatDocument()));
});

test('names dotted and nested in one document come together, in either order', () => {
  const { winlog, ...rest } = winlogbeatDocument();
  const { event_id, event_data, ...nested } = winlog as { event_id: string; event_data: object };
  const dotted = { 'winlog.event_id': event_id, 'winlog.event_data': event_data };
  for (const document of [
    { ...rest, ...dotted, winlog: nested },
    { ...rest, winlog: nested, ...dotted },
  ])
    assert.deepEqual(documentOf(document), documentOf(winlogbeatDocument()));
});

test('names of the language neither reach an object’s prototype nor get lost', () => {
  const text = JSON.stringify(winlogbeatDocument()).replace(
    '"event_data":{',
    '"event_data":{"__proto__":"x","constructor":"y",',
  );
  assert.match(JSON.stringify(documentOf(text)), /"__proto__":"x","constructor":"y"/u);
  documentOf(
    JSON.stringify(winlogbeatDocument()).replace(/\}$/u, ',"__proto__.polluted":1,"constructor.prototype.polluted":1}'),
  );
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
});

test('a time that cannot be read is said', () => {
  for (const time of ['', 'yesterday', 5, null]) {
    const document = documentOf(winlogbeatDocument({}, { '@timestamp': time }));
    assert.deepEqual(document.tags, ['foghorn_time_invalid', 'foghorn_time_missing'], String(time));
    assert.equal(document['@timestamp'], '2026-03-01T12:00:00.000Z');
  }
});

test('the time that an agent decoded from the event outranks when it read it [14 §3]', () => {
  const decoded = (time: unknown, read = '2026-11-29T19:59:58.000Z') =>
    documentOf(winlogbeatDocument({ time_created: time }, { '@timestamp': read }));
  for (const read of ['2026-11-29T19:59:58.000Z', '2026-11-29T20:10:00.000Z', 'yesterday']) {
    const document = decoded('2026-11-20T09:00:00.25Z', read);
    assert.deepEqual([document['@timestamp'], document.tags], ['2026-11-20T09:00:00.25Z', undefined]);
  }
  assert.equal(decoded(1_795_165_200.25)['@timestamp'], '2026-11-20T09:00:00.25Z');
  const spoiled = decoded('0001-01-01T00:00:00Z');
  assert.deepEqual([spoiled['@timestamp'], spoiled.tags], ['2026-11-29T19:59:58.000Z', ['foghorn_time_invalid']]);
});

test('a number in @timestamp is a time [14 §3]', () => {
  const document = documentOf(winlogbeatDocument({}, { '@timestamp': 1_795_165_200_250 }));
  assert.deepEqual([document['@timestamp'], document.tags], ['2026-11-20T09:00:00.250Z', undefined]);
});

test('parts of the wrong kind are passed over without a throw', () => {
  const wrong = [null, 0, '', 'x', true, [], [1], {}];
  for (const part of ['event', 'host', 'log', 'ecs', 'message', 'tags', '@timestamp', 'agent'])
    for (const value of wrong)
      assert.equal(documentOf(winlogbeatDocument({}, { [part]: value }))['winlog']?.['event_id'], '309');
  for (const part of [
    'process',
    'user',
    'event_data',
    'user_data',
    'version',
    'channel',
    'computer_name',
    'keywords',
    'task',
  ])
    for (const value of wrong)
      assert.equal(documentOf(winlogbeatDocument({ [part]: value }))['event']?.['code'], '309');
  for (const winlog of ['x', 1, null, []])
    assert.equal(reasonOf({ ...winlogbeatDocument(), winlog }), 'unknown_format');
});

test('event data that is no object is set aside, and it is said', () => {
  for (const event_data of ['80', 80, ['80']]) {
    const document = documentOf(winlogbeatDocument({ event_data }));
    assert.deepEqual([document['winlog']?.['event_data'], document.tags], [undefined, [CUT_TAG, MISPLACED_TAG]]);
    assert.deepEqual(document['foghorn']?.['misplaced'], { 'winlog.event_data': [event_data].flat()[0] });
  }
  assert.equal(documentOf(winlogbeatDocument({ event_data: null })).tags, undefined);
});

test('documents of any depth and width end in an event or a reason', () => {
  const text = JSON.stringify(winlogbeatDocument());
  const put = (part: string): string => text.replace(/\}$/u, `,${part}}`);
  assert.ok(eventOf(put(`"x":${nest(MAX_DOCUMENT_DEPTH - 1)}`)));
  for (const part of [
    `"x":${nest(MAX_DOCUMENT_DEPTH)}`,
    `"x":${nest(50_000)}`,
    `"x":${'['.repeat(50_000)}${']'.repeat(50_000)}`,
  ])
    assert.equal(reasonOf(put(part)), 'invalid_event');
  assert.equal(reasonOf(put(`"${'a.'.repeat(50_000)}":1`)), 'invalid_event');
  const wide = Array.from({ length: 300_000 }, (_, index) => `"k${index}":1`).join(',');
  assert.ok(eventOf(put(wide)));
});
