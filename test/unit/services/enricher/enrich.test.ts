// Enriching: tagged or left alone, one id by every way, nothing invented, a dead letter for what is
// no event.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entryIdOf } from '../../../../shared/catalog/entry-record.ts';
import { fillRemediation } from '../../../../shared/catalog/remediation-text.ts';
import { type Alert, alertsTopic } from '../../../../shared/contracts/enriched-event.ts';
import type { RawEncoding, RawEvent } from '../../../../shared/contracts/raw-event.ts';
import type { OutRecord } from '../../../../shared/contracts/record.ts';
import type { Verdict } from '../../../../shared/contracts/stage.ts';
import { loadCatalogFolders } from '../../../../shared/runtime/catalog-files.ts';
import { createEnrich } from '../../../../services/enricher/enrich.ts';
import { makeEvent } from '../../../support/events.ts';

const RECEIVED_MS = Date.UTC(2026, 2, 1, 12, 0, 0);
const catalog = await loadCatalogFolders([]);
const options = { catalog, now: () => RECEIVED_MS + 5, keepOriginal: false, maxDocumentBytes: 1_000_000 };
const enrich = createEnrich(options);

function rawOf(text: string, encoding: RawEncoding = 'utf-8'): RawEvent {
  const bytes = encoding === 'utf-8' ? Buffer.from(text) : Buffer.from(text, 'utf16le');
  return {
    bytes: encoding === 'utf-16be' ? bytes.swap16() : bytes,
    encoding,
    format: text.startsWith('<') ? 'xml' : 'json',
    input: 'http',
    sender: '10.0.0.7',
    receivedAtMs: RECEIVED_MS,
  };
}

function recordsOf(verdict: Verdict): readonly OutRecord[] {
  assert.equal(verdict.kind, 'emit', JSON.stringify(verdict));
  return verdict.kind === 'emit' ? verdict.records : [];
}

type Fields = Readonly<Record<string, Readonly<Record<string, unknown>>>> & {
  readonly tags?: readonly string[];
  readonly message?: string;
};

function documentOf(verdict: Verdict): Fields {
  return JSON.parse(String(recordsOf(verdict)[0]?.value)) as Fields;
}

const FAULT_XML = 7;
const FAULT_JSON = 107;
const OTHER_309 = 32;

test('a 309 of WMServer is tagged with its remediation and its port, and alerted', () => {
  for (const [index, port] of [
    [FAULT_XML, 80],
    [FAULT_JSON, 554],
  ] as const) {
    const made = makeEvent('media', index);
    const verdict = enrich(rawOf(made.text));
    const document = documentOf(verdict);
    assert.equal(document['rule']?.['ruleset'], 'foghorn');
    assert.deepEqual([document['server']?.['port'], document['network']?.['transport']], [port, 'tcp']);
    assert.deepEqual(
      [document['event']?.['code'], document['event']?.['provider'], document['host']?.['name']],
      ['309', 'WMServer', made.host],
    );
    assert.match(JSON.stringify(document['foghorn']?.['remediation']), new RegExp(`port ${port}`, 'u'));
    const alerts = recordsOf(verdict).filter(({ topic }) => topic === 'alerts');
    assert.equal(alerts.length, 1);
    const decoded = alertsTopic.decode({
      key: null,
      value: Buffer.from(String(alerts[0]?.value)),
      headers: {},
      timestampMs: 0,
    });
    const alert = (decoded.kind === 'value' ? decoded.value : {}) as Alert;
    assert.equal(alerts[0]?.key, alert.incidentId);
    assert.deepEqual([alert.match.params, alert.match.discriminators], [{ port }, [String(port)]]);
  }
});

