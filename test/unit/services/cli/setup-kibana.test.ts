// Setting up Kibana: what is sent and where, what depends on the settings, and each refusal with
// what to do about it.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { VIEWS } from '../../../../deploy/dashboards/kibana/panel.ts';
import { CONSOLE_ADDRESS } from '../../../../deploy/dashboards/kibana/saved-objects.ts';
import { elasticsearchSettings } from '../../../../shared/elasticsearch/client.ts';
import { packagePath } from '../../../../shared/runtime/package-root.ts';
import { ConfigError } from '../../../../shared/runtime/errors.ts';
import { consoleUrlOf } from '../../../../shared/http/console-address.ts';
import { consoleSettings } from '../../../../services/console/config.ts';
import { UsageError } from '../../../../services/cli/command.ts';
import { setupKibana } from '../../../../services/cli/setup/kibana.ts';
import { fitObjects, incidentAddress } from '../../../../services/cli/setup/kibana-objects.ts';
import { type FakeKibana, type KibanaAnswer, kibanaError, startFakeKibana } from '../../../support/fake-kibana.ts';

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function run(args: readonly string[]): Promise<Outcome> {
  const [out, err]: [string[], string[]] = [[], []];
  const io = { out: (line: string) => void out.push(line), err: (line: string) => void err.push(line) };
  const code = await setupKibana(args, { ...io, isTerminal: false, signal: new AbortController().signal });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

function fileWith(t: TestContext, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-kibana-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'file'), text);
  return join(folder, 'file');
}

const shipped = readFileSync(packagePath('deploy', 'dashboards', 'kibana', 'foghorn.ndjson'), 'utf8');
const count = shipped.trimEnd().split('\n').length;

/** The imports among what was asked. */
function importsOf({ requests }: FakeKibana): FakeKibana['requests'] {
  return requests.filter(({ method }) => method === 'POST');
}

/** Pattern and console link of each data view that was sent. */
function viewsOf(kibana: FakeKibana): Readonly<Record<string, readonly unknown[]>> {
  const views = importsOf(kibana)[0]?.objects.filter(({ type }) => type === 'index-pattern') ?? [];
  const linkOf = (map: unknown): unknown =>
    (JSON.parse(map as string) as Record<string, { params: { urlTemplate: string } }>)['foghorn.incident.id']?.params
      .urlTemplate;
  return Object.fromEntries(
    views.map(({ id, attributes }) => [id, [attributes['title'], linkOf(attributes['fieldFormatMap'])]]),
  );
}

test('everything is sent to the space, with the header that Kibana asks for and the key', async (t) => {
  const kibana = await startFakeKibana(t, { authorization: 'ApiKey c2VjcmV0' });
  const key = fileWith(t, 'c2VjcmV0\n');
  const { code, out } = await run(['--url', `${kibana.url}/`, '--space', 'soc', '--api-key-file', key]);
  assert.equal(code, 0);
  assert.deepEqual(
    kibana.requests.map(({ method, url }) => `${method} ${url}`),
    ['GET /api/status', 'GET /api/spaces/space/soc', 'POST /s/soc/api/saved_objects/_import?overwrite=true'],
  );
  const [sent] = importsOf(kibana);
  assert.ok(sent?.headers['kbn-xsrf'] !== undefined);
  assert.equal(sent.objects.length, count);
  assert.equal(sent.objects.filter(({ type }) => type === 'dashboard').length, 4);
  assert.match(out, /imported {2}dashboard +Foghorn: port conflicts/u);
  assert.ok(out.includes(`${count} imported, 0 refused`));
});

test('with the usual settings the objects go as they are shipped', () => {
  const names = elasticsearchSettings.parse({});
  assert.equal(fitObjects(shipped, { names, console: consoleUrlOf(consoleSettings.parse({})) }), shipped);
  assert.equal(incidentAddress(consoleUrlOf(consoleSettings.parse({}))), CONSOLE_ADDRESS);
});

