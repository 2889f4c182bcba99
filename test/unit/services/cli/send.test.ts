// `foghorn send`: waits for a busy collector, goes on where it stopped, and says what it did.
import assert from 'node:assert/strict';
import {
  appendFile,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { sendCommand } from '../../../../services/cli/commands/send.ts';
import { createConsoleClient } from '../../../../services/cli/incidents/client.ts';
import { packagePath } from '../../../../shared/runtime/package-root.ts';
import { startCollectorServer } from '../../../support/collector-server.ts';
import { runFoghorn } from '../../../support/foghorn.ts';

const RECORDS = 6;

async function prepare(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'foghorn-send-'));
  t.after(async () => await rm(folder, { recursive: true }));
  const file = join(folder, 'log.evtx');
  await copyFile(packagePath('test', 'data', 'evtx', 'hello-for-business.evtx'), file);
  const collector = await startCollectorServer(t);
  const out: string[] = [];
  const err: string[] = [];
  const run = async (...args: readonly string[]): Promise<number> =>
    await sendCommand.run([...args, '--url', collector.url, '--checkpoint', join(folder, 'checkpoint.json')], {
      out: (line) => void out.push(line),
      err: (line) => void err.push(line),
      isTerminal: false,
      signal: new AbortController().signal,
    });
  const sent = (): number => collector.bodies.join('').match(/<\/Event>/gu)?.length ?? 0;
  return { folder, file, collector, out, err, run, sent };
}

test('a file is sent once, and a second run finds nothing to do until it is asked', async (t) => {
  const { file, run, sent, out } = await prepare(t);
  assert.equal(await run(file), 0);
  assert.equal(sent(), RECORDS);
  assert.equal(await run(file), 0);
  assert.equal(sent(), RECORDS);
  assert.equal(await run(file, '--restart'), 0);
  assert.equal(sent(), 2 * RECORDS);
  assert.deepEqual(out, [
    'log.evtx: 6 sent, 14 unreadable',
    'log.evtx: sent before (--restart sends it once more)',
    'log.evtx: 6 sent, 14 unreadable',
  ]);
});

test('a busy or broken collector is waited for; one that refuses ends it, and the next run goes on', async (t) => {
  const { file, collector, run, sent, err } = await prepare(t);
  collector.refuse(503, 2);
  assert.equal(await run(file), 0);
  assert.equal(sent(), RECORDS);
  assert.match(err.join('\n'), /waiting for the collector: HTTP 503: not now/u);
  collector.refuse(401, 1);
  assert.equal(await run(file, '--restart'), 1);
  assert.match(err.join('\n'), /HTTP 401[^]*go on where it stopped/u);
  assert.equal(await run(file), 0);
});

test('a file that grew is sent on from its last chunk', async (t) => {
  const { file, run, sent } = await prepare(t);
  await run(file);
  const whole = await readFile(file);
  await appendFile(file, whole.subarray(4096, 4096 + 65_536));
  assert.equal(await run(file), 0);
  assert.equal(sent(), 3 * RECORDS);
});

test('what cannot be read is counted beside what can', async (t) => {
  const { file, run, sent, out, err } = await prepare(t);
  await appendFile(file, Buffer.alloc(65_536, 0x55));
  assert.equal(await run(file), 0);
  assert.equal(sent(), RECORDS);
  assert.deepEqual(out, ['log.evtx: 6 sent, 15 unreadable']);
  assert.match(err.join('\n'), /this is no chunk/u);
});

test('a file of another kind, a file that is not there, and no file at all', async (t) => {
  const { folder, run, err } = await prepare(t);
  const text = join(folder, 'text.evtx');
  await writeFile(text, 'hello');
  assert.equal(await run(text), 1);
  assert.match(err.join('\n'), /no event log file/u);
  assert.equal(await run(join(folder, 'nothing.evtx')), 1);
  await assert.rejects(run(), /at least one/u);
});

test('the token of a file is sent along', async (t) => {
  const { folder, file, collector, run } = await prepare(t);
  await writeFile(join(folder, 'token'), 'secret-token\n');
  await run(file, '--token-file', join(folder, 'token'));
  assert.deepEqual(collector.authorizations, ['Bearer secret-token']);
});

test('a link that was planted beside the checkpoint leads nowhere, and nobody else can read it [security L11]', async (t) => {
  const { folder, file, run, sent } = await prepare(t);
  const victim = join(folder, 'victim');
  await writeFile(victim, 'precious');
  for (const name of ['checkpoint.json.new', 'checkpoint.json.tmp']) await symlink(victim, join(folder, name));
  assert.equal(await run(file), 0);
  assert.equal(await readFile(victim, 'utf8'), 'precious');
  const checkpoint = join(folder, 'checkpoint.json');
  assert.equal((await stat(checkpoint)).mode & 0o777, 0o600);
  const names = await readdir(folder);
  assert.deepEqual(
    names.filter((name) => name.startsWith('checkpoint.json.') && !/\.(?:new|tmp)$/u.test(name)),
    [],
  );
  assert.equal(names.length, 5, 'nothing is left over');
  await rm(checkpoint);
  await symlink(victim, checkpoint);
  await assert.rejects(run(file), /symbolic link; name the file itself/u);
  assert.equal(await readFile(victim, 'utf8'), 'precious');
  await rm(checkpoint);
  await mkdir(checkpoint);
  await assert.rejects(run(file), /holds no checkpoints/u);
  assert.equal(sent(), RECORDS);
});

