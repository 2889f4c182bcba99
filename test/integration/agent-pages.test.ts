// What the pages of agents show is what the agents take: their own checks of the configurations.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { AGENTS, DEBIAN_AGENTS } from '../agents/agents.ts';
import { fillWith } from '../agents/receivers.ts';
import { skipWithout } from '../support/needs.ts';

/** They have no configuration file. */
const UNCHECKED = new Set(['go-lumber', 'kcat']);
const withCheck = AGENTS.filter(({ name }) => !UNCHECKED.has(name));

for (const agent of withCheck) {
  const { name, find, configure } = agent;
  const found = find();
  const missing = 'missing' in found ? found.missing : undefined;
  test(`${name} takes its configuration from the page, and no broken one`, {
    skip: DEBIAN_AGENTS.includes(agent) ? skipWithout('agents', missing) : (missing ?? false),
  }, (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'foghorn-agent-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const check = (change: (text: string) => string) => {
      const fill = (text: string): string => change(fillWith(new Map())(text));
      const { command, checkArgs = [], env } = configure({ folder, file: join(folder, 'events.json'), fill });
      return spawnSync(command, checkArgs, { cwd: folder, env: { ...process.env, ...env }, encoding: 'utf8' });
    };
    const good = check((text) => text);
    assert.equal(good.status, 0, `${good.stdout}${good.stderr}`);
    assert.notEqual(
      check((text) =>
        text
          .replace('destination', 'destinatoin')
          .replace('type=', 'tipe=')
          .replace('hosts:', 'hosts: :')
          .replace('exporters:', 'exportres:'),
      ).status,
      0,
    );
  });
}
