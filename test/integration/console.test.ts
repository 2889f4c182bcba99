// The console's API with real Kafka and Elasticsearch: what is indexed can be found, what is asked
// becomes a command in somebody's name.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test, type TestContext } from 'node:test';
import { type Command, commandsTopic } from '../../shared/contracts/command.ts';
import { type ActivityEntry, encodeActivityEntry, type EntryFields } from '../../shared/contracts/activity.ts';
import { encodeIncident, type Incident } from '../../shared/contracts/incident.ts';
import type { ActivityEntryView } from '../../services/console/read/entry-views.ts';
import type { IncidentView } from '../../services/console/read/views.ts';
import { type ConsoleAnswer, SIGNING_SECRET, startTestConsole, type TestConsole, TOKENS } from '../support/console.ts';
import { type TestElasticsearch, testElasticsearch } from '../support/elasticsearch.ts';
import { anId } from '../support/ids.ts';
import { anIncident } from '../support/incidents.ts';
import { startTestIndexer } from '../support/indexer.ts';
import { type TestKafka, testKafka } from '../support/kafka.ts';
import { recordedLog } from '../support/log.ts';
import { until } from '../support/until.ts';

const I1 = anId('i1');
/** The ids of the incidents of these tests, and the names that they were made of. */
const NAMES = new Map(
  ['odd', 'one', ...Array.from({ length: 8 }, (_, index) => `i${index}`)].map((name) => [anId(name), name]),
);

const START_MS = Date.UTC(2026, 2, 1, 10, 0, 0);
const HOUR_MS = 3_600_000;
const JSON_OF_KIM = { authorization: `Bearer ${TOKENS.kim}` };

interface IncidentAnswer {
  readonly incident: IncidentView;
  readonly remediation: { readonly causes: readonly unknown[] };
  readonly timeline: readonly ActivityEntryView[];
}

interface Corner {
  readonly kafka: TestKafka;
  readonly corner: TestElasticsearch;
  readonly console: TestConsole;
}

async function start(t: TestContext): Promise<Corner> {
  const kafka = await testKafka(t);
  const corner = await testElasticsearch(t);
  await startTestIndexer(t, kafka, corner);
  return { kafka, corner, console: await startTestConsole(t, { kafka, corner }) };
}

function incidentOf(name: string, index: number, own: Partial<Incident> = {}): Incident {
  const base = anIncident(anId(name), 1);
  const host = `media${String(index).padStart(2, '0')}`;
  const updatedAtMs = START_MS + index * 1000;
  return { ...base, entity: { ...base.entity, host }, updatedAtMs, lastSeenMs: updatedAtMs, ...own };
}

function actionOf(id: string, index: number, own: Partial<EntryFields> = {}): ActivityEntry {
  return {
    subject: 'incident',
    id: anId(`${id}-row-${index}`),
    atMs: START_MS + index * 1000,
    incidentId: id,
    episode: 1,
    revision: index,
    type: 'opened',
    actor: 'system',
    reason: 'first event',
    host: 'media01',
    ruleId: 'wmserver-309-port-in-use',
    severity: 'error',
    ...own,
  } as ActivityEntry;
}

async function fill({ kafka, corner }: Corner, incidents: readonly Incident[]): Promise<void> {
  await kafka.producer.send(incidents.map(encodeIncident));
  await until('the incidents are indexed', async () => {
    return (await corner.count({ match_all: {} }, corner.names.incidents)) === incidents.length;
  });
}

function ids({ body }: ConsoleAnswer): readonly string[] {
  return (body['incidents'] as readonly { readonly id: string }[]).map(({ id }) => NAMES.get(id) ?? id);
}

async function commands(kafka: TestKafka, count: number): Promise<readonly Command[]> {
  const records = await kafka.readUntil('commands', count);
  return records.map((record) => {
    const decoded = commandsTopic.decode(record);
    assert.equal(decoded.kind, 'value');
    return (decoded as { readonly value: Command }).value;
  });
}

