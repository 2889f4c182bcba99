// Event data is searched as Kibana, Lucene, EQL and Sigma's rules search it: by its own name, by
// parts, with and without case.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { installTemplates } from '../../services/indexer/template-installer.ts';
import { eventStreamTemplate, type IndexMode } from '../../services/indexer/templates/event-stream.ts';
import { readEvent } from '../../shared/windows/read-event.ts';
import { toEcs } from '../../shared/windows/to-ecs.ts';
import { type TestElasticsearch, testElasticsearch } from '../support/elasticsearch.ts';
import { quietLog } from '../support/log.ts';

type Json = Readonly<Record<string, unknown>>;

const POWERSHELL = String.raw`C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe`;
const PADDING = 'A'.repeat(5000);

function eventXml(
  id: number,
  data: Readonly<Record<string, string | number>>,
  provider = 'Microsoft-Windows-Sysmon',
  section = 'EventData',
): string {
  const pairs = Object.entries(data)
    .map(([name, value]) =>
      section === 'EventData' ? `<Data Name="${name}">${value}</Data>` : `<${name}>${value}</${name}>`,
    )
    .join('');
  const inner = section === 'EventData' ? pairs : `<Data_of_rule>${pairs}</Data_of_rule>`;
  return `<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name="${provider}"/><EventID>${id}</EventID><EventRecordID>1</EventRecordID><TimeCreated SystemTime="2026-03-01T10:00:00.000Z"/><Computer>HOST01</Computer></System><${section}>${inner}</${section}></Event>`;
}

/** By the id that they are written with. */
const EVENTS: Readonly<Record<string, string>> = {
  started: eventXml(1, {
    Image: POWERSHELL,
    CommandLine: `powershell.exe -EncodedCommand ${PADDING}VwBoAG8A -NoProfile`,
    ParentImage: String.raw`C:\Windows\explorer.exe`,
    User: String.raw`EXAMPLE\Alice`,
    UtcTime: '2026-03-01 09:59:59.000',
  }),
  child: eventXml(1, {
    Image: String.raw`C:\Windows\System32\whoami.exe`,
    CommandLine: 'whoami /all',
    ParentImage: POWERSHELL,
    User: String.raw`EXAMPLE\bob`,
    UtcTime: '2026-03-01 10:00:01.000',
  }),
  upper: eventXml(1, { Image: POWERSHELL.toUpperCase(), User: 'SYSTEM', UtcTime: '2026-03-01 10:00:02.000' }),
  logon: eventXml(
    4624,
    { TargetUserName: 'alice', LogonType: 3, IpAddress: '192.0.2.1' },
    'Microsoft-Windows-Security-Auditing',
  ),
  rule: eventXml(
    8004,
    { FilePath: String.raw`%OSDRIVE%\TOOLS\PSEXEC.EXE`, Own: 'x' },
    'Microsoft-Windows-AppLocker',
    'UserData',
  ),
  own: eventXml(7, { Invented: 'Widget 7', Image: 'C:\\widget.exe' }, 'Example-Provider'),
  dotted: eventXml(7, { 'Image.Part': 'inner', '..': 'dots' }, 'Example-Provider'),
  listed: JSON.stringify({
    '@timestamp': '2026-03-01T10:00:00Z',
    host: { name: 'HOST01' },
    event: { code: '4738' },
    winlog: {
      event_id: '4738',
      provider_name: 'Microsoft-Windows-Security-Auditing',
      event_data: { NewUACList: ['USER_ACCOUNT_DISABLED', 'USER_DONT_REQUIRE_PREAUTH'] },
    },
  }),
};

const DATA = 'winlog.event_data';

