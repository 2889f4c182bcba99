// What the pages of agents show is what the agents take: their own checks of the configurations.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { DEBIAN_AGENTS } from '../agents/agents.ts';
import { fillWith } from '../agents/receivers.ts';
import { skipWithout } from '../support/needs.ts';

for (const { name, find, configure } of DEBIAN_AGENTS) {
  const found = find();
  test(`${name} takes its configuration from the page, and no broken one`, {
    skip: skipWithout('agents', 'missing' in found ? found.missing : undefined),
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
    assert.notEqual(check((text) => text.replace('destination', 'destinatoin').replace('type=', 'tipe=')).status, 0);
  });
}
