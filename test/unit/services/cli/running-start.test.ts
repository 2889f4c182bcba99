// What a command finds of an `npm start` in its checkout, and what counts more.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { type RunningStart, runningStart } from '../../../../services/cli/running-start.ts';
import { consoleSettings } from '../../../../services/console/config.ts';
import { loadConfig } from '../../../../shared/runtime/config.ts';
import { kafkaSettings } from '../../../../shared/kafka/client.ts';

const START: RunningStart = {
  pid: process.pid,
  eventsUrl: 'http://127.0.0.1:20001/v1/events',
  settings: { 'kafka.brokers': ['127.0.0.1:20002'], 'console.url': 'http://127.0.0.1:20003' },
};

test('it is found while its process lives', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-running-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'running.json');
  assert.equal(runningStart(file), undefined);
  writeFileSync(file, JSON.stringify(START));
  assert.deepEqual(runningStart(file), START);
  const { pid } = spawnSync(process.execPath, ['--version']);
  for (const left of [JSON.stringify({ ...START, pid }), '{"pid":', '{}']) {
    writeFileSync(file, left);
    assert.equal(runningStart(file), undefined, left);
  }
});

test('its addresses count where neither file nor environment has one', () => {
  const schema = z.strictObject({ kafka: kafkaSettings, console: consoleSettings });
  const found = (text: string, env: Readonly<Record<string, string>> = {}): readonly unknown[] => {
    const { kafka, console } = loadConfig(schema, { env, file: { name: 'f', text }, defaults: START.settings });
    return [kafka.brokers, console.url];
  };
  const [brokers, url] = [['127.0.0.1:20002'], 'http://127.0.0.1:20003'];
  assert.deepEqual(found(''), [brokers, url]);
  assert.deepEqual(found('kafka: { clientId: x }\nconsole: { token: y }'), [brokers, url]);
  assert.deepEqual(found('kafka: { brokers: [k:9092] }'), [['k:9092'], url]);
  assert.deepEqual(found('', { KAFKA_BROKERS: 'k:9092', FOGHORN_CONSOLE_URL: 'http://c' }), [['k:9092'], 'http://c']);
});