test('an alert names the entry, which has the text, and is small; the event has the id of its incident', () => {
  const verdict = enrich(rawOf(makeEvent('media', FAULT_XML).text));
  const records = recordsOf(verdict);
  assert.deepEqual(documentOf(verdict)['foghorn']?.['incident'], { id: records[1]?.key });
  const value = String(records.find(({ topic }) => topic === 'alerts')?.value);
  const { remediation } = (JSON.parse(value) as Alert).match;
  const filled = fillRemediation(remediation, (id) => catalog.entries.find((entry) => entryIdOf(entry) === id));
  assert.doesNotMatch(JSON.stringify(filled), /%\d|\{port\}|\{host\}/u);
  assert.match(JSON.stringify(filled.options), /port 80/u);
  const { ruleId, ruleVersion, title, faultClass, severity } = remediation;
  assert.deepEqual({ ...filled, ruleId, ruleVersion, title, faultClass, severity }, filled);
  assert.ok(value.length < 3000, value);
});

test('a 309 of another provider is indexed and neither tagged nor alerted', () => {
  const verdict = enrich(rawOf(makeEvent('media', OTHER_309).text));
  assert.deepEqual(
    recordsOf(verdict).map(({ topic }) => topic),
    ['events'],
  );
  const document = documentOf(verdict);
  assert.deepEqual(
    [document['rule'], document['server'], document['foghorn']?.['remediation'], document['foghorn']?.['incident']],
    [undefined, undefined, undefined, undefined],
  );
});

test('the same event by XML and by Winlogbeat, in any encoding, has one id; two ports are two incidents', () => {
  const xml = makeEvent('media', FAULT_XML).text;
  const time = /SystemTime='([^']+)'/u.exec(xml)?.[1] ?? '';
  const json = JSON.stringify({
    '@timestamp': `${time.slice(0, 23)}Z`,
    winlog: {
      channel: 'System',
      computer_name: 'media-7.example.org',
      event_id: '309',
      provider_name: 'WMServer',
      record_id: FAULT_XML + 1,
      event_data: { param1: '80' },
    },
  });
  const idOf = (raw: RawEvent): unknown => documentOf(enrich(raw))['event']?.['id'];
  const id = idOf(rawOf(xml));
  assert.match(String(id), /^[\w-]{27}$/u);
  assert.deepEqual([idOf(rawOf(json)), idOf(rawOf(xml, 'utf-16le')), idOf(rawOf(xml, 'utf-16be'))], [id, id, id]);
  const incidents = [7, 107, 4007].map((index) => recordsOf(enrich(rawOf(makeEvent('media', index).text)))[1]?.key);
  assert.equal(new Set(incidents).size, 3 - 1, 'events 7 and 4007 are of one host and port');
});

test('its own time travels beside the document, where it has one', () => {
  const { text } = makeEvent('media', FAULT_XML);
  const timeless = text.replace(/<TimeCreated [^>]*\/>/u, '');
  assert.notEqual(timeless, text);
  const headersOf = (raw: RawEvent) => recordsOf(enrich(raw))[0]?.headers;
  const { '@timestamp': time } = documentOf(enrich(rawOf(text))) as { readonly '@timestamp'?: string };
  assert.equal(headersOf(rawOf(text))?.['created'], String(Date.parse(time ?? '')));
  assert.equal(headersOf(rawOf(timeless))?.['created'], undefined);
});

test('an event without a record id gets its id from its bytes, and says so', () => {
  const text = makeEvent('media', FAULT_XML).text.replace(/<EventRecordID>\d+<\/EventRecordID>/u, '');
  const first = documentOf(enrich(rawOf(text)));
  assert.ok(first.tags?.includes('foghorn_id_from_content'));
  assert.equal(documentOf(enrich(rawOf(text)))['event']?.['id'], first['event']?.['id']);
  assert.notEqual(documentOf(enrich({ ...rawOf(text), sender: '10.0.0.8' }))['event']?.['id'], first['event']?.['id']);
});

