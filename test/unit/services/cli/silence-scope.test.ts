// What `foghorn silences add` says before anybody is kept in the dark: how many open incidents it
// hides, and what in it nobody can mean.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { silencesCommand } from '../../../../services/cli/commands/silences.ts';
import { consoleClient } from '../../../../services/cli/incidents/client.ts';
import type { IncidentView } from '../../../../services/console/read/views.ts';
import { startHttpServer } from '../../../support/http-server.ts';

function view(id: string, change: Partial<IncidentView> = {}): IncidentView {
  const at = '2026-03-01T00:00:00Z';
  return {
    id,
    episode: 1,
    revision: 1,
    state: 'open',
    severity: 'error',
    rule: { id: 'wmserver-309-port-in-use' },
    class: 'address-in-use',
    host: 'media01',
    provider: 'WMServer',
    eventId: '309',
    params: { port: 80 },
    title: 'The port is taken',
    message: '',
    episodeCount: 1,
    totalCount: 1,
    firstSeen: at,
    lastSeen: at,
    opened: at,
    updated: at,
    notes: [],
    lastEventId: 'e',
    ...change,
  };
}

const SEVEN = Array.from({ length: 7 }, (_, n) =>
  view(`i${n}`, { host: n < 6 ? `MEDIA0${n}` : 'db', severity: n < 6 ? 'error' : 'info' }),
);

/** A console that has these incidents, in pages of two, and takes every silence. */
async function add(t: TestContext, incidents: readonly IncidentView[], args: readonly string[], config = '') {
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-silence-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  let added = 0;
  const url = await startHttpServer(t, (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://console');
    response.setHeader('content-type', 'application/json');
    if (request.method === 'POST') {
      added += 1;
      response.end(JSON.stringify({ status: 'done', commandId: 'c', silenceId: 's1' }));
      return;
    }
    assert.equal(pathname, '/api/v1/incidents');
    assert.equal(searchParams.get('state'), 'open,acknowledged');
    const from = Number(searchParams.get('cursor') ?? 0);
    const next = from + 2 < incidents.length ? { nextCursor: String(from + 2) } : {};
    response.end(JSON.stringify({ total: incidents.length, incidents: incidents.slice(from, from + 2), ...next }));
  });
  const file = join(folder, 'foghorn.yaml');
  writeFileSync(file, `console: { url: ${url} }\n${config}`);
  const [out, err]: [string[], string[]] = [[], []];
  const io = {
    out: (line: string) => void out.push(line),
    err: (line: string) => void err.push(line),
    isTerminal: false,
    signal: new AbortController().signal,
  };
  const all = ['add', ...args, '--for', '1h', '--comment', 'works', '--config', file];
  const code = await silencesCommand.run(all, io).catch((error: unknown) => `refused: ${String(error)}`);
  return { code, added, out: out.join('\n'), err: err.join('\n') };
}

test('it says how many open incidents it hides, with examples, hosts in any case [alerting 13, issue 9]', async (t) => {
  const { code, added, out } = await add(t, SEVEN, ['host=~"media.*"']);
  assert.deepEqual([code, added], [0, 1]);
  assert.match(out, /It hides 6 of 7 open incidents now:\n {2}error MEDIA00: The port is taken\n/u);
  assert.match(out, /and 1 more$/u);
});

test('one that hides everything that is open is not made without --yes [issue 9]', async (t) => {
  const refused = await add(t, SEVEN, ['provider=wmserver']);
  assert.deepEqual([refused.code, refused.added], [1, 0]);
  assert.match(refused.err, /It hides 7 of 7[\s\S]*--yes/u);
  const made = await add(t, SEVEN, ['provider=wmserver', '--yes']);
  assert.deepEqual([made.code, made.added], [0, 1]);
  const alone = await add(t, SEVEN.slice(0, 1), ['host=media00']);
  assert.deepEqual([alone.code, alone.added], [0, 1]);
});

test('one that would take every incident there could be is refused, --yes or not [security L16]', async (t) => {
  for (const matcher of ['rule=~".+"', 'host!=""', 'rule=~"[\\\\s\\\\S]*"']) {
    const { code, added } = await add(t, SEVEN, [matcher, '--yes']);
    assert.match(String(code), /refused: .*would take everything/u);
    assert.equal(added, 0);
  }
});

test('mistyped labels are refused, and one that hides nothing now says so and why [alerting 14]', async (t) => {
  const wrong = await add(t, SEVEN, ['hots=media01']);
  assert.match(String(wrong.code), /there is no label hots\. Did you mean host\?/u);
  assert.equal(wrong.added, 0);
  assert.match(String((await add(t, SEVEN, ['severity=critcal'])).code), /Did you mean critical\?/u);
  assert.match(String((await add(t, SEVEN, ['severity==error'])).code), /== is no operator/u);
  const nothing = await add(t, SEVEN, ['rule=wmserver-309-port-in-us']);
  assert.deepEqual([nothing.code, nothing.added], [0, 1]);
  assert.match(
    nothing.out,
    /It hides nothing now, of 7 open incidents\.\nLook at .*Did you mean wmserver-309-port-in-use\?/u,
  );
});

test('labels of incidents that are open and of the configuration count [alerting 14]', async (t) => {
  const own = view('o', { params: { hosts: 'a' } });
  assert.equal((await add(t, [own, ...SEVEN], ['hosts=a'])).code, 0);
  const labels = 'notifier: { labels: [{ matchers: [\'host="db"\'], set: { hots: x } }] }\n';
  const { code, out } = await add(t, SEVEN, ['hots=x'], labels);
  assert.equal(code, 0);
  assert.match(out, /It hides 1 of 7 open incidents now:\n {2}info db: /u);
});

test('JSON goes alone to standard output [issue 9]', async (t) => {
  const { out, err } = await add(t, SEVEN, ['host=db', '--json']);
  assert.equal((JSON.parse(out) as { silenceId: string }).silenceId, 's1');
  assert.match(err, /It hides 1 of 7/u);
});

test('the settings that the command line reads of the console count, and those it cannot read do not matter [issue 11]', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-client-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'foghorn.yaml');
  const of = (rest: string): void => {
    const tokens = 'http: { tokens: { a: { tokenFile: /nowhere/token } } }';
    writeFileSync(file, `console: { url: 'http://console.example.org', token: secret, ${tokens}, ${rest} }\n`);
    consoleClient(file);
  };
  assert.doesNotThrow(() => of('allowInsecure: true'));
  assert.throws(() => of('allowInsecure: false'));
});
