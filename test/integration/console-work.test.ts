// Work in the console with a real notifier, Kafka and Elasticsearch: many incidents at once with
// the result of each, taking back, ticking steps, looking around, files, broken streams, and what
// works while Elasticsearch is away.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BulkProgress } from '../../services/console/change/bulk-jobs.ts';
import type { IncidentContext } from '../../services/console/read/incident-context.ts';
import type { Notifications } from '../../services/console/read/notifications.ts';
import type { IncidentEvents, RecentEvents } from '../../services/console/read/recent-events.ts';
import type { IncidentView } from '../../services/console/read/views.ts';
import {
  type AcknowledgeClaims,
  acknowledgePath,
  readAcknowledgeLink,
} from '../../shared/contracts/acknowledge-link.ts';
import { encodeIncident, type Incident } from '../../shared/contracts/incident.ts';
import { anAlert, anAlertRecord } from '../support/alerts.ts';
import { startTestConsole, type TestConsole, TOKENS } from '../support/console.ts';
import { type TestElasticsearch, testElasticsearch } from '../support/elasticsearch.ts';
import { runFoghorn } from '../support/foghorn.ts';
import { anId } from '../support/ids.ts';
import { anIncident } from '../support/incidents.ts';
import { startTestIndexer } from '../support/indexer.ts';
import { testKafka } from '../support/kafka.ts';
import { startNotifier } from '../support/notifier.ts';
import { until } from '../support/until.ts';

const HOSTS = Array.from({ length: 8 }, (_, index) => `media${index}.example.org`);
const [NEW_KEY, OLD_KEY] = ['n', 'o'].map((letter) => letter.repeat(32)) as [string, string];
const JSON_OF_KIM = { authorization: `Bearer ${TOKENS.kim}` };

async function bulkOf(console: TestConsole, body: unknown): Promise<BulkProgress> {
  const { status, body: answer } = await console.ask('POST', '/api/v1/incidents/bulk', body);
  assert.equal(status, 202, JSON.stringify(answer));
  return await until('the bulk request is over', async () => {
    const progress = await console.ask('GET', `/api/v1/bulk/${String(answer['bulkId'])}`);
    return progress.body['isFinished'] === true && (progress.body as unknown as BulkProgress);
  });
}