test('other names and another console are in the data views, and nothing else changes', async (t) => {
  const kibana = await startFakeKibana(t);
  const config = fileWith(
    t,
    'elasticsearch: { dataset: windows.mine, incidentIndex: soc-incidents }\nconsole: { url: "https://foghorn.example.org/" }\n',
  );
  assert.equal((await run(['--url', kibana.url, '--config', config])).code, 0);
  const link = 'https://foghorn.example.org/incidents/{{value}}';
  assert.deepEqual(viewsOf(kibana), {
    [VIEWS.events.id]: ['logs-windows.mine-*', link],
    [VIEWS.incidents.id]: ['soc-incidents', link],
    [VIEWS.standing.id]: ['soc-incidents', link],
    [VIEWS.actions.id]: [VIEWS.actions.title, link],
    [VIEWS.deadLetters.id]: [VIEWS.deadLetters.title, link],
  });
  const others = importsOf(kibana)[0]?.objects.filter(({ type }) => type !== 'index-pattern');
  const before = shipped
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly type: string });
  assert.deepEqual(
    others,
    before.filter(({ type }) => type !== 'index-pattern'),
  );
});

test('--console wins over the setting and says itself where the id goes', async (t) => {
  const kibana = await startFakeKibana(t);
  await run(['--url', kibana.url, '--console', 'https://foghorn.example.org/#/incidents/{incident}?tab=repair']);
  const link = 'https://foghorn.example.org/#/incidents/{{value}}?tab=repair';
  for (const [, url] of Object.values(viewsOf(kibana))) assert.equal(url, link);
});

test('a Kibana that is too old, not ready or unknown gets nothing; from 8.19 on it does', async (t) => {
  const number = { version: { number: '9.1.0' }, status: { overall: { level: 'unavailable' } } };
  const cases: readonly (readonly [faults: Parameters<typeof startFakeKibana>[1], words: RegExp | undefined])[] = [
    [{ version: '7.17.28' }, /7\.17\.28 is too old.*8\.19/u],
    [{ version: '8.18.9' }, /8\.18\.9 is too old.*nothing was imported/u],
    [{ version: '8.19.0' }, undefined],
    [{ version: '10.0.0-SNAPSHOT' }, undefined],
    [{ status: { status: 503, body: number } }, /9\.1\.0 is not ready/u],
    [{ status: { status: 503, body: 'Kibana server is not ready yet' } }, /503, it is starting.*not ready yet/u],
    [{ status: { status: 200, body: '<html>' } }, /no Kibana/u],
    [{ status: { status: 200, body: { hello: 'world' } } }, /no Kibana/u],
    [{ status: { status: 404, body: '<html>' } }, /404.*base path/u],
  ];
  for (const [faults, words] of cases) {
    const kibana = await startFakeKibana(t, faults);
    const { code, err } = await run(['--url', kibana.url]);
    assert.equal(code, words === undefined ? 0 : 1, err);
    assert.equal(importsOf(kibana).length, words === undefined ? 1 : 0);
    if (words !== undefined) assert.match(err, words);
  }
});

test('a missing login is reported, though Kibana answers its status to everybody', async (t) => {
  const kibana = await startFakeKibana(t, { authorization: 'ApiKey c2VjcmV0' });
  const { code, err } = await run(['--url', kibana.url]);
  assert.equal(code, 1);
  assert.match(err, /to known users only: give --api-key-file/u);
  const wrong = await run(['--url', kibana.url, '--api-key-file', fileWith(t, 'd3Jvbmc')]);
  assert.equal(wrong.code, 1);
  assert.match(wrong.err, /did not accept the API key/u);
  assert.equal(importsOf(kibana).length, 0);
});

test('a space that is not there gets nothing: the import itself would not notice', async (t) => {
  const kibana = await startFakeKibana(t);
  const { code, err } = await run(['--url', kibana.url, '--space', 'sco']);
  assert.equal(code, 1);
  assert.match(err, /no space sco: make it first/u);
  assert.equal(importsOf(kibana).length, 0);
});

