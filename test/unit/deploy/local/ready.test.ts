// How long a server is waited for: not by the clock while it says that it loads its data.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Child } from '../../../../deploy/local/process.ts';
import { type Readiness, untilReady } from '../../../../deploy/local/ready.ts';

const LIMIT_MS = 250;

/** Waits for a server that gives these answers, one each time it is asked, the last for good. */
async function wait(t: TestContext, answers: readonly Readiness[], exited = new Promise<number>(() => undefined)) {
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-ready-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const logFile = join(folder, 'server.log');
  writeFileSync(logFile, 'the last line\n');
  const child: Child = { name: 'Redis', pid: 0, exited, stop: () => Promise.resolve() };
  let asked = 0;
  const isReady = (): Promise<Readiness> => {
    asked += 1;
    return Promise.resolve(answers[Math.min(asked, answers.length) - 1] ?? false);
  };
  await untilReady(child, isReady, { logFile, signal: t.signal, limitMs: LIMIT_MS });
  return asked;
}

test('a server that loads its data is waited for beyond the limit', async (t) => {
  const answers: readonly Readiness[] = [...Array.from({ length: 6 }, () => 'loading' as const), true];
  assert.equal(await wait(t, answers), 7);
});

test('one that does not answer is not, also after it loaded', async (t) => {
  await assert.rejects(wait(t, ['loading', false]), /Redis did not answer within 0.25 s.*the last line/su);
});

test('one that ended is reported with its exit code', async (t) => {
  await assert.rejects(wait(t, [false], Promise.resolve(3)), /Redis ended \(exit code 3\)/u);
});