test('many incidents are changed at once with the result of each, and changed back', async (t) => {
  // The notifier still signs with the older key.
  const notifier = await startNotifier(t, ['local'], { FOGHORN_CONSOLE_LINK_KEYS: OLD_KEY });
  const { kafka } = notifier;
  const corner = await testElasticsearch(t);
  await startTestIndexer(t, kafka, corner);
  const console = await startTestConsole(t, { kafka, corner }, { maxBulk: 100, linkKeys: [NEW_KEY, OLD_KEY] });
  await kafka.producer.send(HOSTS.map((host) => anAlertRecord({ host })));
  await until('the incidents are indexed', async () => {
    return (await corner.count({ match_all: {} }, corner.names.incidents)) === HOSTS.length;
  });
  const statesBecome = async (state: string): Promise<void> => {
    await until(`all are ${state}`, async () => {
      const query = { term: { 'foghorn.incident.state': state } };
      return (await corner.count(query, corner.names.incidents)) === HOSTS.length;
    });
  };
  const ids = HOSTS.map((host) => anAlert({ host }).incidentId);
  const [first = '', second = ''] = ids;
  await t.test('a dry run says what would change', async () => {
    const dry = await until('who was notified is indexed', async () => {
      await corner.count({ match_all: {} }, corner.names.actions);
      const body = { filter: { q: 'host:media*' }, action: { kind: 'acknowledge' } };
      const answer = await console.ask('POST', '/api/v1/incidents/bulk', body);
      const [local] = answer.body['notified'] as readonly { readonly incidents: number }[];
      return local?.incidents === HOSTS.length && answer.body;
    });
    const { matched, hosts, bySeverity, byState, notified } = dry;
    assert.deepEqual([matched, hosts, bySeverity, byState], [8, 8, { error: 8 }, { open: 8 }]);
    assert.deepEqual(notified, [{ receiver: 'local', incidents: 8 }]);
  });
  await t.test('a ticked selection is acknowledged, and who is refused is named with the reason', async () => {
    const action = { kind: 'acknowledge', reason: 'mine' };
    const selected = await bulkOf(console, { filter: { id: [first, second] }, action, dryRun: false });
    assert.deepEqual([selected.done, selected.refused, selected.total], [2, 0, 2]);
    const all = await bulkOf(console, { filter: { host: 'media*' }, action, dryRun: false, expect: 8 });
    assert.deepEqual([all.done, all.refused, all.pending, all.kind, all.actor], [6, 2, 0, 'acknowledge', 'kim']);
    assert.deepEqual(all.refusals.map(({ incidentId }) => incidentId).toSorted(), [first, second].toSorted());
    assert.match(all.refusals[0]?.reason ?? '', /changes nothing: the incident is acknowledged/u);
    await statesBecome('acknowledged');
  });
  await t.test('it is undone by the opposite, on the command line too', async () => {
    const undone = await bulkOf(console, { filter: { id: ids }, action: { kind: 'unacknowledge' }, dryRun: false });
    assert.equal(undone.done, 8);
    await statesBecome('open');
    const env = { FOGHORN_CONSOLE_URL: console.url, FOGHORN_CONSOLE_TOKEN: TOKENS.kim };
    const dry = await runFoghorn(['incidents', 'ack', 'host:media0*,media1*'], { env });
    assert.match(dry.out, /^2 incidents match, of 2 hosts: 2 error\. Notified of them: local \d\. .*--yes/u);
    const done = await runFoghorn(['incidents', 'ack', 'host:media0*,media1*', '--yes'], { env });
    assert.match(done.out, /2 commands are accepted\.\n2 of 2 done\./u, done.err);
    assert.match((await runFoghorn(['incidents', 'unack', '--', first], { env })).out, /the incident is open/u);
  });
  await t.test('steps are ticked for everybody', async () => {
    const tick = async (body: object): Promise<unknown> =>
      (await console.ask('POST', `/api/v1/incidents/${first}/step?wait=10000`, body)).status;
    assert.equal(await tick({ step: 'repair.1.1' }), 200);
    assert.equal(await tick({ step: 'repair.1.1' }), 409);
    assert.equal(await tick({ step: 'repair.9.9' }), 409);
    assert.equal(await tick({ step: 'step 1' }), 400);
    assert.equal(await tick({ step: 'check.1' }), 200);
    assert.equal(await tick({ step: 'check.1', done: false }), 200);
    const shown = await until('the steps are indexed', async () => {
      const { body } = await console.ask('GET', `/api/v1/incidents/${first}`);
      const { stepsDone } = body['incident'] as IncidentView;
      const rows = body['timeline'] as readonly { readonly type: string }[];
      return stepsDone?.length === 1 && rows.some(({ type }) => type === 'step_undone') && body;
    });
    const [done] = (shown['incident'] as IncidentView).stepsDone ?? [];
    assert.deepEqual([done?.step, done?.by], ['repair.1.1', 'kim']);
    const { receivers, escalations } = shown['notifications'] as Notifications;
    assert.deepEqual(
      receivers.map(({ receiver, outcome }) => [receiver, outcome]),
      [['local', 'notified']],
    );
    assert.ok(receivers[0]?.route !== undefined, 'the opening says by which route');
    assert.deepEqual(escalations, []);
  });
  await t.test('the link of a message acknowledges once, when its button is pressed, by who presses it', async () => {
    const links = notifier.alertsText().match(/\/acknowledge\/\S+/gu) ?? [];
    const read = links.flatMap((path) => {
      const link = readAcknowledgeLink(path.split('/')[2] ?? '', [OLD_KEY], 0);
      return link.kind === 'valid' ? [{ path, claims: link.claims }] : [];
    });
    const linkOf = (id: string): { readonly path: string; readonly claims: AcknowledgeClaims } =>
      read.find(({ claims }) => claims.incidentId === id) ?? assert.fail(`no message has a link for ${id}`);
    const open = async (path: string, method = 'GET', name = 'Kim Doe'): Promise<readonly [number, string]> => {
      const body = method === 'POST' ? { body: new URLSearchParams({ name }) } : {};
      const answer = await fetch(`${console.url}${path}`, { method, ...body });
      assert.equal(answer.headers.get('cache-control'), 'no-store');
      return [answer.status, await answer.text()];
    };
    const acknowledgements = async (id: string): Promise<readonly string[]> => {
      await corner.count({ match_all: {} }, corner.names.actions);
      const { body } = await console.ask('GET', `/api/v1/incidents/${id}`);
      const rows = body['timeline'] as readonly {
        readonly type: string;
        readonly actor: string;
        readonly reason: string;
      }[];
      return rows.filter(({ type, reason }) => type === 'acknowledged' && reason !== 'mine').map(({ actor }) => actor);
    };
    const change = async (id: string, verb: string, state: string): Promise<void> => {
      await console.ask('POST', `/api/v1/incidents/${id}/${verb}`, {});
      await until(`it is ${state}`, async () => (await notifier.incidents()).get(id)?.state === state);
    };
    const [, , third = '', fourth = '', fifth = ''] = ids;
    const { path, claims } = linkOf(third);
    for (const method of ['GET', 'HEAD', 'GET']) assert.equal((await open(path, method))[0], 200);
    assert.match((await open(path))[1], /<button>Acknowledge<\/button>/u);
    for (const wrong of [
      `${path.slice(0, -4)}AAAA`,
      acknowledgePath(claims, 'x'.repeat(32)),
      acknowledgePath({ ...claims, endsAtMs: Date.now() - 1 }, NEW_KEY),
    ])
      for (const method of ['GET', 'POST']) {
        const [status, page] = await open(wrong, method);
        assert.match(`${status} ${page}`, /^(?:403.*This link is not valid|410.*This link has expired)/su);
        assert.doesNotMatch(page, /<button/u);
      }
    assert.deepEqual(await acknowledgements(third), [], 'nothing but the button acknowledges');

    const pressed = await Promise.all([open(path, 'POST'), open(path, 'POST', 'somebody else')]);
    // 202: it waited for ten seconds, and the outcome is still to come.
    for (const [status] of pressed) assert.ok([200, 202, 409].includes(status), String(status));
    const [actor = '', ...more] = await until('it is indexed', async () => {
      const actors = await acknowledgements(third);
      return actors.length > 0 && actors;
    });
    assert.match(actor, /^link of local \((?:Kim Doe|somebody else)\)$/u);
    assert.deepEqual(more, []);
    const again = await open(path, 'POST');
    assert.match(`${again[0]} ${again[1]}`, /^409 .*This link was used already.*acknowledged by link of local \(/su);
    await change(third, 'unacknowledge', 'open');
    assert.match((await open(path, 'POST'))[1], /This link was used already/u);
    assert.equal((await acknowledgements(third)).length, 1, 'no second time, though it is open again');

    await change(fourth, 'resolve', 'resolved');
    const { path: over } = linkOf(fourth);
    await until('that it is resolved is shown', async () =>
      /It is resolved already.*by kim/su.test((await open(over))[1]),
    );
    await change(fourth, 'reopen', 'open');
    await until('the next episode is shown', async () => /episode 2 has begun/u.test((await open(over))[1]));
    const late = await open(over, 'POST');
    assert.match(`${late[0]} ${late[1]}`, /^409 .*episode 2/su, 'the next episode is another matter');
    assert.deepEqual(await acknowledgements(fourth), []);
    await open(linkOf(fifth).path, 'POST', '');
    await until('it is indexed', async () => (await acknowledgements(fifth))[0] === 'link of local');
  });
  const unknown = await console.ask('GET', '/api/v1/bulk/none');
  assert.deepEqual([unknown.status, unknown.body['code']], [404, 'no_bulk']);
});

const START_MS = Date.UTC(2026, 2, 1, 10);
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

function incidentOf(name: string, host: string, own: Partial<Incident> = {}): Incident {
  const base = anIncident(anId(name), 1);
  return { ...base, entity: { ...base.entity, host }, ...own };
}

test('what happened around an incident is found: its host, changes before, earlier ends, the same elsewhere', async (t) => {
  const kafka = await testKafka(t);
  const corner = await testElasticsearch(t);
  await startTestIndexer(t, kafka, corner);
  const console = await startTestConsole(t, { kafka, corner });
  const resolved = {
    state: 'resolved',
    resolvedAtMs: START_MS,
    resolvedBy: 'lee',
    resolution: 'IIS moved to 8080',
    notes: [{ id: 'n', atMs: START_MS, author: 'lee', text: 'it was IIS' }],
  } as const;
  const sign = anIncident(anId('sign'), 1);
  const related = [
    { provider: 'Microsoft-Windows-HttpEvent', eventIds: [15005], relation: 'names-cause', text: 'IIS has it.' },
  ] as const;
  const all = [
    incidentOf('one', 'media01', { remediation: { ...sign.remediation, related } }),
    incidentOf('two', 'media02'),
    incidentOf('old', 'media03', resolved),
    {
      ...sign,
      entity: {
        ...sign.entity,
        host: 'MEDIA01',
        provider: 'Microsoft-Windows-HttpEvent',
        eventId: 15005,
        ruleId: 'http',
      },
    },
  ];
  await kafka.producer.send(all.map(encodeIncident));
  await until('the incidents are indexed', async () => {
    return (await corner.count({ match_all: {} }, corner.names.incidents)) === all.length;
  });
  const eventOf = (minutesBefore: number, provider: string, code: string, host = 'media01') => ({
    '@timestamp': new Date(START_MS - minutesBefore * MINUTE_MS).toISOString(),
    host: { name: host },
    event: { provider, code },
    message: `${provider} ${code}`,
  });
  const events = [
    eventOf(50, 'Service Control Manager', '7045'),
    eventOf(20, 'MsiInstaller', '1033'),
    eventOf(5, 'Service Control Manager', '7031'),
    eventOf(61, 'User32', '1074'),
    eventOf(10, 'EventLog', '6005', 'media02'),
    eventOf(1, 'microsoft-windows-iis-configuration', '29'),
    eventOf(-1, 'MsiInstaller', '1034'),
  ];
  await addEvents(corner, events);
  const { status, body } = await console.ask('GET', `/api/v1/incidents/${anId('one')}/context?minutes=10`);
  assert.equal(status, 200, JSON.stringify(body));
  const context = body as unknown as IncidentContext;
  assert.deepEqual(
    context.changesBefore.map(({ provider, eventId }) => `${provider} ${eventId}`),
    ['microsoft-windows-iis-configuration 29', 'MsiInstaller 1033', 'Service Control Manager 7045'],
  );
  assert.deepEqual([context.changesTotal, context.aroundTotal], [3, 3]);
  assert.deepEqual(
    context.evidence.map(({ incidentId, text }) => [incidentId, text]),
    [[anId('sign'), 'IIS has it.']],
  );
  assert.deepEqual(
    context.earlierElsewhere.map(({ host, resolvedBy, resolution, notes }) => [
      host,
      resolvedBy,
      resolution,
      notes?.[0]?.text,
    ]),
    [['media03', 'lee', 'IIS moved to 8080', 'it was IIS']],
  );
  assert.deepEqual([context.sameNow.incidents, context.sameNow.hosts], [2, 2]);
  const same = await console.ask('GET', `/api/v1/incidents?${String(new URLSearchParams({ q: context.sameNow.q }))}`);
  assert.equal(same.body['total'], 2);
  assert.equal((await console.ask('GET', `/api/v1/incidents/${anId('none')}/context`)).status, 404);

  const host = await console.ask('GET', '/api/v1/hosts/media01');
  assert.deepEqual(
    [host.status, host.body['total'], (host.body['lastEvent'] as { readonly eventId: string }).eventId],
    [200, 2, '1034'],
  );
  const nobody = await console.ask('GET', '/api/v1/hosts/nowhere');
  assert.deepEqual([nobody.body['total'], nobody.body['lastEvent'], nobody.body['silences']], [0, undefined, []]);

  const table = await fetch(`${console.url}/api/v1/incidents/export?q=host:media0*&columns=host,state,resolution`, {
    headers: JSON_OF_KIM,
  });
  assert.match(table.headers.get('content-disposition') ?? '', /^attachment; filename="incidents\.csv"$/u);
  assert.deepEqual((await table.text()).trimEnd().split('\r\n').toSorted(), [
    'MEDIA01,open,',
    'host,state,resolution',
    'media01,open,',
    'media02,open,',
    'media03,resolved,IIS moved to 8080',
  ]);
  const env = { FOGHORN_CONSOLE_URL: console.url, FOGHORN_CONSOLE_TOKEN: TOKENS.viewer };
  const lines2 = (await runFoghorn(['incidents', 'export', 'state:resolved', '--format', 'ndjson'], { env })).out;
  assert.deepEqual(
    lines2
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as IncidentView).host),
    ['media03'],
  );
  const wrong = await console.ask('GET', '/api/v1/incidents/export?columns=host,password');
  assert.deepEqual([wrong.status, wrong.body['code']], [400, 'invalid_query']);
  assert.equal((await console.ask('GET', '/api/v1/incidents/export?q=hots:a')).body['code'], 'invalid_filter');
  await countedEvents(console, corner);
});