/** What each search finds. */
const SEARCHES: readonly (readonly [what: string, query: Json, ids: readonly string[]])[] = [
  [
    'KQL Image: *powershell.exe',
    { query_string: { fields: [`${DATA}.Image`], query: '*powershell.exe' } },
    ['started'],
  ],
  [
    'KQL with a backslash',
    { query_string: { fields: [`${DATA}.Image`], query: String.raw`*\\whoami.exe` } },
    ['child'],
  ],
  [
    'Lucene',
    { query_string: { query: String.raw`${DATA}.ParentImage:*\\powershell.exe AND ${DATA}.CommandLine:*\/all` } },
    ['child'],
  ],
  ['Lucene regexp', { query_string: { query: `${DATA}.CommandLine:/.*Encoded?Command.*/` } }, ['started']],
  [
    'Sigma’s list',
    { query_string: { query: String.raw`${DATA}.Image:(*\\cmd.exe OR *\\powershell.exe)` } },
    ['started'],
  ],
  ['wildcard', { wildcard: { [`${DATA}.Image`]: { value: String.raw`*\\WindowsPowerShell\\*` } } }, ['started']],
  [
    'EQL Image : "*\\powershell.exe"',
    { wildcard: { [`${DATA}.Image`]: { value: String.raw`*\\PowerShell.exe`, case_insensitive: true } } },
    ['started', 'upper'],
  ],
  ['EQL User : "system"', { term: { [`${DATA}.User`]: { value: 'system', case_insensitive: true } } }, ['upper']],
  [
    'EQL regex~',
    { regexp: { [`${DATA}.User`]: { value: String.raw`example\\(alice|carol)`, case_insensitive: true } } },
    ['started'],
  ],
  ['regexp', { regexp: { [`${DATA}.UtcTime`]: { value: '2026-03-01 10:00:0[12].*' } } }, ['child', 'upper']],
  ['term', { term: { [`${DATA}.TargetUserName`]: 'alice' } }, ['logon']],
  ['terms', { terms: { [`${DATA}.LogonType`]: ['3', '10'] } }, ['logon']],
  ['prefix', { prefix: { [`${DATA}.User`]: String.raw`EXAMPLE` } }, ['child', 'started']],
  ['range', { range: { [`${DATA}.UtcTime`]: { gte: '2026-03-01 10:00', lt: '2026-03-01 10:00:02' } } }, ['child']],
  ['exists', { exists: { field: `${DATA}.IpAddress` } }, ['logon']],
  ['phrase', { match_phrase: { [`${DATA}.CommandLine`]: 'whoami /all' } }, ['child']],
  ['part of a phrase, which is not the value', { match_phrase: { [`${DATA}.CommandLine`]: 'whoami' } }, []],
  ['behind 5,000 characters', { wildcard: { [`${DATA}.CommandLine`]: '*-NoProfile' } }, ['started']],
  [
    'not',
    {
      bool: {
        filter: [{ exists: { field: `${DATA}.Image` } }],
        must_not: [{ wildcard: { [`${DATA}.Image`]: { value: '*powershell.exe', case_insensitive: true } } }],
      },
    },
    ['child', 'own'],
  ],
  ['one of a list', { term: { [`${DATA}.NewUACList`]: 'USER_DONT_REQUIRE_PREAUTH' } }, ['listed']],
  [
    'user data',
    { wildcard: { 'winlog.user_data.FilePath': { value: String.raw`*\\psexec.exe`, case_insensitive: true } } },
    ['rule'],
  ],
  ['without a field', { query_string: { query: '"whoami /all"', lenient: true } }, ['child']],
  [
    'without a field, under a name that is no field of its own',
    { multi_match: { query: 'Widget 7', type: 'best_fields', lenient: true } },
    ['own'],
  ],
  ['a name that is no field of its own', { term: { 'foghorn.event_data.Invented': 'Widget 7' } }, ['own']],
  ['its beginning', { prefix: { 'foghorn.event_data.Invented': 'Widg' } }, ['own']],
  ['that it is there', { exists: { field: 'foghorn.event_data.Invented' } }, ['own']],
  ['by KQL', { match_phrase: { 'foghorn.event_data.Invented': 'Widget 7' } }, ['own']],
  ['in user data', { term: { 'foghorn.user_data.Own': 'x' } }, ['rule']],
  ['a dot in a name', { term: { 'foghorn.event_data.Image.Part': 'inner' } }, ['dotted']],
];

const COUNT = Object.keys(EVENTS).length;

