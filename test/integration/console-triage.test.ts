// Triage by the console with real Kafka and Elasticsearch: log-in on a page, the filter that people
// type, counts by facet and group over all incidents.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { type ActivityEntry, encodeActivityEntry } from '../../shared/contracts/activity.ts';
import { type Command, commandsTopic } from '../../shared/contracts/command.ts';
import { encodeIncident, type Incident } from '../../shared/contracts/incident.ts';
import type { Facets } from '../../services/console/read/incident-facets.ts';
import type { IncidentSummary } from '../../services/console/read/incident-summary.ts';
import type { IncidentView } from '../../services/console/read/views.ts';
import { startTestConsole, type TestConsole, TOKENS } from '../support/console.ts';
import { type TestElasticsearch, testElasticsearch } from '../support/elasticsearch.ts';
import { anId } from '../support/ids.ts';
import { anIncident } from '../support/incidents.ts';
import { startTestIndexer } from '../support/indexer.ts';
import { type TestKafka, testKafka } from '../support/kafka.ts';
import { until } from '../support/until.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const NOW_MS = Date.now();

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

function incidentOf(name: string, host: string, own: Partial<Incident> = {}, port = 80): Incident {
  const base = anIncident(anId(name), 1);
  const entity = { ...base.entity, host, params: { ...base.entity.params, port } };
  const atMs = own.openedAtMs ?? NOW_MS - 2 * HOUR_MS;
  return { ...base, entity, openedAtMs: atMs, firstSeenMs: atMs, lastSeenMs: atMs, updatedAtMs: atMs, ...own };
}

const INCIDENTS = [
  incidentOf('a', 'media01', { suspectedCause: 'IIS has the port.' }),
  incidentOf('b', 'media02', { suspectedCause: 'IIS has the port.', openedAtMs: NOW_MS - MINUTE_MS }),
  incidentOf('c', 'media03', { state: 'acknowledged', assignee: 'kim', severity: 'warning' }),
  incidentOf('d', 'edge01.example.org', { severity: 'critical', episode: 3, totalCount: 12 }, 8080),
  incidentOf('e', 'edge02.example.org', { state: 'resolved', resolvedAtMs: NOW_MS - HOUR_MS }, 8080),
  incidentOf('f', 'printer', { snoozedUntilMs: NOW_MS + HOUR_MS, openedAtMs: NOW_MS - 30 * HOUR_MS }),
];
const NAMES = new Map(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => [anId(name), name]));

async function fill({ kafka, corner }: Corner): Promise<void> {
  // New is what was opened in the last five minutes, and the start may have taken as long.
  const newest = { openedAtMs: Date.now() - MINUTE_MS };
  await kafka.producer.send(
    INCIDENTS.map((incident) => encodeIncident(NAMES.get(incident.id) === 'b' ? { ...incident, ...newest } : incident)),
  );
  await until('the incidents are indexed', async () => {
    return (await corner.count({ match_all: {} }, corner.names.incidents)) === INCIDENTS.length;
  });
}

async function found({ console }: Corner, query: Readonly<Record<string, string>>): Promise<string> {
  const { body } = await console.ask('GET', `/api/v1/incidents?${String(new URLSearchParams(query))}`);
  const incidents = body['incidents'] as readonly IncidentView[] | undefined;
  return incidents?.map(({ id }) => NAMES.get(id) ?? id).join('') ?? String(body['detail']);
}