test('of two equal events of a request without a record id both stay, and a repeat adds none [14 §3]', () => {
  const raw = rawOf(makeEvent('media', FAULT_XML).text.replace(/<EventRecordID>\d+<\/EventRecordID>/u, ''));
  const idsOf = () =>
    [raw, { ...raw, copy: 2 }, { ...raw, copy: 3 }].map((each) => documentOf(enrich(each))['event']?.['id']);
  assert.equal(new Set(idsOf()).size, 3);
  assert.deepEqual(idsOf(), idsOf());
  const whole = rawOf(makeEvent('media', FAULT_XML).text);
  const whole2 = documentOf(enrich({ ...whole, copy: 2 }));
  assert.equal(whole2['event']?.['id'], documentOf(enrich(whole))['event']?.['id'], 'with a record id it is one event');
});

test('a 309 without Computer names no machine to repair, neither in its text nor by its incident [14 §3]', () => {
  const { text } = makeEvent('media', FAULT_XML);
  const nameless = text.replace(/<Computer>[^<]*<\/Computer>/u, '');
  assert.notEqual(nameless, text);
  const alertOf = (sender: string, xml = nameless): Alert => {
    const records = recordsOf(enrich({ ...rawOf(xml), sender }));
    return JSON.parse(String(records.find(({ topic }) => topic === 'alerts')?.value)) as Alert;
  };
  const alert = alertOf('relay-7');
  assert.doesNotMatch(JSON.stringify(alert.match), /relay-7/u);
  assert.match(alert.match.remediation.title, /the affected host/u);
  assert.equal(alert.sender, 'relay-7');
  const ofRelay = alertOf('relay-7', text.replace(/<Computer>[^<]*</u, '<Computer>relay-7<'));
  assert.notEqual(alert.incidentId, ofRelay.incidentId, 'the relay’s own fault is another incident');
  assert.notEqual(alert.incidentId, alertOf('relay-8').incidentId);
  assert.equal(alert.incidentId, alertOf('relay-7').incidentId);
});

test('local times are UTC by the zone of their sender [14 §3]', () => {
  const zoned = createEnrich({ ...options, timeZones: { '10.0.0.7': 'Europe/Berlin', '*': 'Asia/Tokyo' } });
  const local = JSON.stringify({
    EventTime: '2026-03-01 10:15:30',
    EventReceivedTime: '2026-03-01 10:15:31',
    Hostname: 'MEDIA01',
    SourceName: 'WMServer',
    EventID: 309,
    RecordNumber: 77,
    Channel: 'Application',
    SourceModuleType: 'im_msvistalog',
    '@timestamp': '2026-03-01T11:00:00.000Z',
  });
  const reported = (from: typeof zoned, sender: string) => {
    const document = documentOf(from({ ...rawOf(local), sender }));
    return [document['@timestamp'] as unknown, document.tags, document['event']?.['id']];
  };
  const [time, tags, id] = reported(zoned, '10.0.0.7');
  assert.deepEqual([time, tags], ['2026-03-01T09:15:30Z', undefined]);
  assert.deepEqual(reported(zoned, '10.0.0.8'), ['2026-03-01T01:15:30Z', undefined, id]);
  assert.deepEqual(reported(createEnrich(options), '10.0.0.7'), [
    '2026-03-01T11:00:00.000Z',
    ['foghorn_time_zone_unknown'],
    id,
  ]);
});

test('an unrendered 309 gets its text from the catalogue, an unrendered stranger gets none', () => {
  const bare = (index: number): string =>
    makeEvent('media', index).text.replace(/<RenderingInfo.*<\/RenderingInfo>/u, '');
  assert.equal(
    documentOf(enrich(rawOf(bare(FAULT_XML)))).message,
    'Windows Media Services cannot bind to TCP port 80. The port is being used by another service.',
  );
  assert.equal(documentOf(enrich(rawOf(bare(OTHER_309)))).message, undefined);
});

