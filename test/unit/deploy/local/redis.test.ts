// Which Redis: the machine's own, else the jar's binary for exactly this platform.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { chooseBinary, onPath, readinessOf } from '../../../../deploy/local/redis.ts';

const entries = new Map(
  ['linux-386', 'linux-amd64', 'linux-arm64', 'darwin-amd64', 'darwin-arm64'].map((platform) => [
    `redis-server-7.0.15-${platform}`,
    () => Buffer.from(platform),
  ]),
);
entries.set('META-INF/redis-cli-linux-amd64', () => Buffer.from('no server'));

test('the binary of this platform', () => {
  assert.equal(String(chooseBinary(entries, 'linux', 'x64')), 'linux-amd64');
  assert.equal(String(chooseBinary(entries, 'linux', 'arm64')), 'linux-arm64');
  assert.equal(String(chooseBinary(entries, 'darwin', 'arm64')), 'darwin-arm64');
});

test('a platform without one gets advice', () => {
  for (const [platform, arch] of [
    ['win32', 'x64'],
    ['linux', 'riscv64'],
    ['linux', ''],
  ] as const)
    assert.throws(() => chooseBinary(entries, platform, arch), /install redis-server, or set REDIS_URL/u);
  assert.throws(() => chooseBinary(new Map(), 'linux', 'x64'), /linux on x64/u);
});

test('the machine’s own server is the first on the path', (t) => {
  const folders = ['a', 'b', 'c'].map((name) => mkdtempSync(join(tmpdir(), `foghorn-${name}-`)));
  t.after(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));
  const path = ['', ...folders].join(delimiter);
  assert.equal(onPath(path), undefined);
  for (const folder of folders.slice(1)) writeFileSync(join(folder, 'redis-server'), '');
  assert.equal(onPath(path), join(folders[1] ?? '', 'redis-server'));
  assert.equal(onPath(''), undefined);
  assert.equal(onPath(undefined), undefined);
});

test('a Redis that loads its data is no other than one that answers, and no stranger', () => {
  assert.equal(readinessOf('+OK\r\n+PONG\r\n'), true);
  assert.equal(readinessOf('+OK\r\n-LOADING Redis is loading the dataset in memory\r\n'), 'loading');
  assert.equal(readinessOf('+OK\r\n+PON'), undefined);
  assert.equal(readinessOf(''), undefined);
  for (const answers of [
    '-WRONGPASS invalid username-password pair\r\n',
    '+OK\r\n-NOAUTH no\r\n',
    'HTTP/1.1 400\r\n\r\n',
  ])
    assert.equal(readinessOf(answers), false, answers);
});