test('a person logs in on a page, changes something in their own name, and logs out', async (t) => {
  const { console, kafka } = await start(t);
  const page = { 'x-foghorn-page': '1', origin: console.url, 'sec-fetch-site': 'same-origin' };
  const post = async (path: string, body: unknown, headers: Readonly<Record<string, string>>): Promise<Response> =>
    await fetch(`${console.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const login = await post('/api/v1/session', { name: 'kim', token: TOKENS.kim }, page);
  assert.equal(login.status, 200);
  const cookie = (login.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  const shown = await console.ask('GET', '/api/v1/session', undefined, { cookie });
  assert.deepEqual(
    [shown.body['name'], shown.body['rights'], shown.body['by']],
    ['kim', ['read', 'operate'], 'session'],
  );
  const path = `/api/v1/incidents/${anId('a')}/acknowledge`;
  assert.equal((await post(path, {}, { cookie })).status, 403);
  assert.equal((await post(path, {}, { ...page, cookie, origin: 'http://127.0.0.1:1' })).status, 403);
  assert.equal((await post(path, {}, { ...page, cookie })).status, 202);
  const [record] = await kafka.readUntil('commands', 1);
  const decoded = commandsTopic.decode(record as Parameters<typeof commandsTopic.decode>[0]);
  assert.equal((decoded as { readonly value: Command }).value.actor, 'kim');
  assert.equal((await console.ask('GET', '/api/v1/incidents', undefined, { cookie })).status, 200);
  const out = await fetch(`${console.url}/api/v1/session`, { method: 'DELETE', headers: { ...page, cookie } });
  assert.match(out.headers.get('set-cookie') ?? '', /^foghorn_session=;/u);
  const nobody = await console.ask('GET', '/api/v1/session', undefined, { cookie: 'foghorn_session=' });
  assert.deepEqual(nobody.body, { rights: [], logIn: 'token' });
});

test('what people type finds what the parameters find, and names what it does not understand', async (t) => {
  const corner = await start(t);
  await fill(corner);
  const { kafka, console } = corner;
  const sorted = { sort: 'host' };
  const typed = async (q: string): Promise<string> => await found(corner, { ...sorted, q });
  assert.equal(await typed('state:open host:media*'), 'ab');
  assert.equal(await typed('-state:resolved -host:media* port:80'), 'f');
  assert.equal(await typed('port:8080 severity:critical,error'), 'de');
  assert.equal(await typed('age:<5m'), 'b');
  assert.equal(await typed('age:1h..4h -state:resolved'), 'dac');
  assert.equal(await typed('age:>1d'), 'f');
  assert.equal(await typed('is:snoozed'), 'f');
  assert.equal(await typed(`resolved:>=${new Date(NOW_MS - 2 * HOUR_MS).toISOString()}`), 'e');
  assert.equal(await typed(`resolved:>${new Date(NOW_MS).toISOString()}`), '');
  assert.equal(await typed('is:reopened events:>=12'), 'd');
  assert.equal(await typed('is:evidenced holder:*iis*'), 'ab');
  assert.equal(await typed('assignee:me'), 'c');
  assert.equal(await typed('assignee:nobody host:media*'), 'ab');
  assert.equal(await typed(`id:${anId('a')},${anId('e')}`), 'ea');
  assert.equal(await typed('eventId:309 -port:80'), 'de');
  assert.equal(await found(corner, { ...sorted, is: 'snoozed', eventId: '309' }), 'f');
  assert.equal(await found(corner, { sort: '-severity' }), 'dfaebc');
  assert.match(await typed('hots:a state:opne'), /hots:a: .*Did you mean host\?.*state:opne: .*Did you mean open\?/u);

  assert.equal(await typed('is:silenced'), '');
  const silence = {
    id: anId('s'),
    matchers: ['host=~"media0[12]"', 'port="80"'],
    author: 'kim',
    comment: 'works',
    startsAtMs: NOW_MS - HOUR_MS,
    endsAtMs: NOW_MS + HOUR_MS,
    revision: 1,
  };
  const delivery: ActivityEntry = {
    subject: 'delivery',
    id: anId('row'),
    atMs: NOW_MS,
    incidentId: anId('d'),
    episode: 3,
    revision: 1,
    type: 'notified',
    actor: 'system',
    reason: 'route default',
    host: 'edge01',
    ruleId: 'r',
    severity: 'error',
    receiver: 'ops',
    group: { id: anId('group'), episode: 1, revision: 1 },
  };
  const entry: ActivityEntry = {
    subject: 'silence',
    id: anId('silence row'),
    atMs: NOW_MS,
    type: 'silence_created',
    actor: 'kim',
    reason: 'works',
    silence,
  };
  await kafka.producer.send([entry, delivery].map(encodeActivityEntry));
  await until('the entries are indexed', async () => {
    return (await corner.corner.count({ match_all: {} }, corner.corner.names.actions)) === 2;
  });
  assert.equal(await typed('is:silenced'), 'ab');
  assert.equal(await typed(`group:${anId('group')}`), 'd');
  const { body } = await console.ask('GET', `/api/v1/incidents?q=host:media*&sort=host`);
  assert.deepEqual(
    (body['incidents'] as readonly IncidentView[]).map(({ silencedBy }) => silencedBy),
    [[anId('s')], [anId('s')], undefined],
  );
  const shown = await console.ask('GET', `/api/v1/incidents/${anId('a')}`);
  assert.deepEqual((shown.body['incident'] as IncidentView).silencedBy, [anId('s')]);
});

function counts(facets: Facets, name: keyof Facets): Readonly<Record<string, number>> {
  return Object.fromEntries(facets[name].map(({ value, count }) => [value, count]));
}

test('all incidents that match are counted by facet and by group', async (t) => {
  const corner = await start(t);
  await fill(corner);
  const summary = async (query: string): Promise<IncidentSummary> =>
    (await corner.console.ask('GET', `/api/v1/incidents/summary?${query}`)).body as unknown as IncidentSummary;
  const { facets, groups, ...all } = await summary('state=open,acknowledged&by=rule,port,holder');
  assert.deepEqual(
    [all.total, all.open, all.acknowledged, all.resolved, all.hosts, all.new, all.groupsTotal],
    [5, 4, 1, 0, 5, 1, groups.length],
  );
  // The state counts under all conditions but its own.
  assert.deepEqual(counts(facets, 'state'), { open: 4, acknowledged: 1, resolved: 1 });
  assert.deepEqual(counts(facets, 'severity'), { error: 3, warning: 1, critical: 1 });
  assert.deepEqual(counts(facets, 'host'), { 'media*': 3, 'edge*': 1, printer: 1 });
  assert.deepEqual(counts(facets, 'port'), { 80: 4, 8080: 1 });
  assert.deepEqual(counts(facets, 'assignee'), { kim: 1, '': 4 });
  assert.deepEqual(counts(facets, 'age'), { '<1h': 1, '1h..4h': 3, '4h..1d': 0, '>=1d': 1 });
  const { snoozed, reopened, evidenced, silenced } = counts(facets, 'is');
  assert.deepEqual([snoozed, reopened, evidenced, silenced], [1, 1, 2, 0]);
  assert.equal(facets.rule[0]?.name, INCIDENTS[0]?.entity.ruleName);

  const [worst, ...others] = groups;
  assert.deepEqual([worst?.severity, worst?.key['port'], worst?.total], ['critical', 8080, 1]);
  const byEvidence = others.find(({ evidenced: count }) => count > 0);
  assert.ok(byEvidence !== undefined);
  assert.deepEqual(
    [byEvidence.total, byEvidence.open, byEvidence.hosts, byEvidence.new, byEvidence.unassigned, byEvidence.title],
    [2, 2, 2, 1, 2, INCIDENTS[0]?.entity.ruleName],
  );
  assert.deepEqual(
    byEvidence.recent.reduce((sum, count) => sum + count, 0),
    1,
  );
  assert.equal(byEvidence.firstSeen, new Date(NOW_MS - 2 * HOUR_MS).toISOString());
  assert.equal(byEvidence.lastSeen, new Date(NOW_MS - MINUTE_MS).toISOString());
  for (const { q, total } of groups) {
    const listed = await found(corner, { state: 'open,acknowledged', q: q ?? '' });
    assert.equal(listed.length, total, q);
  }
  const byDay = await summary('by=day');
  assert.equal(
    byDay.groups.reduce((sum, { total }) => sum + total, 0),
    INCIDENTS.length,
  );
  const byAssignee = await summary('by=assignee&groups=1&state=open,acknowledged');
  assert.deepEqual([byAssignee.groups.length, byAssignee.groupsTotal], [1, 2]);
  assert.deepEqual((await summary('')).groups, []);
  const wrong = await corner.console.ask('GET', '/api/v1/incidents/summary?by=colour');
  assert.deepEqual([wrong.status, wrong.body['code']], [400, 'invalid_query']);
});

test('nothing is counted, and nothing fails, while there is no incident at all', async (t) => {
  const { console } = await start(t);
  const { status, body } = await console.ask('GET', '/api/v1/incidents/summary?by=rule,port');
  assert.equal(status, 200);
  assert.deepEqual([body['total'], body['groups'], body['hosts']], [0, [], 0]);
  assert.deepEqual((body['facets'] as Facets).state, []);
  const events = await console.ask('GET', '/api/v1/events/recent');
  assert.deepEqual([events.status, events.body['events'], events.body['hosts']], [200, 0, 0]);
  assert.equal(events.body['lastReceived'], undefined);
  const ofIncident = await console.ask('GET', `/api/v1/incidents/events?id=${anId('a')}`);
  const zeros = Array.from({ length: 12 }, () => 0);
  assert.deepEqual([ofIncident.status, ofIncident.body], [200, { incidents: { [anId('a')]: zeros } }]);
});
