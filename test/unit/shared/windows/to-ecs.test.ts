// The document: Winlogbeat's fields and types, zero and empty absent, nothing invented.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { identityOf } from '../../../../shared/windows/identity.ts';
import { MAX_VALUE_LENGTH } from '../../../../shared/windows/limits.ts';
import { documentOf, eventOf, eventXml, RECEIVED, winlogbeatDocument } from './event-text.ts';

test('an event of XML, field by field', () => {
  assert.deepEqual(documentOf(eventXml()), {
    '@timestamp': '2026-03-01T10:00:00.1234567Z',
    event: { kind: 'event', code: '309', provider: 'WMServer', created: RECEIVED, action: 'None' },
    winlog: {
      api: 'wineventlog',
      provider_name: 'WMServer',
      event_id: '309',
      channel: 'System',
      computer_name: 'MEDIA-01.example.org',
      record_id: 4711,
      task: 'None',
      keywords: ['Classic'],
      event_data: { param1: '80' },
      time_created: '2026-03-01T10:00:00.1234567Z',
    },
    log: { level: 'error' },
    host: { name: 'MEDIA-01.example.org', os: { type: 'windows' } },
    ecs: { version: '9.0.0' },
    foghorn: { form: 'event-xml' },
  });
});

test('zero and empty are absent', () => {
  const document = documentOf(
    eventXml({
      version: '<Version>0</Version>',
      task: '<Task>7</Task>',
      keywords: '<Keywords>0x0</Keywords>',
      execution: '<Execution ProcessID="0" ThreadID="7"/>',
      channel: '<Channel> </Channel>',
      computer: '<Computer/>',
      sections: '<EventData><Data/></EventData>',
    }),
  );
  assert.deepEqual(Object.keys(document['winlog'] ?? {}).sort(), [
    'api',
    'event_id',
    'process',
    'provider_name',
    'record_id',
    'time_created',
  ]);
  assert.deepEqual(document['winlog']?.['process'], { thread: { id: 7 } });
  assert.equal('host' in document, false);
});

test('a record that names no provider is an event without one, which matches nothing and whose id is of its bytes', () => {
  for (const event of [
    ...['', '<Provider/>', '<Provider Name=""/>'].map((provider) => eventXml({ provider })),
    winlogbeatDocument({ provider_name: '' }, { event: { code: '309' } }),
  ]) {
    const { event: fields = {}, winlog = {} } = documentOf(event);
    assert.deepEqual([fields['code'], 'provider' in fields, 'provider_name' in winlog], ['309', false, false]);
    assert.equal(identityOf(eventOf(event)), undefined);
  }
});

test('a standard opcode has its name only where the event has one', () => {
  const opcodeOf = (opcode: string): unknown => documentOf(eventXml({ opcode }))['winlog']?.['opcode'];
  assert.deepEqual(['', '<Opcode>0</Opcode>', '<Opcode>2</Opcode>', '<Opcode>200</Opcode>'].map(opcodeOf), [
    undefined,
    'Info',
    'Stop',
    undefined,
  ]);
});

test('task 0 is called None where the provider gives no name, as Winlogbeat has it; another number has none', () => {
  const taskOf = (task: string, name = '') => {
    const sections = `<RenderingInfo><Task>${name}</Task></RenderingInfo>`;
    const { winlog, event } = documentOf(eventXml({ task, sections }));
    assert.equal(event?.['action'], winlog?.['task']);
    return winlog?.['task'];
  };
  assert.deepEqual(
    [taskOf('<Task>0</Task>'), taskOf(''), taskOf('<Task>7</Task>'), taskOf('<Task>0</Task>', 'Net')],
    ['None', 'None', undefined, 'Net'],
  );
});

test('the outcome of an audit, and none of other events', () => {
  const outcomeOf = (mask: string): unknown =>
    documentOf(eventXml({ keywords: `<Keywords>${mask}</Keywords>` }))['event']?.['outcome'];
  assert.deepEqual(['0x8020000000000000', '0x8010000000000000', '0x80000000000000'].map(outcomeOf), [
    'success',
    'failure',
    undefined,
  ]);
});

test('a level of the provider’s own has the name that the rendering gives, a standard one the same in every language', () => {
  const levelOf = (level: string, rendered: string): unknown =>
    documentOf(eventXml({ level, sections: `<RenderingInfo><Level>${rendered}</Level></RenderingInfo>` }))['log']?.[
      'level'
    ];
  assert.equal(levelOf('<Level>17</Level>', 'Loud'), 'loud');
  assert.equal(levelOf('<Level>2</Level>', 'Fehler'), 'error');
  assert.equal(levelOf('', 'Warning'), 'warning');
  assert.equal(levelOf('<Level>17</Level>', ''), undefined);
});

