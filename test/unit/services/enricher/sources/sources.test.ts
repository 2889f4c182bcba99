// The inventory with an injected clock and a Kafka that is an array.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { loadCatalogFolders } from '../../../../../shared/runtime/catalog-files.ts';
import { createEnrich } from '../../../../../services/enricher/enrich.ts';
import { declareEnricherMetrics } from '../../../../../services/enricher/metrics.ts';
import { type SourcesSettings, sourcesSettings } from '../../../../../services/enricher/sources/settings.ts';
import { Sources } from '../../../../../services/enricher/sources/sources.ts';
import type { Alert } from '../../../../../shared/contracts/enriched-event.ts';
import type { Clearing } from '../../../../../shared/contracts/incident.ts';
import type { RawEvent } from '../../../../../shared/contracts/raw-event.ts';
import type { OutRecord } from '../../../../../shared/contracts/record.ts';
import { type Source, sourceIdOf } from '../../../../../shared/contracts/source.ts';
import { Unavailable } from '../../../../../shared/runtime/errors.ts';
import { createRegistry } from '../../../../../shared/runtime/metrics.ts';
import { quietLog } from '../../../../support/log.ts';

const catalog = await loadCatalogFolders([]);
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const PARTITIONS = 6;
const ALL = [0, 1, 2, 3, 4, 5];

interface Options {
  readonly settings?: Partial<SourcesSettings>;
  /** What an earlier process left. */
  readonly left?: readonly Source[];
  readonly startMs?: number;
}

/** An enricher's sources in a world whose time passes as the test says. */
function world(t: TestContext, { settings = {}, left = [], startMs = Date.UTC(2026, 10, 30, 8) }: Options = {}) {
  let nowMs = startMs;
  let written = 0n;
  let isAway = false;
  let partitions = PARTITIONS;
  const waiting = new Map(ALL.map((partition) => [partition, 0]));
  const sent: OutRecord[] = [];
  const registry = createRegistry('test');
  const sources = new Sources({
    settings: { ...sourcesSettings.parse({}), snapshotMs: MINUTE, ...settings },
    producer: {
      send: async (records) => {
        await Promise.resolve();
        if (isAway) throw new Unavailable('Kafka', 'away');
        sent.push(...records);
        return [];
      },
    },
    log: quietLog,
    metrics: declareEnricherMetrics(registry),
    catalog,
    now: () => nowMs,
    readSnapshots: async (own) => await Promise.resolve(left.filter(({ partition }) => own.has(partition))),
  });
  const enrich = createEnrich({
    catalog,
    now: () => nowMs,
    keepOriginal: false,
    maxDocumentBytes: 1_000_000,
    onEvent: sources.onEvent,
  });
  t.after(async () => await sources.stop(AbortSignal.timeout(1000)));
  let record = 0;
  const send = (
    host: string,
    { channel = 'Security', leadMs = 0, partition = 0, agent = 'winlogbeat/8.19.0' } = {},
  ) => {
    record += 1;
    const raw: RawEvent = {
      bytes: Buffer.from(eventXml(host, channel, { record, atMs: nowMs + leadMs })),
      encoding: 'utf-8',
      format: 'xml',
      input: 'lumberjack',
      sender: 'agent-1',
      agent,
      receivedAtMs: nowMs,
    };
    assert.equal(enrich(raw).kind, 'emit');
    written += 1n;
    sources.onCommitted([raw], partition);
  };
  const settled = async (): Promise<void> => await new Promise((resolve) => setImmediate(resolve));
  const read = (topic: OutRecord['topic']): readonly unknown[] =>
    sent.flatMap((each) => (each.topic === topic && each.value !== null ? [JSON.parse(String(each.value))] : []));
  const inAlerts = (): readonly (Alert | Clearing)[] => read('alerts') as readonly (Alert | Clearing)[];
  return {
    sources,
    sent,
    registry,
    send,
    waiting,
    settled,
    setAway: (away: boolean) => {
      isAway = away;
    },
    setPartitions: (count: number) => {
      partitions = count;
    },
    /** Time passes; the hosts send every 15 s, before each look. */
    run: async (ms: number, hosts: readonly string[] = []) => {
      for (let passed = 0; passed < ms; passed += 15 * SECOND) {
        nowMs += 15 * SECOND;
        for (const host of hosts) send(host);
        if (!isAway) sources.onLook({ atMs: nowMs, written, partitions, waiting });
        await settled();
      }
    },
    assign: async (own: readonly number[] = ALL) => {
      sources.onAssigned(own);
      sources.onLook({ atMs: nowMs, written, partitions, waiting });
      await settled();
    },
    alerts: () => inAlerts().filter((one): one is Alert => !('kind' in one)),
    clearings: (rule = 'source-silent') =>
      inAlerts().filter((one): one is Clearing => 'kind' in one && one.kind === 'clearing' && one.ruleId === rule),
    /** The latest snapshots by id. */
    snapshots: () => new Map((read('sources') as readonly Source[]).map((source) => [source.id, source])),
    now: () => nowMs,
  };
}

