// `foghorn config check` and `foghorn route`: what they say of good and of bad configurations.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { type Command, UsageError } from '../../../../services/cli/command.ts';
import { configCommand } from '../../../../services/cli/commands/config.ts';
import { routeCommand } from '../../../../services/cli/commands/route.ts';
import { startWebhookServer } from '../../../support/webhook-server.ts';

const GOOD = `
notifier:
  receivers:
    - { name: ops, kind: local, file: ./ops.log }
    - { name: night, kind: local, file: ./night.log, minSeverity: critical }
  timeIntervals:
    - { name: weekend, time_intervals: [{ weekdays: ['saturday', 'sunday'] }] }
  route:
    receiver: ops
    minSeverity: warning
    routes:
      - matchers: ['port=~"80|443"']
        receivers: [ops, night]
        mute_time_intervals: [weekend]
`;

async function run(t: TestContext, command: Command, text: string, args: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-cli-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'foghorn.yaml');
  writeFileSync(file, text);
  const out: string[] = [];
  const err: string[] = [];
  const io = {
    out: (line: string) => void out.push(line),
    err: (line: string) => void err.push(line),
    isTerminal: false,
    signal: new AbortController().signal,
  };
  const code = await command.run(['--config', file, ...args], io);
  return { code, out: out.join('\n'), err: err.join('\n') };
}

test('a good configuration shows its receivers and routes', async (t) => {
  const { code, out, err } = await run(t, configCommand, GOOD, ['check']);
  assert.deepEqual([code, err], [0, '']);
  assert.match(out, /receiver night: local, from severity critical/u);
  assert.match(out, /routes\[0\] \{port=~"80\|443"\} → ops, night/u);
});

for (const [what, text, fault] of [
  ['a receiver that is none', GOOD.replace('receiver: ops', 'receiver: opps'), /opps is no receiver/u],
  ['an interval that is none', GOOD.replace('[weekend]', '[weekends]'), /weekends is no time interval/u],
  ['a matcher that is none', GOOD.replace('80|443', '80|('), /cannot be used/u],
  ['a service’s own setting', `${GOOD}indexer: { maxBulkBytes: 1 }\n`, /indexer\.maxBulkBytes/u],
  ['a setting of the console that is none', `${GOOD}console: { http: { porr: 3090 } }\n`, /porr/u],
  ['a key that nobody knows', `${GOOD}indexer: { maxBulk: 1 }\n`, /maxBulk/u],
] as const)
  test(`config check names ${what} and fails`, async (t) => {
    const { code, err } = await run(t, configCommand, text, ['check']);
    assert.equal(code, 1);
    assert.match(err, fault);
  });

test('config check --send finds out at once that a receiver does not take anything (cloud-platform 3541; alertmanager 3727)', async (t) => {
  const webhook = await startWebhookServer(t);
  const hook = `    - { name: hook, kind: webhook, url: "${webhook.url}", allowPrivate: true }`;
  const text = `console: { url: "https://foghorn.example.org" }\nnotifier:\n  receivers:\n${hook.replace('hook,', 'first,')}\n${hook}\n`;
  assert.equal((await run(t, configCommand, text, ['check'])).code, 0);
  assert.equal(webhook.requests(), 0, 'nobody is reached without being asked for it');
  const good = await run(t, configCommand, text, ['check', '--send']);
  assert.deepEqual([good.code, good.err, webhook.deliveries().length], [0, '', 2]);
  webhook.behave({ kind: 'answer', status: 404 });
  const bad = await run(t, configCommand, text, ['check', '--send']);
  assert.deepEqual([bad.code, webhook.requests()], [1, 4]);
  assert.match(bad.err, /^hook \(webhook\) refused it: HTTP 404/mu);
});

test('route test says who, how and why, and why not', async (t) => {
  const labels = ['severity=error', 'port=80'];
  const monday = await run(t, routeCommand, GOOD, ['test', '--at', '2026-03-02T12:00:00Z', ...labels]);
  assert.equal(monday.code, 0);
  assert.match(monday.out, /^ops: all together, after 30s, news every 5m, again every 4h/mu);
  assert.match(monday.out, /not notified: .*night takes no severity error/u);
  assert.doesNotMatch(monday.out, /held back/u);
  const sunday = await run(t, routeCommand, GOOD, ['test', '--at', '2026-03-01T12:00:00Z', ...labels]);
  assert.match(sunday.out, /held back at that moment: .*weekend/u);
});

test('route test ends with 1 when nobody would be notified', async (t) => {
  const { code, out } = await run(t, routeCommand, GOOD, ['test', 'severity=info']);
  assert.equal(code, 1);
  assert.match(out, /Nobody would be notified/u);
});

test('route show prints the tree; what makes no sense is refused', async (t) => {
  assert.match((await run(t, routeCommand, GOOD, ['show'])).out, /^notifier\.route \{\} → ops$/mu);
  await assert.rejects(run(t, routeCommand, GOOD, ['test', 'severity']), UsageError);
  await assert.rejects(run(t, routeCommand, GOOD, ['test', '--at', 'noon', 'a=b']), UsageError);
  for (const at of ['12', '12/11/2026', 'tomorrow 9'])
    await assert.rejects(run(t, routeCommand, GOOD, ['test', '--at', at, 'a=b']), /ISO 8601/u);
  await assert.rejects(run(t, configCommand, GOOD, []), UsageError);
});