test('the rendering’s names go where Winlogbeat has them', () => {
  const sections =
    '<RenderingInfo><Message>m</Message><Task>Net</Task><Opcode>Go</Opcode><Keywords><Keyword>K</Keyword></Keywords></RenderingInfo>';
  const document = documentOf(eventXml({ opcode: '<Opcode>1</Opcode>', sections }));
  assert.deepEqual(
    [
      document.message,
      document['event']?.['action'],
      document['winlog']?.['task'],
      document['winlog']?.['opcode'],
      document['winlog']?.['keywords'],
    ],
    ['m', 'Net', 'Net', 'Go', ['K']],
  );
});

test('what a trace says of the execution is a number each', () => {
  const execution = '<Execution ProcessID="4" ThreadID="8" ProcessorID="2" KernelTime="5"/>';
  const { processor_id, kernel_time, user_time } = documentOf(eventXml({ execution }))['winlog'] ?? {};
  assert.deepEqual([processor_id, kernel_time, user_time], [2, 5, undefined]);
});

test('a service account is called by name, unless the event does; another SID has none', () => {
  const userOf = (sid: string) => documentOf(eventXml({ security: `<Security UserID="${sid}"/>` }))['winlog']?.['user'];
  for (const [identifier, name] of [
    ['S-1-5-18', 'SYSTEM'],
    ['S-1-5-19', 'LOCAL SERVICE'],
    ['S-1-5-20', 'NETWORK SERVICE'],
  ] as const)
    assert.deepEqual(userOf(identifier), { identifier, name, domain: 'NT AUTHORITY', type: 'Well Known Group' });
  assert.deepEqual(userOf('S-1-5-21-1-2-3-1000'), { identifier: 'S-1-5-21-1-2-3-1000' });
  const named = documentOf(winlogbeatDocument({ user: { identifier: 'S-1-5-18', name: 'СИСТЕМА' } }));
  assert.deepEqual(named['winlog']?.['user'], { identifier: 'S-1-5-18', name: 'СИСТЕМА' });
});

test('a record id beyond what a number holds keeps its digits', () => {
  const recordOf = (id: string): unknown =>
    documentOf(eventXml({ recordId: `<EventRecordID>${id}</EventRecordID>` }))['winlog']?.['record_id'];
  assert.equal(recordOf('9007199254740991'), 9_007_199_254_740_991);
  assert.equal(recordOf('18446744073709551615'), '18446744073709551615');
});

test('a Winlogbeat document keeps its own fields, without @metadata', () => {
  const own = { agent: { type: 'winlogbeat' }, labels: { site: 'x' }, tags: ['mine'], ecs: { version: '8.11.0' } };
  const document = documentOf(winlogbeatDocument({ trustAttribute: '0x8' }, own));
  assert.equal('@metadata' in document, false);
  for (const [name, value] of Object.entries(own)) assert.deepEqual(document[name], value);
  assert.deepEqual(
    [document['winlog']?.['trustAttribute'], document['event']?.['created'], document['foghorn']],
    ['0x8', '2026-03-01T10:00:01.000Z', { form: 'winlogbeat' }],
  );
});

test('a document names no stream of the sender’s, nested or dotted', () => {
  for (const fields of [
    { data_stream: { type: 'logs', dataset: 'system.security', namespace: 'default' } },
    { 'data_stream.type': 'logs', 'data_stream.dataset': 'system.security' },
  ])
    assert.equal('data_stream' in documentOf(winlogbeatDocument({}, fields)), false);
});

test('a sender’s rule is kept unless it claims to be the catalogue’s; of foghorn nothing is kept', () => {
  const ours = { id: 'wmserver-309-port-in-use', ruleset: 'foghorn' };
  const foghorn = { remediation: { id: 'x' }, form: 'y' };
  for (const rule of [ours, [ours], { ruleset: ['a', 'foghorn'] }]) {
    const document = documentOf(winlogbeatDocument({}, { rule, foghorn, 'foghorn.incident.id': 'i' }));
    assert.deepEqual([document['rule'], document['foghorn']], [undefined, { form: 'winlogbeat' }]);
  }
  assert.equal(documentOf(winlogbeatDocument({}, { 'rule.ruleset': 'foghorn' }))['rule'], undefined);
  for (const rule of [{ name: 'ProcessCreate' }, { ruleset: 'sigma' }, [{ name: 'a' }, null]])
    assert.deepEqual(documentOf(winlogbeatDocument({}, { rule }))['rule'], rule);
});

