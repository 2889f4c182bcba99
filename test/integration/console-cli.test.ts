// The command line through the console to a notifier and back: what people ask is done, and they
// get the outcome.
import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readAcknowledgeLink } from '../../shared/contracts/acknowledge-link.ts';
import { anAlert, anAlertRecord } from '../support/alerts.ts';
import { startTestConsole, TOKENS } from '../support/console.ts';
import { testElasticsearch } from '../support/elasticsearch.ts';
import { startTestIndexer } from '../support/indexer.ts';
import { startNotifier } from '../support/notifier.ts';
import { until } from '../support/until.ts';
import { hook, startWebhookServer } from '../support/webhook-server.ts';

const host = 'media01.example.org';
const { incidentId } = anAlert({ host });

interface Cli {
  /** Starts the command line as somebody with this token. */
  start(args: readonly string[], token?: string): ChildProcessByStdio<null, Readable, Readable>;
  /** Runs it to its end. */
  foghorn(...args: readonly string[]): Promise<{ readonly code: unknown; readonly text: string }>;
}

function cliFor(url: string): Cli {
  const main = fileURLToPath(new URL('../../services/cli/main.js', import.meta.url));
  const start: Cli['start'] = (args, token = TOKENS.kim) =>
    spawn(process.execPath, [main, ...args], {
      env: { PATH: process.env['PATH'], FOGHORN_CONSOLE_URL: url, FOGHORN_CONSOLE_TOKEN: token },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  return {
    start,
    foghorn: async (...args) => {
      const child = start(args);
      let text = '';
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
      const [code] = (await once(child, 'close')) as readonly unknown[];
      return { code, text };
    },
  };
}

test('foghorn incidents, silences and deliveries do what they say', async (t) => {
  const webhook = await startWebhookServer(t);
  webhook.behave({ kind: 'answer', status: 400 });
  const notifier = await startNotifier(t, ['local', hook(webhook, { name: 'broken' })]);
  const { kafka } = notifier;
  const corner = await testElasticsearch(t);
  await startTestIndexer(t, kafka, corner);
  const { url } = await startTestConsole(t, { kafka, corner });
  const { start, foghorn } = cliFor(url);
  const watching = start(['incidents', 'watch', '--type', 'acknowledged,resolved'], TOKENS.viewer);
  let watched = '';
  watching.stdout.on('data', (chunk: Buffer) => (watched += chunk.toString()));
  t.after(() => watching.kill());
  await kafka.producer.send([anAlertRecord({ host })]);

  await t.test('an incident is listed, acknowledged once, noted and shown', async () => {
    const listed = await until('the incident is in the list', async () => {
      await corner.count({ match_all: {} }, corner.names.incidents);
      const { text } = await foghorn('incidents', 'list', '--host', 'media*');
      return text.includes(incidentId) && text;
    });
    assert.match(listed, /1 of 1/u);
    const counted = await foghorn('incidents', 'count', 'host:media*', '--by', 'rule');
    assert.match(counted.text, /^1 incident on 1 host: 1 open, .*\nstate +open \(1\)/u);
    assert.match(counted.text, /^rule:wmserver-309-port-in-use +1 +1 /mu);
    const acknowledged = await foghorn('incidents', 'ack', '--reason', 'mine', '--', incidentId);
    assert.deepEqual([acknowledged.code, /is acknowledged/u.test(acknowledged.text)], [0, true], acknowledged.text);
    const twice = await foghorn('incidents', 'ack', '--', incidentId);
    assert.deepEqual([twice.code, /changes nothing/u.test(twice.text)], [1, true], twice.text);
    const noted = await foghorn('incidents', 'note', '--', incidentId, 'IIS holds the port');
    assert.equal(noted.code, 0, noted.text);
    const shown = await until('note and time line are indexed', async () => {
      await corner.count({ match_all: {} }, corner.names.actions);
      const { text } = await foghorn('incidents', 'show', '--', incidentId);
      return /kim: IIS holds the port/u.test(text) && /acknowledged by kim: mine/u.test(text) && text;
    });
    assert.match(shown, new RegExp(host, 'u'));
  });

  await t.test('a delivery that failed is listed and tried again', async () => {
    await until('the failed delivery is listed', async () => {
      await corner.count({ match_all: {} }, corner.names.actions);
      const { text } = await foghorn('deliveries', 'list', '--receiver', 'broken');
      return text.includes(incidentId) && /broken .*1 .*HTTP 400/u.test(text);
    });
    webhook.behave({ kind: 'take' });
    const nobody = await foghorn('deliveries', 'redrive', 'nobody');
    assert.deepEqual([nobody.code, /there is no receiver nobody/u.test(nobody.text)], [1, true], nobody.text);
    assert.match(
      (await foghorn('deliveries', 'redrive', 'broken')).text,
      /^Done: 1 failed deliveries are tried again\.$/mu,
    );
    await until('nothing is left', async () => {
      await corner.count({ match_all: {} }, corner.names.actions);
      return (await foghorn('deliveries', 'list')).text.includes('No delivery has failed.');
    });
    assert.equal(webhook.deliveries().length, 1);
  });

  await t.test('a silence is added, listed and ended', async () => {
    const bad = await foghorn('silences', 'add', 'host=~"("', '--for', '1h', '--comment', 'works');
    assert.deepEqual([bad.code, /cannot be used/u.test(bad.text)], [1, true], bad.text);
    const added = await foghorn('silences', 'add', `host="${host}"`, '--for', '1h', '--comment', 'works');
    assert.deepEqual([added.code, added.text.startsWith('Done. Silence')], [0, true], added.text);
    const id = /Silence (?<id>\S+)/u.exec(added.text)?.groups?.['id'] ?? '';
    const listed = await until('the silence is listed', async () => {
      await corner.count({ match_all: {} }, corner.names.actions);
      const { text } = await foghorn('silences', 'list');
      return text.includes(id) && text;
    });
    assert.match(listed, new RegExp(`^${id} .* 1 +host="${host}"`, 'mu'), 'with the incidents that it matches now');
    assert.equal((await foghorn('silences', 'expire', id)).code, 0);
  });

  await t.test('all incidents of a host are resolved, and who watches sees it', async () => {
    assert.match((await foghorn('incidents', 'resolve', '--host', host)).text, /1 incidents match.*--yes/u);
    await corner.count({ match_all: {} }, corner.names.incidents);
    assert.match((await foghorn('incidents', 'resolve', '--host', host, '--yes')).text, /1 commands/u);
    await until('the watcher saw both', () => /acknowledged .*by kim: mine[\s\S]*resolved .*by kim/u.test(watched));
    watching.kill('SIGINT');
    await until('the watcher ends', () => watching.exitCode !== null);
    assert.equal(watching.exitCode, 130);
  });
});

const LINK_KEY = 'k'.repeat(32);

test('the command that the message of a storm prints acknowledges all of it, word for word, though they are more than a bulk request changes [alerting 18]', async (t) => {
  const webhook = await startWebhookServer(t);
  const receiver = hook(webhook);
  const route = { receiver: 'hook', group_by: ['rule'], group_wait: '3s', group_interval: '3s' };
  const env = { FOGHORN_NOTIFIER_ROUTE: JSON.stringify(route), FOGHORN_CONSOLE_LINK_KEYS: LINK_KEY };
  const notifier = await startNotifier(t, [receiver], env);
  const { kafka } = notifier;
  const corner = await testElasticsearch(t);
  await startTestIndexer(t, kafka, corner);
  const { url, ask } = await startTestConsole(t, { kafka, corner }, { linkKeys: [LINK_KEY] });
  const hosts = Array.from({ length: 12 }, (_, index) => `storm${index}.example.org`);
  await kafka.producer.send(hosts.map((name) => anAlertRecord({ host: name })));
  const printed = await until('the digest of all came', () => {
    const { text = '{}' } = webhook.deliveries().at(-1) ?? {};
    const open = (JSON.parse(text) as { readonly digest?: { readonly count: { readonly open: number } } }).digest?.count
      .open;
    const command = /foghorn incidents ack [\w=:-]+(?: [^"\\]*)?/u.exec(text)?.[0];
    return open === hosts.length && command;
  });
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-path-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const main = fileURLToPath(new URL('../../services/cli/main.js', import.meta.url));
  writeFileSync(join(folder, 'foghorn'), `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`, { mode: 0o755 });
  const child = spawn('/bin/sh', ['-c', printed], {
    env: { PATH: `${folder}:${process.env['PATH']}`, FOGHORN_CONSOLE_URL: url, FOGHORN_CONSOLE_TOKEN: TOKENS.kim },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const [code] = (await once(child, 'close')) as readonly unknown[];
  assert.equal(code, 0, `${printed}: ${text}`);
  assert.match(text, /^Done: the incidents that the group's messages listed are acknowledged/u, printed);
  await until('all of them are acknowledged', async () => {
    const incidents = [...(await notifier.incidents()).values()];
    return incidents.length === hosts.length && incidents.every(({ state }) => state === 'acknowledged');
  });
  const { text: message = '' } = webhook.deliveries().findLast((one) => one.text.includes('acknowledgeUrl')) ?? {};
  const [path = ''] = /\/acknowledge\/[\w.-]+/u.exec(message) ?? [];
  const link = readAcknowledgeLink(path.split('/')[2] ?? '', [LINK_KEY], Date.now());
  assert.ok(link.kind === 'valid' && link.claims.group !== undefined, message);
  const { incidentId } = link.claims;
  await ask('POST', `/api/v1/incidents/${incidentId}/unacknowledge`, {});
  await until('one is open again', async () => (await notifier.incidents()).get(incidentId)?.state === 'open');
  const press = async (method: string): Promise<string> => {
    const answer = await fetch(`${url}${path}`, { method });
    return `${answer.status} ${await answer.text()}`;
  };
  assert.match(await press('GET'), /^200 .*<button>Acknowledge all<\/button>/su);
  assert.match(await press('POST'), /^20[02] .*<h1>(?:Acknowledged|On its way)<\/h1>/su);
  await until('the link of the digest acknowledges what is open of it', async () => {
    const incidents = await notifier.incidents();
    return incidents.get(incidentId)?.acknowledgedBy === 'link of hook';
  });
  await until('that it was used is shown', async () => /This link was used already/u.test(await press('GET')));
  assert.match(await press('POST'), /^409 .*acknowledged by link of hook/su);
});
