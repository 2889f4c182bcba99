// One event each as the agents write it, and ones made to spoil the mapping for them. All made up;
// the shapes are the agents' own.
import { MALICE_NAMES, hostileDocument } from './hostile-documents.ts';

const TIME = '2026-11-20T09:00:01.250Z';
let record = 100;

function winlog(provider: string, id: string, more: Readonly<Record<string, unknown>> = {}) {
  record += 1;
  return {
    api: 'wineventlog',
    channel: 'Security',
    computer_name: 'DC01.example.org',
    event_id: id,
    provider_name: provider,
    record_id: record,
    process: { pid: 4, thread: { id: 8 } },
    event_data: { TargetUserName: 'alice', param1: '1' },
    ...more,
  };
}

function beat(more: Readonly<Record<string, unknown>>, own: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    '@timestamp': TIME,
    winlog: winlog('Microsoft-Windows-Security-Auditing', '4624', own),
    ...more,
  });
}

const XML = `<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name="WMServer"/><EventID>309</EventID><Level>2</Level><TimeCreated SystemTime="${TIME}"/><EventRecordID>7</EventRecordID><Channel>System</Channel><Computer>MEDIA01</Computer></System><EventData><Data>80</Data></EventData></Event>`;

/** By agent. */
export const AGENT_EVENTS: Readonly<Record<string, string>> = {
  winlogbeat: beat({
    '@metadata': { beat: 'winlogbeat', version: '9.0.0' },
    agent: { id: 'a', name: 'DC01', type: 'winlogbeat', version: '9.0.0', ephemeral_id: 'e', hostname: 'DC01' },
    ecs: { version: '8.0.0' },
    event: { kind: 'event', code: '4624', provider: 'x', action: 'Logon', outcome: 'success', created: TIME },
    host: {
      name: 'DC01.example.org',
      os: { family: 'windows', build: '20348.1', version: '10.0' },
      ip: ['192.0.2.1', 'fe80::1'],
    },
    log: { level: 'information' },
    message: 'An account was logged on.',
    source: { ip: '192.0.2.7', port: 50123, domain: 'WS' },
    user: { name: 'alice', domain: 'EXAMPLE', id: 'S-1-5-21-1' },
  }),
  winlogbeat7Sysmon: beat({
    process: {
      pid: 4711,
      name: 'cmd.exe',
      executable: 'C:\\Windows\\cmd.exe',
      command_line: 'cmd /c dir',
      args: ['cmd', '/c', 'dir'],
      parent: { pid: 1, name: 'x' },
      hash: { sha256: 'ab' },
      pe: { imphash: 'c' },
    },
    file: { path: 'C:\\x', name: 'x', size: 5, code_signature: { valid: true, subject_name: 's' } },
    registry: { path: 'HKLM\\x', data: { strings: ['a'], type: 'SZ' } },
    dns: { question: { name: 'example.org' }, answers: [{ data: '192.0.2.1', type: 'A' }], resolved_ip: ['192.0.2.1'] },
    destination: { ip: '192.0.2.9', port: 443 },
    network: { transport: 'tcp', direction: 'egress', type: 'ipv4' },
    related: { user: ['alice'], ip: ['192.0.2.9'], hash: ['ab'] },
    sysmon: { dns: { status: 'SUCCESS' } },
    rule: { name: 'technique_id=T1', id: '1' },
    service: { name: 'svc', type: 'x' },
    tags: ['beats_input'],
    labels: { env: 'prod' },
  }),
  elasticAgent: beat(
    {
      elastic_agent: { id: 'a', snapshot: false, version: '9.0.0' },
      data_stream: { type: 'logs', dataset: 'system.security', namespace: 'default' },
      event: { dataset: 'system.security', module: 'system', category: ['authentication'], type: ['start'] },
      input: { type: 'winlog' },
      group: { name: 'g', id: 'S-1' },
      host: { hostname: 'DC01', mac: ['00-00-00-00-00-01'], architecture: 'x86_64', id: 'h', containerized: false },
      cloud: { provider: 'azure', instance: { id: 'i' }, account: { id: 'x' } },
    },
    { logon: { type: 'Network', id: '0x1' }, keywords: ['Audit Success'] },
  ),
  filebeatXml: beat(
    {
      log: { file: { path: 'C:\\x.log', inode: '1' }, offset: 12 },
      event: { original: XML },
      error: { message: ['a', 'b'] },
      threat: { technique: { id: ['T1059'] } },
    },
    { time_created: TIME, level: 'information' },
  ),
  powershellModule: beat({
    powershell: {
      command: { invocation_details: [{ type: 'a', value: 'b' }, { name: 'c' }] },
      file: { script_block_text: 'dir' },
      sequence: 1,
    },
    url: { full: 'https://example.org/', path: '/' },
  }),
  logstash: beat({ '@version': '1', fields: { team: 'media' }, 'user.name': 'bob', 'process.parent.pid': 12 }),
  nxlog: JSON.stringify({
    EventTime: '2026-11-20T09:00:01+00:00',
    Hostname: 'MEDIA01',
    SourceName: 'WMServer',
    EventID: 309,
    Channel: 'System',
    RecordNumber: 9,
    Message: 'm',
    EventType: 'ERROR',
    Severity: 'ERROR',
    user: 'x',
  }),
  fluentBit: JSON.stringify({
    ProviderName: 'WMServer',
    EventID: 309,
    Qualifiers: 0,
    Channel: 'System',
    EventRecordID: 10,
    TimeCreated: '2026-11-20 09:00:01 +0000',
    Computer: 'MEDIA01',
    StringInserts: ['80'],
    Message: 'm',
  }),
  vector: JSON.stringify({
    provider_name: 'WMServer',
    event_id: 309,
    channel: 'System',
    record_id: 11,
    timestamp: TIME,
    computer: 'MEDIA01',
    level: 'Error',
    level_value: 2,
    message: 'm',
    string_inserts: ['80'],
  }),
  eventXml: XML,
};

