// Every log file at hand through `foghorn send` into Elasticsearch: as many events by provider and
// channel as another parser reads.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { sendCommand } from '../../services/cli/commands/send.ts';
import { dataFolder, NO_DATA, realXmlEvents } from '../support/data-folder.ts';
import { startFleet } from '../support/fleet.ts';
import { until } from '../support/until.ts';
import { skipWithout } from '../support/needs.ts';

const folder = dataFolder();
const skip = skipWithout('real-events', folder === undefined ? NO_DATA : undefined);
const CATCH_UP_MS = 120_000;

test('real log files', { skip }, async (t) => {
  const fleet = await startFleet(t);
  const root = join(folder ?? '', 'evtx');
  const files = readdirSync(root)
    .filter((name) => name.endsWith('.evtx'))
    .map((name) => join(root, name));
  const out: string[] = [];
  const io = { out: (line: string) => void out.push(line), err: () => undefined, isTerminal: false, signal: t.signal };
  const args = ['--url', fleet.eventsUrl, '--checkpoint', join(fleet.folder, 'checkpoint.json')];
  assert.equal(await sendCommand.run([...args, ...files], io), 0);

  // The same files as another build of the parser wrote them. Of a damaged file ours may read more,
  // where it finds its way again behind a hole.
  const damaged = new Set(out.filter((line) => line.includes('unreadable')).map((line) => line.split(': ')[0]));
  const expected = new Map<string, { readonly events: Set<string>; isDamaged: boolean }>();
  for (const { file, xml } of realXmlEvents(folder ?? '').filter(({ file }) => file.startsWith('evtx/'))) {
    const key = `${part(xml, NAMED_PROVIDER)} | ${part(xml, /<Channel>([^<]*)/u).trim()}`;
    const group = expected.get(key) ?? { events: new Set<string>(), isDamaged: false };
    group.events.add(IDENTITY.map((pattern) => part(xml, pattern)).join());
    group.isDamaged ||= damaged.has(basename(file));
    expected.set(key, group);
  }
  const { count } = fleet.elasticsearch;
  const total = [...expected.values()].reduce((sum, { events }) => sum + events.size, 0);
  await until('everything is indexed', async () => (await count({ match_all: {} })) >= total, CATCH_UP_MS);
  for (const [key, { events, isDamaged }] of expected) {
    const [provider, channel] = key.split(' | ');
    // Hollow records of damaged logs name neither.
    const of = (field: string, value = ''): object =>
      value === '' ? { bool: { must_not: { exists: { field } } } } : { term: { [field]: value } };
    const found = await count({ bool: { must: [of('event.provider', provider), of('winlog.channel', channel)] } });
    assert.ok(isDamaged ? found >= events.size : found === events.size, `${key}: ${found}, expected ${events.size}`);
  }
});

const NAMED_PROVIDER = /<Provider[^>]* Name="([^"]+)"/u;
const IDENTITY = [
  /<Computer>([^<]*)/u,
  /<EventID[^>]*>(\d+)/u,
  /<EventRecordID>(\d+)/u,
  /SystemTime="([^"]{23})/u,
] as const;

function part(text: string, pattern: RegExp): string {
  return pattern.exec(text)?.[1] ?? '';
}