/** Events of two incidents of one host and title, one of them old, and one of no incident. */
async function countedEvents(console: TestConsole, corner: TestElasticsearch): Promise<void> {
  const nowMs = Date.now();
  const eventOf = (minutesAgo: number, incident?: string, host = 'media01') => ({
    '@timestamp': new Date(START_MS).toISOString(),
    host: { name: host },
    foghorn: {
      received: new Date(nowMs - minutesAgo * MINUTE_MS).toISOString(),
      ...(incident === undefined
        ? {}
        : { remediation: { title: 'A folder is locked' }, incident: { id: anId(incident) } }),
    },
  });
  await addEvents(corner, [
    eventOf(1, 'one'),
    eventOf(1, 'one'),
    eventOf(31, 'one'),
    eventOf(90, 'one'),
    eventOf(2, 'two'),
    eventOf(2, undefined, 'media02'),
  ]);
  const ids = ['one', 'two', 'none'].map(anId);
  const { body } = await console.ask('GET', `/api/v1/incidents/events?id=${ids.join(',')}`);
  const counted = (body as unknown as IncidentEvents).incidents;
  assert.deepEqual(Object.keys(counted), ids);
  const [one = [], two = [], none = []] = ids.map((id) => counted[id]);
  assert.deepEqual([one.length, two.length, none], [12, 12, Array.from({ length: 12 }, () => 0)]);
  const times = one.flatMap((count, index) => (count > 0 ? [[index, count]] : []));
  assert.deepEqual(
    times.map(([, count]) => count),
    [1, 2],
    'those of the last hour and of this incident alone, the oldest first',
  );
  const [[earlier = 0] = [], [later = 0] = []] = times;
  assert.equal(later - earlier, 6, '30 minutes apart');
  assert.deepEqual(
    two.filter((count) => count > 0),
    [1],
  );
  const recent = (await console.ask('GET', '/api/v1/events/recent')).body as unknown as RecentEvents;
  assert.deepEqual(
    [recent.events, recent.hosts, recent.lastReceived],
    [5, 2, new Date(nowMs - MINUTE_MS).toISOString()],
  );
  assert.ok(Date.parse(recent.now) >= nowMs);
  const missing = await console.ask('GET', '/api/v1/incidents/events');
  assert.deepEqual([missing.status, missing.body['code']], [400, 'invalid_query']);
}

