// Event XML: each part of System, missing or spoiled; what a rendering brings; what the sender
// could not process.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { braced, keywordMask } from '../../../../shared/windows/xml.ts';
import { documentOf, eventOf, eventXml, reasonOf } from './event-text.ts';

const GUID = '555908d1-a6d7-4695-8e1e-26931d2012f4';

test('all of System', () => {
  const event = eventOf(
    eventXml({
      provider: `<Provider Name="Service Control Manager" Guid="${GUID}" EventSourceName="Other"/>`,
      version: '<Version>3</Version>',
      task: '<Task>7</Task>',
      opcode: '<Opcode>1</Opcode>',
      keywords: '<Keywords>0x8080000000000000</Keywords>',
      correlation: '<Correlation ActivityID="{a}" RelatedActivityID="{b}"/>',
      execution:
        '<Execution ProcessID="640" ThreadID="7220" ProcessorID="1" SessionID="0" KernelTime="2" UserTime="3" ProcessorTime="x"/>',
      security: '<Security UserID="S-1-5-18"/>',
    }),
  );
  assert.deepEqual(
    { ...event, eventData: { ...event.eventData } },
    {
      form: 'event-xml',
      providerName: 'Service Control Manager',
      providerGuid: `{${GUID}}`,
      eventId: 309,
      qualifiers: 49_152,
      version: 3,
      level: 2,
      task: 7,
      opcode: 1,
      keywordMask: 0x8080_0000_0000_0000n,
      timeCreated: '2026-03-01T10:00:00.1234567Z',
      recordId: '4711',
      activityId: '{a}',
      relatedActivityId: '{b}',
      processId: 640,
      threadId: 7220,
      trace: { processor_id: 1, kernel_time: 2, user_time: 3 },
      channel: 'System',
      computer: 'MEDIA-01.example.org',
      user: { identifier: 'S-1-5-18' },
      eventData: { param1: '80' },
    },
  );
});

test('prefixes, attributes in single quotes and elements in any order make no difference', () => {
  const prefixed = eventXml()
    .replaceAll(/<(\/?)(?=[A-Z])/gu, '<$1evt:')
    .replace('xmlns=', 'xmlns:evt=');
  assert.deepEqual(eventOf(prefixed), eventOf(eventXml()));
  assert.deepEqual(eventOf(eventXml().replaceAll('"', "'")), eventOf(eventXml()));
});

test('an event without an id is none', () => {
  for (const eventId of [
    '',
    '<EventID/>',
    '<EventID>none</EventID>',
    '<EventID>-1</EventID>',
    '<EventID>4294967296</EventID>',
  ])
    assert.equal(reasonOf(eventXml({ eventId })), 'invalid_event');
  assert.equal(reasonOf('<Event><EventData><Data>80</Data></EventData></Event>'), 'invalid_event');
});

test('the source of a classic event stands in for a missing provider name', () => {
  assert.equal(eventOf(eventXml({ provider: '<Provider EventSourceName="WMServer"/>' })).providerName, 'WMServer');
});

test('qualifiers folded into the id are taken out again', () => {
  const { eventId, qualifiers } = eventOf(eventXml({ eventId: '<EventID>3221225781</EventID>' }));
  assert.deepEqual([eventId, qualifiers], [309, 49_152]);
});

test('keywords that are no number of 64 bits make the event none', () => {
  for (const text of ['Classic', '0x', '0x10000000000000000', '18446744073709551616', '-1'])
    assert.equal(reasonOf(eventXml({ keywords: `<Keywords>${text}</Keywords>` })), 'invalid_event', text);
  assert.equal(keywordMask('36028797018963968'), 0x80_0000_0000_0000n);
  assert.equal(keywordMask('0XFFFFFFFFFFFFFFFF'), 0xffff_ffff_ffff_ffffn);
  assert.equal(eventOf(eventXml({ keywords: '<Keywords/>' })).keywordMask, undefined);
});

test('numbers out of their range are passed over', () => {
  const event = eventOf(
    eventXml({
      version: '<Version>256</Version>',
      level: '<Level>high</Level>',
      task: '<Task>65536</Task>',
      opcode: '<Opcode/>',
      execution: '<Execution ProcessID="-1" ThreadID="4294967296"/>',
      recordId: '<EventRecordID>0</EventRecordID>',
    }),
  );
  for (const key of ['version', 'level', 'task', 'opcode', 'processId', 'threadId', 'recordId'] as const)
    assert.equal(event[key], undefined, key);
});

test('a time that cannot be read is said; one that is not there is missing', () => {
  const timed = (time: string) => documentOf(eventXml({ time }));
  assert.deepEqual(timed('<TimeCreated SystemTime="yesterday"/>').tags, [
    'foghorn_time_invalid',
    'foghorn_time_missing',
  ]);
  for (const time of ['', '<TimeCreated/>', '<TimeCreated RawTime="123"/>', '<TimeCreated SystemTime=""/>'])
    assert.deepEqual(
      [timed(time).tags, timed(time)['@timestamp'] as unknown],
      [['foghorn_time_missing'], '2026-03-01T12:00:00.000Z'],
    );
});

