// `foghorn notify`: a test goes through the configured receiver and its outcome is the exit code;
// previews send nothing.
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { UsageError } from '../../../../services/cli/command.ts';
import { notifyCommand } from '../../../../services/cli/commands/notify.ts';
import { SAMPLES } from '../../../../services/cli/notify/samples.ts';
import { incidentDocument } from '../../../../services/indexer/incident-document.ts';
import { aNotification, inState } from '../../../support/notifications.ts';
import { startWebhookServer } from '../../../support/webhook-server.ts';

async function prepare(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'foghorn-notify-'));
  t.after(async () => await rm(folder, { recursive: true }));
  const out: string[] = [];
  const err: string[] = [];
  const run = async (...args: readonly string[]): Promise<number> =>
    await notifyCommand.run(args, {
      out: (line) => void out.push(line),
      err: (line) => void err.push(line),
      isTerminal: false,
      signal: new AbortController().signal,
    });
  return { folder, out, err, run };
}

test('a test goes through the configured receiver, says that it is one, and the outcome is the exit code', async (t) => {
  const { folder, out, err, run } = await prepare(t);
  const server = await startWebhookServer(t);
  const config = join(folder, 'foghorn.yaml');
  const receiver = `{ name: hook, kind: webhook, url: "${server.url}", allowPrivate: true, timeoutMs: 2000 }`;
  await writeFile(config, `notifier: { receivers: [${receiver}] }\n`);
  assert.equal(await run('--config', config, 'test', 'hook'), 0);
  assert.match(out[0] ?? '', /^hook \(webhook\) has taken the test: 200$/u);
  assert.match(server.deliveries()[0]?.text ?? '', /This is a test of the receiver; nothing is wrong\./u);
  server.behave({ kind: 'answer', status: 404, body: 'no such hook' });
  assert.equal(await run('--config', config, 'test', 'hook'), 1);
  assert.equal(err[0], 'hook (webhook) refused it: HTTP 404: no such hook');
  await assert.rejects(run('--config', config, 'test', 'pager'), /no receiver pager\. Configured: hook\./u);
});

test('of a mail the file is the page that its reader sees', async (t) => {
  const { folder, run } = await prepare(t);
  const page = join(folder, 'mail.html');
  assert.equal(await run('preview', 'opened', '--as', 'email', '--out', page), 0);
  const html = await readFile(page, 'utf8');
  assert.match(html, /^<!doctype html>/u);
  assert.match(html, /<pre[^>]*>netstat -a -o -n<\/pre>/u);
});

test('every sample in every form goes into a folder, with the link of the configured key that acknowledges [issue 17 §2]', async (t) => {
  const { folder, out, err, run } = await prepare(t);
  const config = join(folder, 'foghorn.yaml');
  await writeFile(config, `console: { url: "https://foghorn.example.org", linkKeys: [${'k'.repeat(32)}] }\n`);
  const all = join(folder, 'a', 'all');
  assert.equal(await run('--config', config, 'preview', 'all', '--out', all), 0);
  const files = await readdir(all);
  assert.equal(files.length, SAMPLES.length * 10, 'eight kinds, the text of a terminal, and of a mail text and page');
  assert.match(err[0] ?? '', /14 messages written in text, local, slack, /u);
  const read = async (name: string) => await readFile(join(all, name), 'utf8');
  for (const name of files) assert.doesNotMatch(await read(name), /undefined|NaN|\{port|\[object/u, name);
  assert.match(await read('digest.email.html'), /href="https:\/\/foghorn\.example\.org\/acknowledge\//u);
  assert.match(await read('escalated.teams.json'), /"title": "Acknowledge"/u);
  for (const over of ['resolved.email.html', 'digest-resolved.teams.json', 'test.email.html', 'cleared.text.txt'])
    assert.doesNotMatch(await read(over), /\/acknowledge\//u, over);
  const some = join(folder, 'some');
  assert.equal(await run('--config', config, 'preview', 'all', '--as', 'teams', '--out', some), 0);
  assert.equal((await readdir(some)).length, SAMPLES.length);
  assert.equal(await run('preview', 'records-missing', '--as', 'slack'), 0);
  assert.match(out[0] ?? '', /13 records of the channel Application on media01 are missing/u);
  await assert.rejects(run('preview', 'all'), /say --out FOLDER/u);
  await assert.rejects(run('preview', 'all', '--as', 'pigeon', '--out', some), /--as pigeon/u);
});

test('a file may hold a snapshot, a notification, or a document of the incident index', async (t) => {
  const { folder, out, run } = await prepare(t);
  const incident = inState({ episodeCount: 7, lastSeenMs: inState({}).firstSeenMs + 60_000 });
  const file = join(folder, 'incident.json');
  for (const value of [incident, aNotification({ incident }), incidentDocument(incident)]) {
    await writeFile(file, JSON.stringify(value));
    assert.equal(await run('preview', file), 0);
  }
  // Written by the indexer and read back, an incident says the same.
  assert.equal(out[2], out[0]);
  assert.match(out[0] ?? '', /7 times in 1 min/u);
});

test('a document of an incident with a wrong field is refused, by its file and the field [issue 15]', async (t) => {
  const { folder, run } = await prepare(t);
  const file = join(folder, 'incident.json');
  const document = incidentDocument(inState({}));
  await writeFile(file, JSON.stringify({ ...document, '@timestamp': 'yesterday' }));
  await assert.rejects(run('preview', file), (error: unknown) => {
    assert.ok(error instanceof UsageError);
    assert.match(error.message, /incident\.json is not a document of an incident .*: @timestamp: /u);
    return true;
  });
});

test('what a document has of an incident, its preview shows [issue 15]', async (t) => {
  const { folder, out, run } = await prepare(t);
  const file = join(folder, 'incident.json');
  const atMs = inState({}).lastSeenMs;
  const incident = inState({
    assignee: 'lee',
    snoozedUntilMs: atMs + 60_000,
    lastReceivedMs: atMs,
    staleSinceMs: atMs,
    notes: [{ id: 'c-1', atMs, author: 'ann', text: 'cable is loose' }],
  });
  for (const value of [incident, incidentDocument(incident)]) {
    await writeFile(file, JSON.stringify(value));
    assert.equal(await run('preview', file), 0);
  }
  assert.equal(out[1], out[0]);
  for (const shown of [/cable is loose \(ann/u, /assigned +lee/u, /snoozed +until/u, /stale +no event since/u])
    assert.match(out[1] ?? '', shown);
});

test('what makes no sense is said', async (t) => {
  const { folder, run } = await prepare(t);
  const file = join(folder, 'other.json');
  await writeFile(file, '{"a":1}');
  const misuses = [
    [],
    ['preview'],
    ['shout', 'x'],
    ['preview', 'opened', '--as', 'pigeon'],
    ['preview', file],
    ['preview', './not-there.json'],
  ];
  for (const args of misuses) await assert.rejects(run(...args), UsageError);
});