test('incidents are listed, filtered, paged without a gap, and shown with all that is known', async (t) => {
  const corner = await start(t);
  const { console, kafka } = corner;
  const many = Array.from({ length: 7 }, (_, index) => incidentOf(`i${index}`, index));
  const odd = incidentOf('odd', 9, {
    state: 'acknowledged',
    severity: 'critical',
    assignee: 'lee',
    lastMessage: 'the cartridge is stuck',
    notes: [{ id: 'n', atMs: START_MS, author: 'kim', text: 'called the vendor' }],
  });
  await fill(corner, [...many, odd]);
  assert.equal(await console.ready(), undefined);
  const all = await console.ask('GET', '/api/v1/incidents?limit=500');
  assert.equal(all.body['total'], 8);
  assert.deepEqual(ids(all), ['odd', 'i6', 'i5', 'i4', 'i3', 'i2', 'i1', 'i0']);
  const paged: string[] = [];
  let cursor: string | undefined = '';
  while (cursor !== undefined) {
    const page = await console.ask(
      'GET',
      `/api/v1/incidents?limit=3&sort=host${cursor === '' ? '' : `&cursor=${cursor}`}`,
    );
    paged.push(...ids(page));
    cursor = page.body['nextCursor'] as string | undefined;
  }
  assert.deepEqual(paged, ['i0', 'i1', 'i2', 'i3', 'i4', 'i5', 'i6', 'odd']);
  const found = async (query: string): Promise<readonly string[]> =>
    ids(await console.ask('GET', `/api/v1/incidents?${query}`));
  assert.deepEqual(await found('state=acknowledged,resolved'), ['odd']);
  assert.deepEqual(await found('severity=critical&host=MEDIA*'), ['odd']);
  assert.deepEqual(await found('host=Media03&port=80&class=address-in-use'), ['i3']);
  assert.deepEqual(await found('port=81'), []);
  assert.deepEqual(await found('assignee=lee'), ['odd']);
  assert.equal((await found('assignee=')).length, 7);
  assert.deepEqual(await found('text=cartridge'), ['odd']);
  assert.deepEqual(await found('text="called the vendor"'), ['odd']);
  assert.deepEqual(await found('since=2026-03-01T10:00:06Z&until=2026-03-01T10:00:09Z'), ['i6']);

  await kafka.producer.send([
    encodeActivityEntry(actionOf(anId('odd'), 1)),
    encodeActivityEntry(actionOf(anId('odd'), 2, { type: 'acknowledged', actor: 'kim', reason: 'mine' })),
  ]);
  const shown = await until('the time line is indexed', async () => {
    await corner.corner.count({ match_all: {} }, corner.corner.names.actions);
    const answer = await console.ask('GET', `/api/v1/incidents/${anId('odd')}`);
    return (answer.body['timeline'] as readonly unknown[]).length === 2 && answer;
  });
  const { incident, remediation, timeline } = shown.body as unknown as IncidentAnswer;
  assert.equal(incident.title, 'Port 80 is taken on media01');
  assert.deepEqual(incident.notes, [{ at: '2026-03-01T10:00:00.000Z', author: 'kim', text: 'called the vendor' }]);
  assert.equal(remediation.causes.length, 1);
  assert.deepEqual(
    timeline.map(({ type, actor }) => [type, actor]),
    [
      ['opened', 'system'],
      ['acknowledged', 'kim'],
    ],
  );
});