test('a rendering brings text and names, in its own language', () => {
  const event = eventOf(
    eventXml({
      sections:
        '<EventData/><RenderingInfo Culture="de-DE"><Message> Port 80\r\nist belegt.&#x9;&#xD;&#xA;</Message><Level>Fehler</Level><Task>Netz</Task><Opcode>Start</Opcode>' +
        '<Channel>System</Channel><Keywords><Keyword>Klassisch</Keyword><Keyword> </Keyword><Keyword>Zwei</Keyword></Keywords></RenderingInfo>',
    }),
  );
  assert.deepEqual(
    [event.message, event.levelName, event.taskName, event.opcodeName, event.keywordNames, event.eventData],
    [' Port 80\nist belegt.\t', 'Fehler', 'Netz', 'Start', ['Klassisch', 'Zwei'], undefined],
  );
});

test('an empty rendering brings nothing', () => {
  const event = eventOf(
    eventXml({ sections: '<RenderingInfo><Message> \n</Message><Level> </Level><Keywords/></RenderingInfo>' }),
  );
  for (const key of ['message', 'levelName', 'keywordNames'] as const) assert.equal(key in event, false, key);
});

test('a rendering that was cut off costs its own text and no more, and it is said', () => {
  const whole = eventXml({
    sections:
      '<EventData><Data>80</Data></EventData><RenderingInfo Culture="en-US"><Message>The RenderingInfo of port &lt;80&gt;</Message></RenderingInfo>',
  });
  const from = whole.indexOf('<RenderingInfo') + '<RenderingInfo'.length;
  const to = whole.indexOf('</RenderingInfo');
  for (let end = from; end <= to; end += 1) {
    const event = eventOf(whole.slice(0, end));
    assert.deepEqual(
      [event.eventData?.['param1'], event.message, event.tags],
      ['80', undefined, ['foghorn_rendering_cut_off']],
    );
    assert.match(event.errorMessages?.[0] ?? '', /cut off/u);
  }
  assert.equal(reasonOf(whole.slice(0, whole.indexOf('</System>'))), 'invalid_xml');
  for (let end = whole.indexOf('</System>') + '</System>'.length; end < from; end += 1) {
    const event = eventOf(whole.slice(0, end));
    const isDataThere = end >= whole.indexOf('</Data>') + '</Data>'.length;
    assert.deepEqual([event.eventData?.['param1'], event.tags?.length], [isDataThere ? '80' : undefined, 1], `${end}`);
  }
});

test('a rendering that is no XML costs its own text and no more, and it is said', () => {
  for (const message of ['a & b < c', '<b>bold', '&nbsp;', ']]>', 'x</RenderingInfo>'])
    for (const prefix of ['', 'e:']) {
      const sections = `<EventData><Data>80</Data></EventData><RenderingInfo Culture="en-US"><Message>${message}</Message></RenderingInfo>`;
      const whole = eventXml({ sections });
      const event = eventOf(
        prefix === '' ? whole : whole.replaceAll(/<(\/?)(?=[A-Z])/gu, '<$1e:').replace('xmlns=', 'xmlns:e='),
      );
      assert.deepEqual(
        [event.eventData?.['param1'], event.message, event.tags, event.errorMessages?.length],
        ['80', undefined, ['foghorn_rendering_cut_off'], 1],
      );
    }
  const twice = eventXml({
    sections: '<EventData><Data>&</Data></EventData><RenderingInfo><Message>&</Message></RenderingInfo>',
  });
  assert.equal(reasonOf(twice), 'invalid_xml');
});

test('ProcessingErrorData becomes an error beside the event', () => {
  const section =
    '<ProcessingErrorData><ErrorCode>15005</ErrorCode><DataItemName>param2</DataItemName><EventPayload>00FF</EventPayload></ProcessingErrorData>';
  const document = documentOf(eventXml({ sections: section }));
  assert.equal(document['error']?.['code'], 15_005);
  assert.match(String(document['error']?.['message']), /param2/u);
  assert.equal(documentOf(eventXml({ sections: '<ProcessingErrorData/>' }))['error'], undefined);
});

test('both errors are kept when the rendering was cut off as well', () => {
  const sections =
    '<ProcessingErrorData><ErrorCode>1</ErrorCode><DataItemName>a</DataItemName></ProcessingErrorData><RenderingInfo><Mess';
  const text = eventXml({ sections }).replace('</Event>', '');
  assert.equal(eventOf(text).errorMessages?.length, 2);
});

test('control characters do not cost the event', () => {
  const event = eventOf(eventXml({ sections: '<EventData><Data>a\u0000b&#x1B;c\u007fd</Data></EventData>' }));
  assert.equal(event.eventData?.['param1'], 'a\\u0000b\\u001bc\\u007fd');
});

test('entity bombs, deep nests and too many elements are refused with their place', () => {
  const bomb = `<!DOCTYPE Event [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>${eventXml({ sections: '<EventData><Data>&b;&b;</Data></EventData>' })}`;
  const deep = eventXml({ sections: `<UserData>${'<a>'.repeat(100)}${'</a>'.repeat(100)}</UserData>` });
  const many = eventXml({ sections: `<EventData>${'<Data/>'.repeat(30_000)}</EventData>` });
  for (const text of [bomb, deep, many]) assert.equal(reasonOf(text), 'invalid_xml');
});

test('a GUID gets its braces once', () => {
  assert.equal(braced(GUID), `{${GUID}}`);
  assert.equal(braced(`{${GUID}}`), `{${GUID}}`);
  assert.equal(braced(GUID.toUpperCase()), `{${GUID}}`);
  assert.equal(braced('none'), 'none');
});
