// evtx_dump, its like and OpenWEC: attributes at three places, unnamed data as lists, braces put
// back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventOf, reasonOf } from '../event-text.ts';
import { written, WRONG } from './dialect-text.ts';

type Event = Readonly<Record<string, unknown>>;
const dump = (system: Event = {}, event: Event = {}): Event => {
  const { Event: whole } = written('evtx_dump') as { Event: Record<string, Event> };
  return { Event: { ...whole, System: { ...whole['System'], ...system }, ...event } };
};

test('any part of System may be wrong or missing', () => {
  const { System } = (dump() as { Event: { System: Event } }).Event;
  for (const name of Object.keys(System))
    for (const value of WRONG) {
      if (name === 'EventID') assert.equal(reasonOf(dump({ [name]: value })), 'invalid_event', JSON.stringify(value));
      else if (name !== 'Keywords') assert.equal(eventOf(dump({ [name]: value })).eventId, 309, name);
    }
  for (const name of ['EventData', 'UserData', 'RenderingInfo', 'ProcessingErrorData'])
    for (const value of WRONG) assert.equal(eventOf(dump({}, { [name]: value })).eventId, 309, name);
});

test('attributes in an object, beside the element, behind an at sign', () => {
  const {
    Event: { System: { Provider: _provider, EventID: _id, ...rest } = {}, ...event },
  } = dump() as { Event: Record<string, Record<string, unknown>> };
  for (const System of [
    {
      Provider: { '#attributes': { Name: 'WMServer' } },
      EventID: { '#attributes': { Qualifiers: 49_152 }, '#text': 309 },
    },
    {
      Provider_attributes: { Name: 'WMServer' },
      Provider: null,
      EventID: 309,
      EventID_attributes: { Qualifiers: '49152' },
    },
    { Provider: { '@Name': 'WMServer' }, EventID: { '@Qualifiers': '49152', '#text': '309' } },
  ]) {
    const { providerName, eventId, qualifiers } = eventOf({ Event: { ...event, System: { ...rest, ...System } } });
    assert.deepEqual([providerName, eventId, qualifiers], ['WMServer', 309, 49_152]);
  }
});

test('folded ids lose their high word', () => {
  assert.deepEqual(
    [eventOf(dump({ EventID: 3_221_225_781 })).eventId, eventOf(dump({ EventID: 65_536 + 309 })).qualifiers],
    [309, 1],
  );
});

test('unnamed data: one text, a list, elements with their names', () => {
  const dataOf = (EventData: unknown): object => ({ ...eventOf(dump({}, { EventData })).eventData });
  assert.deepEqual(dataOf({ Data: '554' }), { param1: '554' });
  assert.deepEqual(dataOf({ Data: ['', '554'] }), { param2: '554' });
  assert.deepEqual(dataOf({ Data: { '#text': ['a', 'b'] }, Binary: '00' }), { param1: 'a', param2: 'b', Binary: '00' });
  assert.deepEqual(dataOf({ Data: [{ '@Name': 'port', '#text': '554' }, { '#text': 'x' }] }), {
    port: '554',
    param2: 'x',
  });
  assert.deepEqual(
    dataOf({
      Data: [
        { '@Name': 'a', '#text': '1' },
        { '@Name': 'a', '#text': '2' },
      ],
    }),
    { a: '1', a_1: '2' },
  );
  assert.deepEqual(dataOf({ id: '54849625-5478-4994-A5BA-3E3B0328C30D' }), {
    id: '{54849625-5478-4994-a5ba-3e3b0328c30d}',
  });
  assert.deepEqual(dataOf({ Data: null }), {});
});

test('user data: the name of the element, as the XML has it, attributes by dotted names', () => {
  const { userData } = eventOf(
    dump(
      {},
      {
        UserData: {
          Cleared: {
            '#attributes': { xmlns: 'x' },
            Channel: { '#attributes': { a: 1 }, '#text': 'System' },
            b_attributes: { e: 2, 'xmlns:x': 'y' },
            b: null,
            c: { '@f': '3', d: 1 },
            Data: ['g', 'h'],
          },
        },
      },
    ),
  );
  assert.deepEqual(
    { ...userData, values: { ...userData?.values } },
    {
      xmlName: 'Cleared',
      values: {
        Channel: 'System',
        'Channel.a': '1',
        'b.e': '2',
        'c.d': '1',
        'c.f': '3',
        param4: 'g',
        param5: 'h',
      },
    },
  );
});

test('what could not be processed, and what a trace says of the execution', () => {
  const event = eventOf(
    dump(
      { Execution: { '#attributes': { ProcessID: 4, ThreadID: 8, ProcessorID: 2, UserTime: 0 } } },
      { ProcessingErrorData: { ErrorCode: 15_005, DataItemName: 'param2', EventPayload: '00' } },
    ),
  );
  assert.deepEqual([event.processId, event.trace, event.errorCode], [4, { processor_id: 2 }, 15_005]);
  assert.match(event.errorMessages?.[0] ?? '', /param2/u);
});

test('OpenWEC’s rendering is kept and its form is said', () => {
  const event = eventOf(
    written('OpenWEC', { RenderingInfo: { Message: 'a\r\nb ', Level: 'Error', Keywords: ['Classic', '', 5] } }),
  );
  assert.deepEqual(
    [event.form, event.message, event.levelName, event.keywordNames],
    ['openwec', 'a\nb ', 'Error', ['Classic']],
  );
});