async function addEvents(corner: TestElasticsearch, events: readonly object[]): Promise<void> {
  const lines = events.flatMap((event) => [JSON.stringify({ create: {} }), JSON.stringify(event)]);
  await corner.elasticsearch.request({
    method: 'POST',
    path: `/${corner.names.events}/_bulk`,
    query: { refresh: 'true' },
    body: Buffer.from(`${lines.join('\n')}\n`),
  });
}

test('while Elasticsearch is away people act, and reading says what cannot be shown', async (t) => {
  const kafka = await testKafka(t);
  const corner = await testElasticsearch(t);
  const gone = { ...corner, settings: { ...corner.settings, nodes: ['http://127.0.0.1:1'] } };
  const console = await startTestConsole(t, { kafka, corner: gone }, { linkKeys: [NEW_KEY] });
  const id = anId('one');
  const claims = { incidentId: id, episode: 1, receiver: 'mail', deliveryId: 'n1', endsAtMs: Date.now() + HOUR_MS };
  const link = await fetch(`${console.url}${acknowledgePath(claims, NEW_KEY)}`);
  assert.match(`${link.status} ${await link.text()}`, /^200 .*Elasticsearch cannot be reached.*<button>Acknowledge</su);
  assert.equal((await console.ask('POST', `/api/v1/incidents/${id}/acknowledge`, {})).status, 202);
  assert.equal((await console.ask('POST', `/api/v1/incidents/${id}/step`, { step: 'check.1' })).status, 202);
  for (const path of [
    'incidents',
    'incidents/summary?by=rule',
    `incidents/${id}`,
    `incidents/${id}/context`,
    'hosts/a',
    'incidents/export',
  ]) {
    const { status, body } = await console.ask('GET', `/api/v1/${path}`);
    assert.deepEqual([status, body['code']], [503, 'unavailable'], path);
    assert.match(String(body['detail']), /Elasticsearch is not available/u);
  }
  assert.equal((await console.ask('GET', '/api/v1/session')).status, 200);
  const stream = await fetch(`${console.url}/api/v1/stream?incidents=true`, { headers: JSON_OF_KIM });
  const reader = stream.body?.getReader();
  await kafka.producer.send([encodeIncident({ ...incidentOf('one', 'media01'), updatedAtMs: START_MS + HOUR_MS })]);
  let text = '';
  await until('the incident comes by the stream', async () => {
    const chunk = await reader?.read();
    text += Buffer.from(chunk?.value ?? new Uint8Array()).toString();
    return /event: incident\ndata: .*"host":"media01"/u.test(text);
  });
  await reader?.cancel();
});
