// `foghorn send`: waits for a busy collector, goes on where it stopped, and says what it did.
import assert from 'node:assert/strict';
import { appendFile, copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { sendCommand } from '../../../../services/cli/commands/send.ts';
import { packagePath } from '../../../../shared/runtime/package-root.ts';
import { startCollectorServer } from '../../../support/collector-server.ts';

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
  assert.equal(await run(file, '--again'), 0);
  assert.equal(sent(), 2 * RECORDS);
  assert.deepEqual(out, ['log.evtx: 6 sent', 'log.evtx: sent before (--again sends it once more)', 'log.evtx: 6 sent']);
});

test('a busy or broken collector is waited for; one that refuses ends it, and the next run goes on', async (t) => {
  const { file, collector, run, sent, err } = await prepare(t);
  collector.refuse(503, 2);
  assert.equal(await run(file), 0);
  assert.equal(sent(), RECORDS);
  assert.match(err.join('\n'), /waiting for the collector: HTTP 503: not now/u);
  collector.refuse(401, 1);
  assert.equal(await run(file, '--again'), 1);
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
  assert.deepEqual(out, ['log.evtx: 6 sent, 1 unreadable']);
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