test('the document says when and where it passed; the original is kept on demand', () => {
  const text = makeEvent('media', 2).text;
  const document = documentOf(enrich(rawOf(text)));
  assert.deepEqual(
    { ...document['foghorn'], form: undefined, lag_ms: undefined, content: undefined },
    {
      received: '2026-03-01T12:00:00.000Z',
      input: 'http',
      sender: '10.0.0.7',
      form: undefined,
      lag_ms: undefined,
      content: undefined,
    },
  );
  assert.equal(document['event']?.['ingested'], '2026-03-01T12:00:00.005Z');
  assert.equal(document['event']?.['original'], undefined);
  assert.equal(
    documentOf(createEnrich({ ...options, keepOriginal: true })(rawOf(text, 'utf-16le')))['event']?.['original'],
    text,
  );
});

test('the document says how long after the event it was enriched, unless the event has no time of its own', () => {
  const text = makeEvent('media', FAULT_XML).text;
  const lagOf = (time: string): unknown =>
    documentOf(enrich(rawOf(text.replace(/SystemTime='[^']+'/u, time))))['foghorn']?.['lag_ms'];
  assert.equal(lagOf("SystemTime='2026-03-01T11:59:59.9991234Z'"), 6);
  assert.equal(lagOf("SystemTime='2026-03-01T12:00:01.005Z'"), -1000);
  assert.equal(lagOf("SystemTime='2026-03-01T12:00:00.005Z'"), 0);
  assert.equal(lagOf(''), undefined);
  assert.equal(lagOf("SystemTime='yesterday'"), undefined);
});

test('a document is measured in bytes', () => {
  const data = `<Data Name="x">${'é'.repeat(60_000)}</Data></EventData>`;
  const raw = rawOf(makeEvent('media', FAULT_XML).text.replace('</EventData>', data));
  const bytes = Buffer.byteLength(String(recordsOf(enrich(raw))[0]?.value));
  const within = (maxDocumentBytes: number): string => createEnrich({ ...options, maxDocumentBytes })(raw).kind;
  assert.deepEqual([within(bytes), within(bytes - 1)], ['emit', 'dead']);
});

test('what is no event is dead with a reason', () => {
  const reasonOf = (text: string): string => {
    const verdict = enrich(rawOf(text));
    return verdict.kind === 'dead' ? verdict.reason : verdict.kind;
  };
  assert.deepEqual(['{"a":1', '<Event><System>', 'hello', '{"no":"event"}'].map(reasonOf), [
    'invalid_json',
    'invalid_xml',
    'unknown_format',
    'unknown_format',
  ]);
  const small = createEnrich({ ...options, maxDocumentBytes: 100 })(rawOf(makeEvent('media', 2).text));
  assert.deepEqual([small.kind, small.kind === 'dead' ? small.reason : ''], ['dead', 'too_large']);
});

const at = (iso: string, port = 80): string =>
  `<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name="WMServer"/><EventID>309</EventID><Level>2</Level><TimeCreated SystemTime="${iso}"/><EventRecordID>7</EventRecordID><Channel>Application</Channel><Computer>MEDIA01</Computer></System><EventData><Data>MMS</Data><Data>${port}</Data></EventData></Event>`;

test('an event dated ahead is tagged with how far, and its document may have been written at any time [security H1]', () => {
  const verdict = enrich(rawOf(at('2026-03-02T12:00:00.000Z')));
  const document = documentOf(verdict);
  assert.ok(document.tags?.includes('foghorn_clock_ahead'));
  assert.equal(document['foghorn']?.['clock_skew_ms'], 86_400_000);
  assert.equal(document['@timestamp'], '2026-03-02T12:00:00.000Z');
  assert.equal(recordsOf(verdict)[0]?.headers?.['created'], undefined);
  const right = createEnrich(options)(rawOf(at('2026-03-01T12:00:30.000Z')));
  assert.deepEqual([documentOf(right).tags?.includes('foghorn_clock_ahead') ?? false], [false]);
  assert.equal(recordsOf(right)[0]?.headers?.['created'], String(RECEIVED_MS + 30_000));
});

test('a clock that is behind is tagged when several events say so, a single late one is not [alerting 1]', () => {
  const behind = createEnrich(options);
  const first = documentOf(behind(rawOf(at('2026-03-01T11:54:00.000Z'))));
  assert.equal(first['foghorn']?.['clock_skew_ms'], undefined);
  const later = { ...rawOf(at('2026-03-01T11:54:10.000Z')), receivedAtMs: RECEIVED_MS + 10_000 };
  const second = documentOf(behind(later));
  assert.ok(second.tags?.includes('foghorn_clock_behind'));
  assert.equal(second['foghorn']?.['clock_skew_ms'], -360_000);
});

test('who sent it goes with the alert, and what is known of its clock [security H2]', () => {
  const sent = { ...rawOf(at('2026-03-01T11:59:59.000Z')), sender: 'agent-web', agent: 'Winlogbeat/8.19' };
  const alerts = recordsOf(enrich(sent)).filter(({ topic }) => topic === 'alerts');
  const alert = JSON.parse(String(alerts[0]?.value)) as Partial<Alert>;
  assert.deepEqual([alert.sender, alert.agent], ['agent-web', 'Winlogbeat/8.19']);
  assert.equal(alert.clock?.skewMs, -1000);
});

test('what an event states is one digest by every form, and another with other data [security M1]', () => {
  const contentOf = (text: string): unknown => documentOf(enrich(rawOf(text)))['foghorn']?.['content'];
  const xml = at('2026-03-01T11:59:59.000Z');
  const content = contentOf(xml);
  assert.match(String(content), /^[\w-]{16}$/u);
  assert.equal(contentOf(xml.replace('</EventData>', '<!-- --></EventData>')), content);
  assert.notEqual(contentOf(xml.replace('>MMS<', '>RTSP<')), content);
  const winlogbeat = (data: object): string =>
    JSON.stringify({
      '@timestamp': '2026-03-01T11:59:59.000Z',
      winlog: {
        computer_name: 'MEDIA01',
        channel: 'Application',
        provider_name: 'WMServer',
        event_id: '309',
        record_id: 7,
        event_data: data,
      },
    });
  assert.equal(contentOf(winlogbeat({ param2: '80', param1: 'MMS' })), content);
  assert.equal(contentOf(winlogbeat({ a: 'x\n\ty' })), contentOf(winlogbeat({ a: ['x', 'y'] })));
  assert.notEqual(contentOf(winlogbeat({})), content);
});

test('an agent’s document with two hosts is of the one that its event is of, in the incident too [security M15]', () => {
  const winlog = {
    computer_name: 'REAL1',
    channel: 'System',
    provider_name: 'WMServer',
    event_id: '309',
    record_id: 7,
  };
  const made = (host: string): OutRecord => {
    const document = { '@timestamp': '2026-03-01T11:59:59.000Z', host: { name: host }, winlog, message: 'port 80' };
    const alerts = recordsOf(enrich(rawOf(JSON.stringify(document)))).filter(({ topic }) => topic === 'alerts');
    return alerts[0] as OutRecord;
  };
  const alert = JSON.parse(String(made('PAYROLL-DC').value)) as Alert;
  assert.deepEqual((alert.document['host'] as object) ?? {}, { name: 'REAL1', os: { type: 'windows' } });
  assert.equal(made('PAYROLL-DC').key, made('REAL1').key);
});

test('a GUID states the same with and without braces, in either case [security M1]', () => {
  const contentOf = (value: string): unknown =>
    documentOf(enrich(rawOf(at('2026-03-01T11:59:59.000Z').replace('>MMS<', `>${value}<`))))['foghorn']?.['content'];
  const guid = '0CCE9243-69AE-11D9-BED3-505054503030';
  assert.equal(contentOf(`{${guid.toLowerCase()}}`), contentOf(guid));
  assert.notEqual(contentOf(guid), contentOf(guid.replace('0CCE', '0CCF')));
});