test('a refusal of the whole import is said with what to do', async (t) => {
  const cases: readonly (readonly [answer: KibanaAnswer, words: RegExp])[] = [
    [kibanaError(400, 'Bad Request', 'Document "a" belongs to a more recent version of Kibana'), /400\).*more recent/u],
    [kibanaError(401, 'Unauthorized', 'unable to authenticate'), /401, check the API key or user/u],
    [kibanaError(403, 'Forbidden', 'Unable to bulk_create dashboard'), /403, the user may not.*bulk_create/u],
    [kibanaError(404, 'Not Found', 'Not Found'), /404, is this the address/u],
    [kibanaError(409, 'Conflict', 'version conflict, current version is different'), /409.*run it again.*version/u],
    [kibanaError(413, 'Request Entity Too Large', 'Payload too large'), /413.*maxImportPayloadBytes/u],
    [kibanaError(429, 'Too Many Requests', 'slow down'), /429.*try again later/u],
    [kibanaError(500, 'Internal Server Error', 'An internal server error occurred'), /500, it is starting.*log/u],
    [{ status: 502, body: '<html>Bad Gateway</html>' }, /502.*try again later.*Bad Gateway/u],
    [{ status: 200, body: '<html>' }, /no Kibana/u],
    [{ status: 200, body: { hello: 'world' } }, /no Kibana/u],
  ];
  for (const [answer, words] of cases) {
    const kibana = await startFakeKibana(t, { import: () => answer });
    const { code, err } = await run(['--url', kibana.url]);
    assert.equal(code, 1);
    assert.match(err, words);
  }
});

test('the right to look at the space is missing: said, and nothing is sent', async (t) => {
  const kibana = await startFakeKibana(t, { space: kibanaError(403, 'Forbidden', 'Unauthorized to get soc space') });
  const { code, err } = await run(['--url', kibana.url, '--space', 'soc']);
  assert.equal(code, 1);
  assert.match(err, /refused to show the space soc \(403/u);
  assert.equal(importsOf(kibana).length, 0);
});

test('what Kibana refuses in part is said one by one, what it renamed and warned of too', async (t) => {
  const refused = (id: string, error: object): object => ({ type: 'dashboard', id, meta: { title: id }, error });
  const body = {
    success: false,
    successCount: 9,
    warnings: [{ type: 'simple', message: 'a type is deprecated' }],
    successResults: [{ type: 'search', id: 'a', destinationId: 'b', meta: { title: 'A list', icon: 'discoverApp' } }],
    errors: [
      refused('one', { type: 'missing_references', references: [{ type: 'index-pattern', id: 'foghorn-events' }] }),
      refused('two', { type: 'conflict', destinationId: 'elsewhere' }),
      refused('three', { type: 'ambiguous_conflict', destinations: [{ id: 'x' }, { id: 'y' }] }),
      refused('four', { type: 'unsupported_type' }),
      refused('five', { type: 'unknown', message: 'version conflict', statusCode: 409 }),
      refused('six', { type: 'of_the_future' }),
    ],
  };
  const kibana = await startFakeKibana(t, { import: () => ({ status: 200, body }) });
  const { code, out, err } = await run(['--url', kibana.url]);
  assert.equal(code, 1);
  for (const words of [
    /refused +dashboard +one: what it refers to is not there: index-pattern foghorn-events/u,
    /two: another object has this id/u,
    /three: several objects/u,
    /four: this Kibana does not know the type/u,
    /five: Kibana failed on it: version conflict/u,
    /six: of_the_future/u,
    /warning +a type is deprecated/u,
  ])
    assert.match(err, words);
  assert.match(out, /imported +search +A list \(as b/u);
  assert.match(out, /9 imported, 6 refused/u);
});

test('nobody at the address: said with the cause', async () => {
  const { code, err } = await run(['--url', 'http://127.0.0.1:1']);
  assert.equal(code, 1);
  assert.match(err, /does not answer.*(?:ECONNREFUSED|bad port)/u);
});

test('arguments and settings that make no sense are refused before anything is sent', async (t) => {
  for (const args of [
    [],
    ['--url', 'kibana:5601'],
    ['--url', 'http://k', 'soc'],
    ['--url', 'http://k', '--space', 'soc', '--space', 'noc'],
    ['--url', 'http://k', '--username', 'u'],
    ['--url', 'http://k', '--password-file', 'f'],
    ['--url', 'http://k', '--password-file', 'f', '--api-key-file', 'f'],
    ['--url', 'http://k', '--username', 'u', '--api-key-file', 'f'],
    ['--url', 'http://k', '--console', 'foghorn.example.org'],
  ])
    await assert.rejects(run(args), UsageError);
  const config = fileWith(t, 'elasticsearch: { dataset: Not-A-Dataset }\n');
  await assert.rejects(run(['--url', 'http://k', '--config', config]), ConfigError);
});
