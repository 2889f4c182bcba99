// Real agents, none of them written here, with the configurations of their pages: the collectors
// are killed and Kafka hangs, and each event arrives once.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { DEBIAN_AGENTS, faultsOf, lostIn, QUICK_AGENTS } from '../agents/agents.ts';
import { runTrial } from '../agents/trial.ts';
import { skipHere, skipWithout } from '../support/needs.ts';
import { startOwnServers } from '../support/own-servers.ts';

const agents = QUICK_AGENTS.filter((agent) => 'version' in agent.find());
const missing = DEBIAN_AGENTS.map((agent) => agent.find()).find((found) => 'missing' in found);
const skip = skipWithout('agents', missing !== undefined && 'missing' in missing ? missing.missing : undefined);

test('agents ship 10,000 events each while the collectors are killed and Kafka hangs for 30 s [16 Show 1]', {
  skip,
}, async (t) => {
  const servers = await startOwnServers(t, ['kafka']);
  if (typeof servers === 'string') return skipHere(t, 'servers', servers);
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-agents-'));
  // Hooks run in the order they were added: this one comes behind those of the trial.
  t.after(() => t.after(() => rmSync(folder, { recursive: true, force: true })));
  const say = (line: string): void => t.diagnostic(line);
  const options = { events: 10_000, awayMs: 30_000, kafka: servers.kafka, folder, say };
  const outcomes = await runTrial(t, { agents, ...options });
  for (const { agent, arrived, lost, repeats } of outcomes)
    t.diagnostic(`${agent.name}: ${arrived} of 10,000 arrived, ${lostIn(lost)} lost, ${repeats} came again`);
  const faults = outcomes.map((outcome) => [outcome.agent.name, faultsOf(outcome)] as const);
  assert.deepEqual(
    faults.filter(([, found]) => found.length > 0),
    [],
  );
});