/**
 * By what is wrong: texts where objects are expected and the other way round, names that no index
 * has, too many, too deep.
 */
export const HOSTILE_EVENTS: Readonly<Record<string, string>> = {
  textsForObjects: beat(
    Object.fromEntries(
      [
        'user',
        'source',
        'destination',
        'file',
        'service',
        'process',
        'url',
        'registry',
        'related',
        'threat',
        'dns',
        'network',
        'group',
        'log',
        'agent',
        'error',
        'server',
        'rule',
        'event',
        'host',
        'ecs',
        'foghorn',
        'observer',
        'cloud',
        'powershell',
        'input',
        'labels',
        'fields',
      ].map((name) => [name, name === 'user' ? 'alice' : `text of ${name}`]),
    ),
    { process: 'x', user: 'y', logon: 'z', custom: 'c', event_data: 'all' },
  ),
  innerTextsForObjects: beat({
    host: { os: 'Windows', geo: 'x' },
    log: { file: 'C:\\x', syslog: 'y' },
    process: { parent: 'p', hash: 'h', pid: { a: 1 } },
    user: { group: 'g', target: 't', name: 'carol' },
    dns: { answers: ['x'] },
  }),
  objectsForTexts: beat(
    {
      message: { text: 'x' },
      tags: { a: 'b' },
      user: { name: { first: 'a' }, id: [{ a: 1 }] },
      process: { command_line: { line: 'x' }, pid: [{}] },
      event: { action: { a: 1 }, code: {}, created: { date: 1 }, original: { a: 1 }, id: {} },
      source: { ip: { v4: 'x' } },
      host: { name: { a: 1 } },
      '@version': { a: 1 },
      source2: { ip: 1 },
      ecs: { version: {} },
    },
    { channel: { a: 1 }, keywords: [{ a: 1 }], custom: { a: 1 }, time_created: {} },
  ),
  lists: beat(
    {
      user: [{ name: 'dave' }, 'text', null, [{ name: 'erin' }]],
      source: [],
      file: [1, 2],
      dns: { answers: [{ data: 'x' }, 'y'] },
      labels: [{ a: 1 }, 'x'],
      client: { geo: { location: [1, 2] } },
      server: { geo: { location: { lat: 1, lon: 2 } } },
    },
    { event_data: ['a', { b: 1 }], user: ['x'] },
  ),
  wrongTypes: beat({
    process: { pid: 'no number', exit_code: 1e300, start: 'never', args_count: true },
    source: { ip: 'no ip', port: 'http' },
    elastic_agent: { snapshot: 'perhaps' },
    file: { size: -9e18, code_signature: { valid: 'yes', exists: 1 }, pe: { imports: 'text' } },
    event: { risk_score: 'x', severity: 1e19 },
    client: { geo: { location: 'nowhere' } },
    container: { cpu: { usage: 'half' } },
  }),
  names: beat(
    {
      '': 1,
      ' ': 2,
      '..': 3,
      '.a': 4,
      'b.': 5,
      'c..d': 6,
      'e\0f': 7,
      user: { '': 1, 'a..b': 2, '.': 3, 'name\0': 4, 'group.name': 'admins', 'name.x': 1 },
      'user.': 1,
      [`long${'n'.repeat(40_000)}`]: 1,
      _id: 'x',
      _source: {},
      process: { _id: 'y' },
      ['__proto__x']: 1,
    },
    { event_data: { '': 'x', ' ': 'y', 'a\0b': 'z', '..': 1, 'a.b': 1, a: { b: 2 } }, '': 1, 'x.y': 2 },
  ),
  deep: beat({ thing: nested(40), user: { thing: nested(40) }, labels: nested(40), 'a.b.c.d.e.f.g.h': nested(40) }),
  wide: beat({ ...wide('w'), user: { ...wide('u') }, labels: wide('l'), wide: wide('x') }),
  longTexts: beat({
    user: { name: 'x'.repeat(50_000) },
    process: { command_line: 'ü'.repeat(50_000) },
    custom: 'y'.repeat(50_000),
    labels: { a: 'z'.repeat(50_000) },
    url: { full: 'w'.repeat(50_000) },
  }),
  unknownText: beat({ custom: 'a text', mine: { a: 'x' }, threat: { enrichments: 'x' } }, { custom: { a: 'mine' } }),
  unknownObject: beat({ custom: { inner: 'an object' }, mine: 'x' }, { custom: 'a' }),
  unknownList: beat({ custom: [1, 'two', { three: 3 }, [4, [5]], null], mine: [{ a: { b: 1 } }] }),
};

/** Foghorn's collection of hostile documents, each within an agent's document. */
export const COLLECTED_EVENTS: Readonly<Record<string, string>> = Object.fromEntries(
  MALICE_NAMES.map((name, index) => {
    const { winlog: own, ...document } = hostileDocument(index);
    const data = typeof own === 'object' && own !== null && !Array.isArray(own) ? own : {};
    return [`malice ${name}`, beat({ ...document, '@timestamp': TIME }, data as Readonly<Record<string, unknown>>)];
  }),
);

function nested(depth: number): unknown {
  let value: unknown = 'x';
  for (let level = 0; level < depth; level += 1) value = { [`n${level}`]: value };
  return value;
}

function wide(prefix: string): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Array.from({ length: 700 }, (_, place) => [`${prefix}${place}`, `v${place}`]));
}
