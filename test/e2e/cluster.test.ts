// Three brokers, three nodes of Elasticsearch and two of each service: the leader, the master and
// one of each service fail in turn while events come in. `npm run cluster` does more.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SHORT } from '../cluster/faults.ts';
import { runRound } from '../cluster/rounds.ts';
import { startClusterServers } from '../cluster/servers.ts';
import { skipHere } from '../support/needs.ts';

const EVENTS_PER_SECOND = 60;

test('a cluster whose leader, master and services fail: every event once, every fault notified once', async (t) => {
  const servers = await startClusterServers(t);
  if (typeof servers === 'string') {
    skipHere(t, 'servers', servers);
    return;
  }
  const options = { fleet: 'cluster', eventsPerSecond: EVENTS_PER_SECOND, faults: SHORT };
  const { incidents, faults } = await runRound(t, servers, { ...options, say: (line) => t.diagnostic(line) });
  assert.ok(incidents > 0);
  assert.deepEqual(faults, []);
});
