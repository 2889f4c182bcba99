// Senders whose whole shape fits into a few lines: each is the same fault of the same service.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readEvent } from '../../../../../shared/windows/read-event.ts';
import { eventOf } from '../event-text.ts';

const FLUENT_BIT = {
  EventID: 309,
  ProviderName: 'WMServer',
  Channel: 'Application',
  Computer: 'M1',
  EventRecordID: 77,
};

for (const [name, given] of [
  [
    'GELF of NXLog (xm_gelf, 2.11)',
    {
      version: '1.1',
      host: 'M1',
      short_message: 'a',
      full_message: 'a b',
      timestamp: 1_795_165_200.25,
      level: 3,
      _EventID: 309,
      _SourceName: 'WMServer',
      _Channel: 'Application',
      _RecordNumber: 77,
      _Data: '8080',
    },
  ],
  [
    'Grafana Alloy 1.8',
    {
      source: 'WMServer',
      channel: 'Application',
      computer: 'M1',
      event_id: 309,
      timeCreated: '2026-11-20T09:00:00.25Z',
      eventRecordID: 77,
      keywords: 'Classic',
      event_data: '<Data>8080</Data>',
    },
  ],
  [
    'EvtxECmd 1.5',
    {
      Payload: '{"EventData":{"Data":"8080"}}',
      Channel: 'Application',
      Provider: 'WMServer',
      EventId: 309,
      EventRecordId: '77',
      Computer: 'M1',
      Level: 'Error',
      TimeCreated: '2026-11-20T09:00:00.25+00:00',
    },
  ],
  [
    'Fluentd, windows_eventlog 0.9',
    {
      channel: 'Application',
      record_number: '77',
      time_generated: '2026-11-20 10:00:00 +0100',
      event_id: '309',
      event_type: 'error',
      source_name: 'WMServer',
      computer_name: 'M1',
      string_inserts: ['8080'],
    },
  ],
  [
    'Splunk HEC with an object',
    {
      time: 1_795_165_200,
      sourcetype: 'x',
      event: { ...FLUENT_BIT, TimeCreated: '2026-11-20 09:00:00 +0000', StringInserts: ['8080'] },
    },
  ],
] as const)
  test(`${name} is read`, () => {
    const { providerName, eventId, channel, computer, recordId, timeCreated, eventData } = eventOf(given);
    assert.deepEqual(
      [providerName, eventId, channel, computer, recordId, { ...eventData }],
      ['WMServer', 309, 'Application', 'M1', '77', { param1: '8080' }],
    );
    assert.match(timeCreated ?? '', /^2026-11-20T09:00:00/u);
  });

test('inserts that say more than the names are kept beside them', () => {
  const dataOf = (StringInserts: unknown) => ({
    ...eventOf({ ...FLUENT_BIT, EventData: { Port: '8080' }, StringInserts }).eventData,
  });
  assert.deepEqual(dataOf(['8080', '']), { Port: '8080' });
  assert.deepEqual(dataOf(['8080', 'more']), { Port: '8080', param1: '8080', param2: 'more' });
});

test('integers keep their digits, texts that look like them stay', () => {
  const json = `{"EventData":{"t":"1 \\" 99999999999999999999 \\\\","n":-9223372036854775807,"s":[18446744073709551615,"x"]},"StringInserts":[],${JSON.stringify(FLUENT_BIT).slice(1)}`;
  const read = readEvent(Buffer.from(json), 'utf-8');
  assert.ok(read.kind === 'event');
  assert.deepEqual(
    { ...read.event.eventData },
    { t: '1 " 99999999999999999999 \\', n: '-9223372036854775807', s: '["18446744073709551615","x"]' },
  );
});