test('events of the same host around the last one are shown, those of others and of other times are not', async (t) => {
  const { console, corner, ...rest } = await start(t);
  await fill({ console, corner, ...rest }, [incidentOf('one', 1)]);
  const event = (minutes: number, host = 'media01') => ({
    '@timestamp': new Date(START_MS + 1000 + minutes * 60_000).toISOString(),
    host: { name: host },
    event: { code: '310', provider: 'WMServer' },
    message: `at ${minutes}`,
  });
  const documents = [event(-20), event(-5), event(-1), event(0), event(5), event(20), event(1, 'media02')];
  const lines = documents.flatMap((document) => [{ create: {} }, document]).map((line) => JSON.stringify(line));
  await corner.elasticsearch.request({
    method: 'POST',
    path: `/${corner.names.events}/_bulk`,
    body: Buffer.from(`${lines.join('\n')}\n`),
  });
  assert.equal(await corner.count({ match_all: {} }), documents.length);
  const related = async (query: string): Promise<readonly unknown[]> => {
    const { body } = await console.ask('GET', `/api/v1/incidents/${anId('one')}${query}`);
    return (body['related'] as readonly { readonly message: string }[]).map(({ message }) => message);
  };
  assert.deepEqual(await related(''), ['at -5', 'at -1', 'at 0', 'at 5']);
  assert.deepEqual(await related('?minutes=30&events=2'), ['at -1', 'at 0']);
  assert.deepEqual(await related('?events=0'), []);
});

test('what is asked of an incident is a command in the name of the token, once a key', async (t) => {
  const kafka = await testKafka(t);
  const { log, lines } = recordedLog();
  const console = await startTestConsole(t, { kafka, corner: await testElasticsearch(t), log });
  const path = `/api/v1/incidents/${I1}`;
  const key = { ...JSON_OF_KIM, 'idempotency-key': 'k1' };
  const first = await console.ask('POST', `${path}/acknowledge`, { reason: 'mine', episode: 2 }, key);
  const second = await console.ask('POST', `${path}/acknowledge`, { reason: 'mine', episode: 2 }, key);
  assert.deepEqual([first.status, first.body['status']], [202, 'accepted']);
  assert.equal(first.body['commandId'], second.body['commandId']);
  await console.ask('POST', `${path}/assign`, { assignee: 'lee' });
  await console.ask('POST', `${path}/note`, { text: ' IIS ' });
  await console.ask('POST', `${path}/snooze`, { until: '2026-03-01T22:00:00+01:00' });
  await console.ask('POST', `${path}/resolve`, {});
  await console.ask('POST', `${path}/reopen`);
  const given = await commands(kafka, 7);
  const bare = { id: '', atMs: 0, incidentId: I1 };
  assert.deepEqual(
    given.map((command) => ({ ...command, id: '', atMs: 0 })),
    [
      { ...bare, kind: 'acknowledge', episode: 2, reason: 'mine', actor: 'kim' },
      { ...bare, kind: 'acknowledge', episode: 2, reason: 'mine', actor: 'kim' },
      { ...bare, kind: 'assign', assignee: 'lee', reason: '', actor: 'kim' },
      { ...bare, kind: 'note', text: 'IIS', reason: '', actor: 'kim' },
      { ...bare, kind: 'snooze', untilMs: Date.UTC(2026, 2, 1, 21), reason: '', actor: 'kim' },
      { ...bare, kind: 'resolve', reason: '', actor: 'kim' },
      { ...bare, kind: 'reopen', reason: '', actor: 'kim' },
    ],
  );
  assert.equal(new Set(given.map(({ id }) => id)).size, 6);
  const audited = lines.filter(({ msg }) => msg === 'a change was asked for');
  assert.deepEqual(
    audited.map(({ actor, command, target }) => [actor, command, target]),
    given.map(({ actor, kind }) => [actor, kind, I1]),
    'each has its line in the log [security L8]',
  );
});

