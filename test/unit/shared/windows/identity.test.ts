// One event is one, by event XML or by Winlogbeat: the same id and, as far as both state, the same
// document.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventIdOf } from '../../../../shared/contracts/ids.ts';
import { createMatcher } from '../../../../shared/catalog/match.ts';
import { identityOf } from '../../../../shared/windows/identity.ts';
import { loadCatalogFolders } from '../../../../shared/runtime/catalog-files.ts';
import { documentOf, eventOf, eventXml, winlogbeatDocument } from './event-text.ts';

const match = createMatcher(await loadCatalogFolders([]));

function idOf(event: string | object): string | undefined {
  const identity = identityOf(eventOf(event));
  return identity === undefined ? undefined : eventIdOf(identity);
}

test('the same event by both ways has one id', () => {
  const id = idOf(eventXml());
  assert.match(id ?? '', /^[\w-]{27}$/u);
  for (const twin of [
    winlogbeatDocument(),
    winlogbeatDocument({ computer_name: 'media-01.EXAMPLE.org' }),
    winlogbeatDocument({ event_id: 309, record_id: '4711' }),
    winlogbeatDocument({ event_id: 3_221_225_781 }),
    winlogbeatDocument(
      { event_data: { other: 1 } },
      { message: 'whatever', '@timestamp': '2026-03-01T11:00:00.123+01:00' },
    ),
    eventXml({ eventId: '<EventID>309</EventID>', level: '', sections: '' }),
    eventXml({ time: '<TimeCreated SystemTime="2026-03-01T10:00:00.123Z"/>' }),
  ])
    assert.equal(idOf(twin), id);
});

test('another event has another id', () => {
  const others = [
    eventXml(),
    eventXml({ computer: '<Computer>MEDIA-02.example.org</Computer>' }),
    eventXml({ channel: '<Channel>Application</Channel>' }),
    eventXml({ provider: '<Provider Name="Other"/>' }),
    eventXml({ eventId: '<EventID>310</EventID>' }),
    eventXml({ recordId: '<EventRecordID>4712</EventRecordID>' }),
    eventXml({ time: '<TimeCreated SystemTime="2026-03-01T10:00:00.124Z"/>' }),
  ];
  assert.equal(new Set(others.map(idOf)).size, others.length);
});

test('an identity with a part missing is none', () => {
  for (const part of ['computer', 'channel', 'recordId', 'time'] as const)
    assert.equal(idOf(eventXml({ [part]: '' })), undefined, part);
  for (const winlog of [{ record_id: 0 }, { channel: '' }]) assert.equal(idOf(winlogbeatDocument(winlog)), undefined);
  assert.equal(idOf(winlogbeatDocument({}, { '@timestamp': 'x' })), undefined);
  assert.equal(idOf(winlogbeatDocument({ computer_name: '' }, { host: {} })), undefined);
});

test('a Sysmon event is one by its log and by Winlogbeat’s module, which moves UtcTime to @timestamp [14 §3]', () => {
  const provider = 'Microsoft-Windows-Sysmon';
  const xml = (utc: string) =>
    idOf(
      eventXml({
        provider: `<Provider Name="${provider}"/>`,
        sections: `<EventData><Data Name="UtcTime">${utc}</Data><Data Name="Image">C:\\a.exe</Data></EventData>`,
      }),
    );
  const module = winlogbeatDocument(
    { provider_name: provider, event_data: undefined },
    { '@timestamp': '2026-03-01T09:59:59.987Z', event: { module: 'sysmon', code: '309', provider } },
  );
  assert.equal(xml('2026-03-01 09:59:59.987'), idOf(module));
  assert.notEqual(xml('2026-03-01 09:59:59.988'), idOf(module));
  const plain = { provider_name: provider, event_data: { UtcTime: '2026-03-01 09:59:59.987' } };
  assert.equal(idOf(winlogbeatDocument(plain)), idOf(module));
  const elsewhere = eventXml({
    sections: '<EventData><Data Name="UtcTime">2026-03-01 09:59:59.987</Data></EventData>',
  });
  assert.equal(idOf(elsewhere), idOf(eventXml()), 'of another provider it is data like any other');
});