function eventXml(host: string, channel: string, { record, atMs }: { record: number; atMs: number }): string {
  return `<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name="Test"/><EventID>1</EventID><TimeCreated SystemTime="${new Date(atMs).toISOString()}"/><EventRecordID>${record}</EventRecordID><Channel>${channel}</Channel><Computer>${host}</Computer></System></Event>`;
}

const LIMIT = { limits: [{ hosts: ['*'], channels: ['*'], silentAfterMs: 5 * MINUTE }] };

function hosts(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `host${index}`);
}

test('of 50 sources ten stop: ten alerts in one look, with a remedy each; the first event of each clears it', async (t) => {
  const all = hosts(50);
  const { assign, run, send, alerts, clearings, snapshots, settled } = world(t, { settings: LIMIT });
  await assign();
  await run(10 * MINUTE, all);
  assert.deepEqual(alerts(), []);
  await run(4 * MINUTE, all.slice(10));
  assert.deepEqual(alerts(), []);
  await run(2 * MINUTE, all.slice(10));
  assert.equal(alerts().length, 10);
  const [first] = alerts();
  assert.equal(first?.match.ruleId, 'source-silent');
  assert.equal(first.match.params['channel'], 'Security');
  assert.equal(first.match.params['agent'], 'winlogbeat');
  assert.match(String(first.document['message']), /^The channel Security of host0 has sent no event since 2026-/u);
  assert.match(first.match.remediation.title, /Security/u);
  const silent = snapshots().get(sourceIdOf('host3', 'Security'));
  assert.ok(silent?.silentSinceMs !== undefined && silent.silentSinceMs === silent.lastSeenMs);
  await run(60 * MINUTE, all.slice(10));
  assert.equal(alerts().length, 10);
  assert.equal(clearings().length, 0);
  for (const host of all.slice(0, 10)) send(host.toUpperCase());
  await settled();
  assert.deepEqual(
    clearings().map(({ incidentId }) => incidentId),
    alerts().map(({ incidentId }) => incidentId),
  );
  assert.equal(clearings()[0]?.clock, 'foghorn');
  assert.equal(snapshots().get(sourceIdOf('host3', 'Security'))?.silentSinceMs, undefined);
});

test('when everything stops, no source is silent, and the input is: once', async (t) => {
  const { assign, run, alerts, clearings } = world(t, { settings: LIMIT });
  await assign();
  await run(10 * MINUTE, hosts(5));
  await run(60 * MINUTE);
  assert.deepEqual(
    alerts().map(({ match }) => match.ruleId),
    ['input-silent'],
  );
  const before = clearings('input-silent').length;
  await run(15 * SECOND, ['host0']);
  assert.equal(clearings('input-silent').length, before + 1);
  await run(4 * MINUTE, ['host0']);
  assert.equal(alerts().length, 1, 'the others have time to come back');
  await run(10 * MINUTE, ['host0']);
  assert.equal(alerts().length, 5);
});