test('a change that is waited for is done, refused or still on its way', async (t) => {
  const { console, kafka } = await start(t);
  const answerAs = async (
    make: (command: Command) => ReturnType<typeof encodeActivityEntry>,
    count: number,
  ): Promise<void> => {
    const given = await commands(kafka, count);
    await kafka.producer.send([make(given.at(-1) as Command)]);
  };
  const asked = console.ask('POST', `/api/v1/incidents/${I1}/acknowledge?wait=30000`, {});
  await answerAs(
    ({ id }) => encodeIncident({ ...anIncident(I1, 4), state: 'acknowledged', recentEventIds: ['e', id] }),
    1,
  );
  const done = await asked;
  assert.equal(done.status, 200);
  assert.deepEqual([done.body['status'], done.body['revision'], done.body['state']], ['done', 4, 'acknowledged']);
  const again = console.ask('POST', `/api/v1/incidents/${I1}/resolve?wait=30000`, {});
  await answerAs(
    ({ id }) =>
      encodeActivityEntry(
        actionOf(I1, 9, { subject: 'command', type: 'refused', reason: 'resolve refused: no', commandId: id }),
      ),
    2,
  );
  const refused = await again;
  assert.deepEqual([refused.status, refused.body['detail']], [409, 'resolve refused: no']);
  const slow = await console.ask('POST', `/api/v1/incidents/${I1}/reopen?wait=50`, {});
  assert.deepEqual([slow.status, slow.body['status']], [202, 'accepted']);
});

test('a bulk action counts first, is bounded, and speaks of the episode that is there', async (t) => {
  const corner = await start(t);
  const { console, kafka } = corner;
  await fill(
    corner,
    Array.from({ length: 8 }, (_, index) => incidentOf(`i${index}`, index, { episode: index + 1 })),
  );
  const bulk = async (body: unknown): Promise<ConsoleAnswer> =>
    await console.ask('POST', '/api/v1/incidents/bulk', body);
  const action = { kind: 'resolve', reason: 'the switch is replaced' };
  const filter = { host: 'media00,media03' };
  const dry = await bulk({ filter, action });
  assert.deepEqual([dry.status, dry.body['matched'], dry.body['commands']], [200, 2, []]);
  assert.equal((await bulk({ filter, action, dryRun: false, expect: 3 })).status, 409);
  assert.equal((await bulk({ filter: { host: '*' }, action, dryRun: false })).status, 422);
  assert.equal((await bulk({ filter: {}, action, dryRun: false })).status, 400);
  const done = await bulk({ filter, action, dryRun: false, expect: 2 });
  assert.equal(done.status, 202);
  const given = await commands(kafka, 2);
  assert.deepEqual(
    given
      .map((command) =>
        'incidentId' in command ? [command.kind, NAMES.get(command.incidentId), command.episode, command.reason] : [],
      )
      .toSorted(),
    [
      ['resolve', 'i0', 1, 'the switch is replaced'],
      ['resolve', 'i3', 4, 'the switch is replaced'],
    ],
  );
});

test('silences are asked for, listed as they are now, and ended', async (t) => {
  const { console, kafka, corner } = await start(t);
  const now = Date.now();
  const endsAt = new Date(now + HOUR_MS).toISOString();
  const added = await console.ask('POST', '/api/v1/silences', {
    matchers: ['host="media01"'],
    comment: 'works',
    endsAt,
  });
  assert.equal(added.status, 202);
  const [command] = await commands(kafka, 1);
  assert.ok(command?.kind === 'silence');
  assert.deepEqual(
    [command.silence.author, command.silence.matchers, command.silence.id],
    ['kim', ['host="media01"'], added.body['silenceId']],
  );
  const silence = { ...command.silence, revision: 1 };
  const row = (revision: number, endsAtMs: number, id = silence.id): ReturnType<typeof encodeActivityEntry> =>
    encodeActivityEntry(
      actionOf(id, revision, {
        atMs: Date.now(),
        subject: 'silence',
        type: revision === 1 ? 'silence_created' : 'silence_changed',
        silence: { ...silence, id, revision, endsAtMs },
      }),
    );
  await kafka.producer.send([row(1, now + HOUR_MS), row(2, now + 2 * HOUR_MS), row(1, now - 1, anId('past'))]);
  await until(
    'the silences are indexed',
    async () => (await corner.count({ match_all: {} }, corner.names.actions)) === 3,
  );
  const current = (await console.ask('GET', '/api/v1/silences')).body['silences'] as readonly Readonly<
    Record<string, unknown>
  >[];
  assert.deepEqual(
    current.map(({ id, state, revision, endsAt: ends }) => [id, state, revision, ends]),
    [[silence.id, 'active', 2, new Date(now + 2 * HOUR_MS).toISOString()]],
  );
  assert.equal(
    ((await console.ask('GET', '/api/v1/silences?state=all')).body['silences'] as readonly unknown[]).length,
    2,
  );
  assert.equal((await console.ask('DELETE', `/api/v1/silences/${silence.id}`)).status, 202);
  const [, expire] = await commands(kafka, 2);
  assert.ok(expire?.kind === 'expire_silence' && expire.silenceId === silence.id && expire.actor === 'kim');
});