test('what both ways state, both documents say alike', () => {
  const process = { pid: 640, thread: { id: 7220 } };
  const xml = documentOf(
    eventXml({
      version: '<Version>1</Version>',
      opcode: '<Opcode>0</Opcode>',
      execution: '<Execution ProcessID="640" ThreadID="7220"/>',
      correlation: '<Correlation ActivityID="{a}"/>',
      security: '<Security UserID="S-1-5-18"/>',
      sections:
        '<EventData><Data>80</Data><Data Name="host"> x </Data><Data/><Binary>00</Binary></EventData><RenderingInfo><Message>one&#13;\ntwo</Message></RenderingInfo>',
    }),
  );
  const json = documentOf(
    winlogbeatDocument(
      {
        version: 1,
        opcode: 'Info',
        task: 'None',
        process,
        activity_id: '{a}',
        user: { identifier: 'S-1-5-18', name: 'SYSTEM', domain: 'NT AUTHORITY', type: 'Well Known Group' },
        event_data: { param1: '80', host: ' x ', Binary: '00' },
      },
      { message: 'one\ntwo' },
    ),
  );
  const { time_created: timeCreated, ...winlog } = xml['winlog'] ?? {};
  assert.deepEqual(winlog, json['winlog']);
  assert.equal(timeCreated, '2026-03-01T10:00:00.1234567Z');
  for (const name of ['message', 'host', 'log']) assert.deepEqual(xml[name], json[name], name);
  for (const name of ['kind', 'code', 'provider']) assert.equal(xml['event']?.[name], json['event']?.[name], name);
});

test('the port of a 309 is the same number, however it is spelled', () => {
  const xml = (sections: string) => eventXml({ sections });
  const rendered = (text: string) => xml(`<RenderingInfo><Message>${text}</Message></RenderingInfo>`);
  const text = 'Windows Media Services cannot bind to TCP port 8080. The port is being used by another service.';
  for (const event of [
    xml('<EventData><Data>8080</Data></EventData>'),
    xml('<EventData><Data> 8080\r\n</Data></EventData>'),
    xml('<EventData><Data>80<!-- -->80</Data></EventData>'),
    xml('<EventData><Data><![CDATA[8080]]></Data></EventData>'),
    xml('<EventData><Data>&#56;080</Data></EventData>'),
    xml('<EventData><Data Name="">8080</Data></EventData>'),
    xml('<EventData><Data Name="param1">8080</Data><Data>9</Data></EventData>'),
    xml('<EventData><Data Name="param0">8080</Data><Data Name="param1">9</Data></EventData>'),
    rendered(text),
    rendered(text.replaceAll(' ', '\r\n')),
    winlogbeatDocument({ event_data: { param1: '8080' } }),
    winlogbeatDocument({ event_data: { param1: 8080 } }),
    winlogbeatDocument({ event_data: { param0: '8080', param1: '9' } }),
    winlogbeatDocument({ event_data: null }, { message: text }),
    winlogbeatDocument({ event_data: { param1: '' } }, { message: text }),
  ])
    assert.equal(match(eventOf(event))?.params['port'], 8080, JSON.stringify(event));
});

test('what is no port is no port', () => {
  for (const value of ['', '0', '65536', '-80', '80.5', '0x50', 'http', '80 554', '８０'])
    for (const event of [
      eventXml({ sections: `<EventData><Data>${value}</Data></EventData>` }),
      winlogbeatDocument({ event_data: { param1: value } }),
    ]) {
      const found = match(eventOf(event));
      assert.ok(found, 'it is a 309 all the same');
      assert.equal(found.params['port'], undefined, value);
    }
});