test('Foghorn’s tags come beside the sender’s, one text or many', () => {
  for (const [tags, expected] of [
    ['mine', ['mine', 'foghorn_time_missing']],
    [
      ['a', 'b'],
      ['a', 'b', 'foghorn_time_missing'],
    ],
    [['foghorn_time_missing'], ['foghorn_time_missing']],
  ] as const) {
    const { '@timestamp': _, ...rest } = winlogbeatDocument({}, { tags });
    assert.deepEqual(documentOf(rest).tags, expected);
  }
});

test('lists that the agent’s scripts made stay lists, and are texts where they are matched; what is no list of plain values is text', () => {
  const event_data = {
    PrivilegeList: ['SeDebugPrivilege', 'SeBackupPrivilege'],
    SidList: ['', '%{S-1-5-32-544}'],
    nested: { list: [1, true] },
    objects: [{ a: 1 }],
    lists: [['a']],
    long: ['v'.repeat(MAX_VALUE_LENGTH)],
  };
  const read = documentOf(winlogbeatDocument({ event_data }))['winlog']?.['event_data'] as Record<string, unknown>;
  assert.deepEqual(
    { ...read, long: String(read['long']).length },
    {
      PrivilegeList: event_data.PrivilegeList,
      SidList: event_data.SidList,
      'nested.list': [1, true],
      objects: '[{"a":1}]',
      lists: '[["a"]]',
      long: MAX_VALUE_LENGTH,
    },
  );
  const matched = eventOf(winlogbeatDocument({ event_data })).eventData?.['PrivilegeList'];
  assert.equal(matched, '["SeDebugPrivilege","SeBackupPrivilege"]');
});

test('data of any shape is texts in the document, so that one field has one type', () => {
  const data = { event_data: { port: 80, nested: { a: true } }, user_data: { xml_name: 'X', nested: { b: [1] } } };
  const { event_data, user_data } = documentOf(winlogbeatDocument(data))['winlog'] ?? {};
  assert.deepEqual(
    [event_data, user_data],
    [
      { port: '80', 'nested.a': 'true' },
      { xml_name: 'X', 'nested.b': '[1]' },
    ],
  );
});

test('the host is the computer of the event; what an agent says of its own machine is the observer’s [security M15]', () => {
  const own = { name: 'PAYROLL-DC', ip: ['10.9.9.9'], id: 'x', os: { type: 'windows' } };
  const document = documentOf(winlogbeatDocument({ computer_name: 'REAL1' }, { host: own }));
  assert.deepEqual(document['host'], { name: 'REAL1', os: { type: 'windows' } });
  assert.deepEqual(document['observer'], { hostname: 'PAYROLL-DC', ip: ['10.9.9.9'], os: { type: 'windows' } });
  assert.equal(document['foghorn']?.['sender_host'], 'PAYROLL-DC');
  assert.deepEqual(document['tags'], ['foghorn_host_of_sender']);
});

test('the same machine by its short name or its whole one keeps what the agent says of it [security M15]', () => {
  for (const [name, computer] of [
    ['media-01', 'MEDIA-01.example.org'],
    ['media-01.example.org', 'MEDIA-01'],
    ['MEDIA-01', 'media-01'],
    ['', 'MEDIA-01'],
  ] as const) {
    const document = documentOf(winlogbeatDocument({ computer_name: computer }, { host: { name, ip: ['10.1.2.3'] } }));
    assert.deepEqual(document['host'], { name: computer, ip: ['10.1.2.3'], os: { type: 'windows' } });
    assert.equal(document['observer'], undefined);
    assert.equal(document['tags'], undefined);
  }
  const without = documentOf(winlogbeatDocument({ computer_name: '' }, { host: { name: 'media-02' } }));
  assert.equal(without['host']?.['name'], 'media-02');
  // What an agent says of the system stays.
  const os = { type: 'linux', name: 'Debian' };
  const reported = documentOf(winlogbeatDocument({ computer_name: 'media-02' }, { host: { name: 'media-02', os } }));
  assert.deepEqual(reported['host'], { name: 'media-02', os });
});