test('the live stream shows what happens from now on, as asked, whatever else lies in the topic [security M4]', async (t) => {
  const { console, kafka } = await start(t);
  const mistyped = await fetch(`${console.url}/api/v1/stream?type=resolvd`, { headers: JSON_OF_KIM });
  assert.equal(mistyped.status, 400, 'a type that is none would be waited for without end');
  await kafka.producer.send([encodeActivityEntry(actionOf(I1, 1, { reason: 'before' }))]);
  const leaving = new AbortController();
  const response = await fetch(`${console.url}/api/v1/stream?type=resolved&host=MEDIA01`, {
    headers: JSON_OF_KIM,
    signal: leaving.signal,
  });
  assert.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8');
  await kafka.producer.send([
    ...['{"type":"opened"}', 'null', '{', '{}'].map((value) => ({ topic: 'actions' as const, key: I1, value })),
    encodeActivityEntry(actionOf(I1, 2)),
    encodeActivityEntry(actionOf(I1, 3, { type: 'resolved', host: 'media02' })),
    encodeActivityEntry(actionOf(I1, 4, { type: 'resolved', reason: 'two\nlines' })),
  ]);
  const row = anId(`${I1}-row-4`);
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true });
    if (text.includes(row) && text.endsWith('\n\n')) break;
  }
  leaving.abort();
  // In front of them an id without an event says where a replay would begin.
  const frames = text.split('\n\n').filter((frame) => frame.includes('\nevent: '));
  assert.deepEqual(
    frames.map((frame) => frame.split('\n').slice(0, 2)),
    [[`id: ${row}`, 'event: action']],
  );
  const data = frames[0]?.split('\n')[2] ?? '';
  assert.equal((JSON.parse(data.replace('data: ', '')) as ActivityEntry).reason, 'two\nlines');
});

test('a button in Slack is trusted by its signature, done once, and in the name of who pressed it', async (t) => {
  const { console, kafka } = await start(t);
  const press = (actionId: string, value: string, blockId?: string) =>
    new URLSearchParams({
      payload: JSON.stringify({
        type: 'block_actions',
        user: { id: 'U1', username: 'lee' },
        actions: [{ action_id: actionId, block_id: blockId, value, action_ts: '17.5' }],
      }),
    }).toString();
  const send = async (body: string, atMs = Date.now(), secret = SIGNING_SECRET): Promise<number> => {
    const timestamp = String(Math.floor(atMs / 1000));
    const mac = createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex');
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': `v0=${mac}`,
    };
    return (await console.ask('POST', '/slack/interactions', body, headers)).status;
  };
  const acknowledge = press('foghorn_acknowledge', `${I1}:3`);
  assert.equal(await send(acknowledge), 200);
  assert.equal(await send(acknowledge), 200);
  assert.equal(await send(press('foghorn_assign_to_me', `${I1}:3`)), 200);
  assert.equal(await send(press('foghorn_note', 'IIS holds it', `${I1}:3:0`)), 200);
  assert.equal(await send(press('foghorn_runbook', `${I1}:3`)), 200);
  assert.equal(await send(press('foghorn_resolve', `${I1}:3`), Date.now() - 6 * 60_000), 401);
  assert.equal(await send(press('foghorn_resolve', `${I1}:3`), Date.now(), 'another secret'), 401);
  assert.equal(await send('payload=nonsense'), 400);
  const [first, repeat, assign, note, ...more] = await commands(kafka, 4);
  const sorted = [first, repeat, assign, note].toSorted((left, right) =>
    (left?.kind ?? '').localeCompare(right?.kind ?? ''),
  );
  assert.deepEqual(
    sorted.map((command) => [command?.kind, command?.actor]),
    [
      ['acknowledge', 'slack:U1 (lee)'],
      ['acknowledge', 'slack:U1 (lee)'],
      ['assign', 'slack:U1 (lee)'],
      ['note', 'slack:U1 (lee)'],
    ],
  );
  assert.equal(sorted[0]?.id, sorted[1]?.id);
  assert.ok(sorted[2]?.kind === 'assign');
  assert.deepEqual([sorted[2].incidentId, sorted[2].assignee], [I1, 'slack:U1 (lee)']);
  assert.ok(sorted[3]?.kind === 'note');
  assert.deepEqual([sorted[3].incidentId, sorted[3].text], [I1, 'IIS holds it']);
  assert.deepEqual(more, []);
});

