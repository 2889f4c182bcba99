// Importing into Kibana: a fake that speaks the import API, with its refusals, and things that are no Kibana.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { UsageError } from '../../../../services/cli/command.ts';
import { setupKibana } from '../../../../services/cli/setup/kibana.ts';

interface Import {
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly lines: readonly { readonly type: string; readonly id: string }[];
}

interface FakeKibana {
  readonly url: string;
  readonly imports: readonly Import[];
}

async function fakeKibana(
  t: TestContext,
  answer: (lines: Import['lines']) => { status: number; body: string },
): Promise<FakeKibana> {
  const imports: Import[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      const lines = text
        .split(/\r?\n/u)
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line) as Import['lines'][number]);
      imports.push({ url: request.url ?? '', headers: request.headers, lines });
      const { status, body } = answer(lines);
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, imports };
}

const took = (lines: Import['lines']): { status: number; body: string } => ({
  status: 200,
  body: JSON.stringify({
    success: true,
    successCount: lines.length,
    successResults: lines.map(({ type, id }) => ({ type, id, meta: { title: id } })),
  }),
});

async function run(
  args: readonly string[],
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const [out, err]: [string[], string[]] = [[], []];
  const io = { out: (line: string) => void out.push(line), err: (line: string) => void err.push(line) };
  const code = await setupKibana(args, { ...io, isTerminal: false, signal: new AbortController().signal });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

test('everything is sent to the space, with the header that Kibana asks for and the key', async (t) => {
  const kibana = await fakeKibana(t, took);
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-kibana-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'key'), 'c2VjcmV0\n');
  const { code, out } = await run(['--url', `${kibana.url}/`, '--space', 'soc', '--api-key-file', join(folder, 'key')]);
  assert.equal(code, 0);
  const [sent] = kibana.imports;
  assert.equal(sent?.url, '/s/soc/api/saved_objects/_import?overwrite=true');
  assert.equal(sent?.headers.authorization, 'ApiKey c2VjcmV0');
  assert.ok(sent?.headers['kbn-xsrf'] !== undefined);
  assert.equal(sent.lines.filter(({ type }) => type === 'dashboard').length, 4);
  assert.match(out, /imported {2}dashboard +foghorn-port-conflicts/u);
  assert.match(out, /10 imported, 0 refused/u);
});

test('what Kibana refuses in part is said one by one, and the exit code tells', async (t) => {
  const kibana = await fakeKibana(t, () => ({
    status: 200,
    body: JSON.stringify({
      success: false,
      successCount: 9,
      errors: [{ type: 'dashboard', id: 'foghorn-incidents', error: { type: 'missing_references', references: [] } }],
    }),
  }));
  const { code, out, err } = await run(['--url', kibana.url]);
  assert.equal(code, 1);
  assert.match(err, /refused +dashboard +foghorn-incidents: missing_references/u);
  assert.match(out, /9 imported, 1 refused/u);
});

test('no right, no such space, no Kibana, nobody: each said with what to do', async (t) => {
  for (const [status, words] of [
    [401, /API key or user/u],
    [403, /may not manage/u],
    [404, /such a space/u],
  ] as const) {
    const kibana = await fakeKibana(t, () => ({ status, body: '{}' }));
    const { code, err } = await run(['--url', kibana.url]);
    assert.equal(code, 1);
    assert.match(err, words);
  }
  const stranger = await fakeKibana(t, () => ({ status: 200, body: '<html>' }));
  assert.match((await run(['--url', stranger.url])).err, /no Kibana/u);
  const { code, err } = await run(['--url', 'http://127.0.0.1:1']);
  assert.equal(code, 1);
  assert.match(err, /does not answer.*(?:ECONNREFUSED|bad port)/u);
});

test('arguments that make no sense are refused before anything is sent', async () => {
  for (const args of [
    [],
    ['--url', 'kibana:5601'],
    ['--url', 'http://k', '--username', 'u'],
    ['--url', 'http://k', '--username', 'u', '--api-key-file', 'f'],
  ])
    await assert.rejects(run(args), UsageError);
});