test('where all pause now and then, who sends first is not silent for the pause', async (t) => {
  const settings = { ...LIMIT, outageMs: 60 * MINUTE };
  const { assign, run, alerts } = world(t, { settings });
  await assign();
  await run(10 * MINUTE, hosts(3));
  await run(20 * MINUTE);
  await run(30 * SECOND, hosts(2));
  assert.deepEqual(
    alerts().map(({ document }) => (document['host'] as { readonly name: string }).name),
    ['host2'],
  );
});

test('a partition in which records wait shows no silence', async (t) => {
  const { assign, run, alerts, waiting } = world(t, { settings: LIMIT });
  await assign();
  await run(10 * MINUTE, hosts(2));
  waiting.set(0, 1);
  await run(30 * MINUTE, ['host1']);
  assert.deepEqual(alerts(), []);
  waiting.set(0, 0);
  await run(15 * SECOND, ['host1']);
  assert.equal(alerts().length, 1);
});

test('Kafka away for an hour alarms nobody, and what was to be written comes later', async (t) => {
  const { assign, run, alerts, setAway, snapshots } = world(t, { settings: LIMIT });
  await assign();
  await run(10 * MINUTE, hosts(3));
  setAway(true);
  await run(60 * MINUTE);
  setAway(false);
  await run(4 * MINUTE, ['host0']);
  await run(4 * MINUTE, hosts(3));
  assert.deepEqual(alerts(), []);
  assert.equal(snapshots().size, 3);
});

test('a restart goes on from the snapshots: counts, first sight, silence; nobody is alarmed by it', async (t) => {
  const first = world(t, { settings: LIMIT });
  await first.assign();
  await first.run(10 * MINUTE, hosts(3));
  await first.run(10 * MINUTE, hosts(2));
  assert.equal(first.alerts().length, 1);
  await first.sources.stop(AbortSignal.timeout(1000));
  const left = [...first.snapshots().values()];
  const before = first.snapshots().get(sourceIdOf('host0', 'Security'));
  assert.equal(before?.events, 80);
  const second = world(t, { settings: LIMIT, left, startMs: first.now() + 60 * MINUTE });
  await second.assign();
  await second.run(4 * MINUTE, ['host0']);
  await second.run(4 * MINUTE, hosts(2));
  assert.deepEqual(second.alerts(), []);
  second.send('host2');
  await second.settled();
  assert.equal(second.clearings().length, 1);
  const after = second.snapshots().get(sourceIdOf('host0', 'Security'));
  assert.equal(after?.firstSeenMs, before.firstSeenMs);
  assert.ok(after.events > before.events && after.updatedAtMs > before.updatedAtMs);
});

test('events that come before the snapshots are read are counted after them', async (t) => {
  const id = sourceIdOf('host0', 'Security');
  const first = world(t);
  await first.assign();
  await first.run(MINUTE, ['host0']);
  await first.sources.stop(AbortSignal.timeout(1000));
  const second = world(t, { left: [...first.snapshots().values()], startMs: first.now() });
  second.sources.onAssigned(ALL);
  second.send('host0');
  await second.settled();
  await second.run(2 * MINUTE);
  assert.equal(second.snapshots().get(id)?.events, 5);
});

test('partitions that go to another process are checked there alone', async (t) => {
  const { assign, run, send, alerts, sources, snapshots } = world(t, { settings: LIMIT });
  await assign();
  send('moved', { partition: 3 });
  await run(MINUTE, ['host0']);
  sources.onRebalancing();
  await assign([0, 1, 2]);
  await run(30 * MINUTE, ['host0']);
  assert.deepEqual(alerts(), []);
  assert.equal(snapshots().get(sourceIdOf('moved', 'Security'))?.events, 1);
});

test('after partitions were added a source is checked again when it was seen', async (t) => {
  const { assign, run, alerts, setPartitions } = world(t, { settings: LIMIT });
  await assign();
  await run(10 * MINUTE, hosts(2));
  setPartitions(12);
  await run(30 * MINUTE, ['host0']);
  assert.deepEqual(alerts(), []);
});