test('what cannot be served is a problem that says what to do', async (t) => {
  const { console } = await start(t);
  const expectProblem = async (answer: Promise<ConsoleAnswer>, status: number, detail: RegExp): Promise<void> => {
    const { status: given, type, body } = await answer;
    assert.deepEqual([given, type, body['status']], [status, 'application/problem+json; charset=utf-8', status]);
    assert.match(String(body['detail']), detail);
  };
  const viewer = { authorization: `Bearer ${TOKENS.viewer}` };
  const path = '/api/v1/incidents';
  await expectProblem(console.ask('GET', path, undefined, {}), 401, /Authorization: Bearer/u);
  await expectProblem(
    console.ask('GET', path, undefined, { authorization: 'Bearer wrong-wrong-wrong-wrong' }),
    401,
    /Bearer/u,
  );
  await expectProblem(console.ask('POST', `${path}/${I1}/resolve`, {}, viewer), 403, /viewer.*operate/u);
  await expectProblem(console.ask('GET', `${path}/nothing`), 404, /no incident nothing/u);
  await expectProblem(console.ask('GET', '/api/v2'), 404, /openapi/u);
  await expectProblem(console.ask('DELETE', path), 405, /takes GET/u);
  await expectProblem(console.ask('GET', `${path}?state=broken&colour=red`), 400, /state.*colour|colour.*state/su);
  await expectProblem(console.ask('GET', `${path}?cursor=abc`), 400, /cursor/u);
  await expectProblem(console.ask('POST', `${path}/${I1}/note`, '{'), 400, /not JSON/u);
  await expectProblem(console.ask('POST', `${path}/${I1}/note`, { text: '' }), 400, /text/u);
  await expectProblem(console.ask('POST', `${path}/${I1}/note`, { text: 'x'.repeat(5000) }), 413, /4096 bytes/u);
  await expectProblem(
    console.ask('POST', `${path}/${I1}/note`, 'text=x', { ...JSON_OF_KIM, 'content-type': 'text/plain' }),
    415,
    /application\/json/u,
  );
  assert.equal((await console.ask('GET', path, undefined, viewer)).status, 200);
  const { body } = await console.ask('GET', '/api/v1/openapi.json', undefined, {});
  assert.ok(Object.keys(body['paths'] as object).includes('/api/v1/incidents/{id}/snooze'));
});

test('without Elasticsearch nothing can be looked at, and everything can be done', async (t) => {
  const kafka = await testKafka(t);
  const corner = await testElasticsearch(t);
  const settings = { ...corner.settings, nodes: ['http://127.0.0.1:1'] };
  const console = await startTestConsole(t, { kafka, corner: { ...corner, settings } });
  assert.match((await console.ready()) ?? '', /Elasticsearch is not available/u);
  const listed = await console.ask('GET', '/api/v1/incidents');
  assert.deepEqual([listed.status, listed.body['code']], [503, 'unavailable']);
  assert.equal((await console.ask('POST', `/api/v1/incidents/${I1}/acknowledge`, {})).status, 202);
  assert.equal((await commands(kafka, 1)).length, 1);
});