test('without --checkpoint the state folder of the user holds it, and the working folder gets nothing [security L11]', async (t) => {
  const { folder, file, collector } = await prepare(t);
  const cwd = await mkdtemp(join(tmpdir(), 'foghorn-cwd-'));
  t.after(async () => await rm(cwd, { recursive: true }));
  await symlink(join(folder, 'victim'), join(cwd, 'foghorn-send.json.new'));
  const { code, err } = await runFoghorn(['send', file, '--url', collector.url], { env: { HOME: folder }, cwd });
  assert.equal(code, 0, err);
  assert.deepEqual(await readdir(cwd), ['foghorn-send.json.new']);
  const state = join(folder, '.local', 'state', 'foghorn');
  assert.deepEqual(await readdir(state), ['send.json']);
  assert.equal((await stat(state)).mode & 0o777, 0o700);
  await assert.rejects(stat(join(folder, 'victim')), { code: 'ENOENT' });
});

test('a token goes over plain http to this machine only, unless it is asked for [security L12]', async (t) => {
  const { folder, file, run } = await prepare(t);
  const tokenFile = join(folder, 'token');
  await writeFile(tokenFile, 'secret-secret-secret');
  assert.equal(await run('--token-file', tokenFile, file), 0);
  const afar = async (...args: readonly string[]) =>
    await runFoghorn(['send', '--retry-for', '0', '--checkpoint', join(folder, 'other.json'), ...args, file]);
  const url = ['--url', 'http://collector.invalid:8309/v1/events'];
  const refused = await afar(...url, '--token-file', tokenFile);
  assert.equal(refused.code, 1);
  assert.match(refused.err, /readable to everybody.*collector\.invalid:8309.*--allow-insecure/u);
  assert.doesNotMatch(refused.err, /secret-secret/u);
  for (const args of [url, [...url, '--token-file', tokenFile, '--allow-insecure']])
    assert.doesNotMatch((await afar(...args)).err, /readable to everybody/u);
});

for (const [url, isRefused] of [
  ['http://127.0.0.1:3090', false],
  ['http://127.8.8.8', false],
  ['http://localhost:3090', false],
  ['http://LOCALHOST', false],
  ['http://[::1]:3090', false],
  ['http://2130706433', false],
  ['https://console.example.org', false],
  ['http://console.example.org', true],
  ['http://10.0.0.1', true],
  ['http://[2001:db8::1]', true],
  ['http://127.0.0.1.example.org', true],
  ['http://localhost.example.org', true],
  ['http://0.0.0.0', true],
] as const)
  test(`the console's token is ${isRefused ? 'not ' : ''}sent to ${url} [security L12]`, () => {
    const make = (own: object) => createConsoleClient({ url, token: 'secret-secret-secret', ...own });
    if (isRefused) assert.throws(() => make({}), /readable to everybody.*--allow-insecure.*console\.allowInsecure/u);
    else make({});
    make({ allowInsecure: true });
    make({ token: '' });
  });

test('every verb that shows a secret asks before it goes over plain http [security L12]', async (t) => {
  const { folder } = await prepare(t);
  const keyFile = join(folder, 'key');
  await writeFile(keyFile, 'secret');
  const elasticsearch = {
    FOGHORN_ELASTICSEARCH_NODES: 'http://es.invalid:9200',
    FOGHORN_ELASTICSEARCH_API_KEY: 'a2V5',
  };
  const warned = await runFoghorn(['setup', 'elasticsearch', '--dry-run'], { env: elasticsearch });
  assert.match(warned.err, /Warning: the API key .*http:\/\/es\.invalid:9200/u);
  const env = { FOGHORN_CONSOLE_URL: 'http://console.invalid:3090', FOGHORN_CONSOLE_TOKEN: 'secret-secret-secret' };
  for (const args of [
    ['incidents', 'list'],
    ['deliveries', 'list'],
    ['silences', 'list'],
    ['setup', 'kibana', '--url', 'http://kibana.invalid:5601', '--api-key-file', keyFile],
  ]) {
    const refused = await runFoghorn(args, { env });
    assert.equal(refused.code, 1, args.join(' '));
    assert.match(refused.err, /readable to everybody/u, args.join(' '));
    const asked = await runFoghorn([...args, '--allow-insecure'], { env });
    assert.doesNotMatch(asked.err, /readable to everybody|There is no option/u, args.join(' '));
  }
});