async function filled(corner: TestElasticsearch, dataset: string, mode: IndexMode): Promise<string> {
  const { elasticsearch } = corner;
  const index = `logs-${dataset}-default`;
  await installTemplates(
    elasticsearch,
    [{ template: eventStreamTemplate(dataset, mode), kind: 'data stream', index }],
    quietLog,
  );
  await write(corner, index);
  return index;
}

async function write({ elasticsearch }: TestElasticsearch, index: string): Promise<void> {
  for (const [id, text] of Object.entries(EVENTS)) {
    const read = readEvent(Buffer.from(text), 'utf-8');
    assert.ok(read.kind === 'event', id);
    const query = { op_type: 'create' };
    const body = toEcs(read.event, { receivedAt: '2026-03-01T10:00:05.000Z' });
    const { status, body: answer } = await elasticsearch.request({
      method: 'PUT',
      path: `/${index}/_doc/${id}`,
      query,
      body,
    });
    assert.equal(status, 201, JSON.stringify(answer));
  }
}

async function idsOf({ elasticsearch }: TestElasticsearch, index: string, query: Json): Promise<readonly string[]> {
  await elasticsearch.request({ method: 'POST', path: `/${index}/_refresh` });
  const { status, body } = await elasticsearch.request({
    method: 'POST',
    path: `/${index}/_search`,
    body: { query, size: COUNT },
  });
  assert.equal(status, 200, JSON.stringify(body));
  const { hits } = body as { readonly hits: { readonly hits: readonly { readonly _id: string }[] } };
  return hits.hits.map(({ _id }) => _id).sort();
}

for (const mode of ['standard', 'synthetic_source'] as const satisfies readonly IndexMode[])
  test(`event data is found by its own name, by parts and without case (${mode}) [issue 14 §2]`, async (t) => {
    const corner = await testElasticsearch(t);
    const index = await filled(corner, `data.${corner.settings.namespace}`, mode);
    for (const [what, query, ids] of SEARCHES) assert.deepEqual(await idsOf(corner, index, query), ids, what);
    // Kibana lists the names, whether a document has had them or not, and counts by them.
    const { elasticsearch } = corner;
    const fields = `${DATA}.Image,${DATA}.GrantedAccess,${DATA}.Invented`;
    const caps = await elasticsearch.request({ method: 'GET', path: `/${index}/_field_caps`, query: { fields } });
    const { fields: listed } = caps.body as { readonly fields: Readonly<Record<string, Json>> };
    assert.deepEqual(
      Object.entries(listed)
        .filter(([name]) => name.startsWith(`${DATA}.`))
        .map(([name, types]) => [name, Object.keys(types)])
        .sort(),
      [
        [`${DATA}.GrantedAccess`, ['keyword']],
        [`${DATA}.Image`, ['keyword']],
      ],
    );
    const [found] = await corner.search({ ids: { values: ['dotted'] } }, 1, index);
    assert.ok(found !== undefined);
    const { event_data: data } = found['winlog'] as { readonly event_data: Json };
    assert.deepEqual(data, { 'Image.Part': 'inner' });
  });

test('a name that the operator maps is a field of its own from the next index on [issue 14 §2]', async (t) => {
  const corner = await testElasticsearch(t);
  const { elasticsearch, settings } = corner;
  const dataset = `custom.${settings.namespace}`;
  const properties = { winlog: { properties: { event_data: { properties: { Invented: { type: 'keyword' } } } } } };
  const path = `/_component_template/logs-${dataset}@custom`;
  const put = await elasticsearch.request({ method: 'PUT', path, body: { template: { mappings: { properties } } } });
  assert.equal(put.status, 200, JSON.stringify(put.body));
  const index = await filled(corner, dataset, 'standard');
  const query = { wildcard: { [`${DATA}.Invented`]: { value: 'w*7', case_insensitive: true } } };
  assert.deepEqual(await idsOf(corner, index, query), ['own']);
  assert.deepEqual(await idsOf(corner, index, { term: { [`${DATA}.Image`]: 'C:\\widget.exe' } }), ['own']);
});