test('a clock that is off for long is one incident of the host; the first right events clear it', async (t) => {
  const { assign, run, send, alerts, clearings } = world(t);
  await assign();
  for (let count = 0; count < 80; count += 1) {
    send('host0', { leadMs: 10 * MINUTE });
    send('host0', { leadMs: 10 * MINUTE, channel: 'System' });
    await run(15 * SECOND);
    assert.equal(alerts().length > 0, count >= 59, `after ${count}`);
  }
  assert.deepEqual([...new Set(alerts().map(({ match }) => match.ruleId))], ['source-clock-off']);
  assert.equal(new Set(alerts().map(({ incidentId }) => incidentId)).size, 1);
  await run(40 * MINUTE, ['host0']);
  assert.equal(clearings('source-clock-off')[0]?.incidentId, alerts()[0]?.incidentId);
});

test('events that come late for long are an incident; a delivery that catches up in time is none', async (t) => {
  const { assign, run, send, alerts, clearings } = world(t);
  await assign();
  for (let count = 0; count < 40; count += 1) {
    send('quick', { leadMs: -120 * MINUTE + count * 4 * MINUTE > 0 ? 0 : -120 * MINUTE + count * 4 * MINUTE });
    await run(15 * SECOND);
  }
  assert.deepEqual(alerts(), []);
  for (let count = 0; count < 80; count += 1) {
    send('slow', { leadMs: -300 * MINUTE + count * MINUTE });
    await run(15 * SECOND);
  }
  assert.deepEqual([...new Set(alerts().map(({ match }) => match.ruleId))], ['source-late']);
  await run(40 * MINUTE, ['slow']);
  assert.equal(clearings('source-late').length > 0, true);
});

test('beyond the bound those go that are not checked and were seen longest ago; each is taken from the topic', async (t) => {
  const { assign, run, send, sent, registry, settled } = world(t, {
    settings: { max: 100, limits: [{ hosts: ['srv*'], channels: ['*'], silentAfterMs: 5 * MINUTE }] },
  });
  await assign();
  send('srv1');
  await run(15 * SECOND);
  for (let index = 0; index < 1000; index += 1) send(`invented${index}`);
  await settled();
  await run(MINUTE);
  const removed = sent.filter(({ topic, value }) => topic === 'sources' && value === null).map(({ key }) => key);
  assert.ok(removed.length >= 900 && !removed.includes(sourceIdOf('srv1', 'Security')), `${removed.length}`);
  const text = await registry.metrics();
  const held = Number(/foghorn_sources\{state="ok".*\} (\d+)/u.exec(text)?.[1]);
  assert.ok(held <= 100, `${held}`);
});

test('a source that was not seen for long is dropped: a last snapshot, then none', async (t) => {
  const { assign, run, sent } = world(t, { settings: { dropAfterMs: 60 * MINUTE } });
  await assign();
  await run(MINUTE, ['host0']);
  await run(61 * MINUTE, ['host1']);
  const own = sent.filter(({ topic, key }) => topic === 'sources' && key === sourceIdOf('host0', 'Security'));
  assert.equal(own.at(-1)?.value, null);
  assert.equal((JSON.parse(String(own.at(-2)?.value)) as Source).isDropped, true);
});

test('who sends it: agent and version, input, sender, lag', async (t) => {
  const { assign, run, send, snapshots } = world(t);
  await assign();
  send('host0', { leadMs: -3000, agent: 'nxlog-agent/6.1 (windows)' });
  await run(MINUTE);
  const source = snapshots().get(sourceIdOf('HOST0', 'security'));
  assert.deepEqual(source?.agent, { name: 'nxlog-agent', version: '6.1' });
  assert.equal(source.input, 'lumberjack');
  assert.equal(source.sender, 'agent-1');
  assert.equal(source.lagMs, 3000);
  assert.equal(source.watch, 'learning');
});
