// `foghorn catalog`: an event log file is tried like any other file of events, an entry is shown in
// full, and an import says what it did.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { UsageError } from '../../../../services/cli/command.ts';
import { catalogCommand } from '../../../../services/cli/commands/catalog.ts';
import { packagePath } from '../../../../shared/runtime/package-root.ts';

async function run(...args: readonly string[]) {
  const lines: string[] = [];
  const code = await runInto(lines, args);
  return { code, lines, text: lines.join('\n') };
}

async function runInto(lines: string[], args: readonly string[]): Promise<number> {
  const take = (line: string): void => void lines.push(line);
  return await catalogCommand.run(args, {
    out: take,
    err: take,
    isTerminal: false,
    signal: new AbortController().signal,
  });
}

function folder(t: TestContext): string {
  const made = mkdtempSync(join(tmpdir(), 'foghorn-catalog-'));
  t.after(() => {
    rmSync(made, { recursive: true });
  });
  return made;
}

test('test reads the records of an event log file, and shows the values of each kind without an entry', async () => {
  const { lines } = await run('test', packagePath('test', 'data', 'evtx', 'hello-for-business.evtx'));
  const heads = lines.filter((line) => /^\d/u.test(line));
  assert.equal(heads.length, 6);
  const unknown = heads.filter((line) => /Microsoft-Windows-HelloForBusiness \d+ on .+: no entry/u.test(line));
  assert.equal(unknown.length, 5);
  const shown = heads.filter((head) => lines[lines.indexOf(head) + 1]?.startsWith('   '));
  assert.deepEqual(
    shown.map((head) => head.split(' ')[3]),
    ['7054', '8025'],
    'the others have no values',
  );
});

test('test shows what a parameter can take of the first event of a kind without an entry: by place, by name, from the text', async (t) => {
  const file = join(folder(t), 'event.json');
  const data = { param1: '80', QueryName: 'wpad', param2: 'x'.repeat(300) };
  const winlog = { provider_name: 'FerrySrv', event_id: 7, computer_name: 'pier1', event_data: data };
  const event = { winlog, message: 'It is late.' };
  const again = { ...event, winlog: { ...winlog, event_data: { param1: '81' } } };
  writeFileSync(file, JSON.stringify([event, again]));
  const { text } = await run('test', file);
  assert.equal(text.match(/FerrySrv 7 on pier1: no entry$/gmu)?.length, 2);
  assert.match(text, /^ {3}insert: 1 has 80$/mu);
  assert.doesNotMatch(text, /has 81/u);
  assert.match(text, /^ {3}dataNames: \[QueryName\] has wpad$/mu);
  assert.match(text, /^ {3}insert: 2 has x+…$/mu);
  assert.match(text, /^ {3}message It is late\.$/mu);
});

test('lint says so where a short message would cut a list of steps anywhere, and names the entry [issue 17 §2]', async (t) => {
  assert.match((await run('lint')).text, /^\d+ entries, no problem\.$/u);
  const into = folder(t);
  const steps = [1, 2, 3, 4].map((number) => ({ text: `Step ${number}.` }));
  const entry = {
    id: 'ferry-1',
    version: 1,
    name: 'The ferry is late',
    provider: { name: 'FerrySrv' },
    eventIds: [1],
    class: 'late',
    severity: 'info',
    title: 'The ferry is late',
    summary: 'It is late.',
    verification: steps,
    source: { title: 'Runbook', publisher: 'The harbour' },
    reviewed: '2026-11-30',
  };
  // Every JSON text is YAML.
  writeFileSync(join(into, 'ferry.yaml'), JSON.stringify(entry));
  const { code, text } = await run('lint', '--folder', `${into}/`);
  assert.equal(code, 0);
  assert.match(text, /^warning: ferry-1: verification: a short message shows the first 3 of 4 steps/mu);
  assert.match(text, /^\d+ entries, 1 warning\.$/mu);
  writeFileSync(join(into, 'other.yaml'), JSON.stringify({ ...entry, id: 'ferry-2', severity: 'grave' }));
  const said: string[] = [];
  await assert.rejects(runInto(said, ['lint', '--folder', into]), /other\.yaml:1 severity: /u);
  assert.match(said.join('\n'), /^warning: ferry-1: verification/u, 'what can be read is checked all the same');
  const empty = await run('lint', '--folder', folder(t));
  assert.match(empty.text, /^warning: \S+ has no file that ends with \.yaml or \.yml/mu);
});

test('show prints all of an entry', async () => {
  const { text } = await run('show', 'wmserver-309-port-in-use');
  for (const part of [
    'cannot bind to TCP port %1',
    'also Windows Media Services',
    'port (port): The TCP port',
    'from %1, Port, the text behind “bind to TCP port”',
    'goes to server.port',
    'network.transport = tcp',
    'no real capture of it is public',
  ])
    assert.ok(text.includes(part), part);
  assert.match((await run('show', 'scm-7023-address-in-use')).text, /Only if\n {2}- .*/u);
});

test('import writes a draft for each article, and takes the provider that a list does not name', async (t) => {
  const list = packagePath('test', 'data', 'articles', '15-list.txt');
  const out = folder(t);
  assert.equal((await run('import', list, '--out', out)).code, 1);
  const { code, text } = await run('import', list, '--source', 'FerrySrv', '--out', out);
  assert.equal(code, 0);
  assert.match(text, /not read: Last reviewed/u);
  assert.deepEqual(readdirSync(out).sort(), ['ferrysrv-4715.yaml', 'ferrysrv-4716.yaml']);
  await assert.rejects(run('import', list, '--source', 'FerrySrv'), UsageError);
  const again = await run('import', list, '--source', 'FerrySrv', '--out', out);
  assert.equal(again.code, 1);
  assert.match(again.text, /ferrysrv-4715\.yaml exists and was left as it is/u);
  assert.equal((await run('import', list, '--source', 'FerrySrv', '--out', join(out, 'new', 'folder'))).code, 0);
});

test('import names the switch for a source that the page does not name, and says when a page names its own [14 §6]', async (t) => {
  const article = (name: string): string => packagePath('test', 'data', 'articles', name);
  const list = await run('import', article('15-list.txt'), '--out', folder(t));
  assert.match(list.text, /lacks a source\. Nothing is guessed\. Give the source with --source NAME/u);
  const named = await run('import', article('01-labels.txt'), '--source', 'Tugboat');
  assert.equal(named.code, 0);
  assert.match(named.text, /not read: the source given, Tugboat: the article names FerrySrv itself/u);
});

test('import reads UTF-16 and saved HTML, and refuses what is no text [14 §6]', async (t) => {
  const into = folder(t);
  const file = (name: string, bytes: Buffer): string => {
    writeFileSync(join(into, name), bytes);
    return join(into, name);
  };
  const labels = readFileSync(packagePath('test', 'data', 'articles', '01-labels.txt'), 'utf8');
  const utf16 = await run('import', file('little.txt', Buffer.from(`\uFEFF${labels}`, 'utf16le')));
  assert.match(utf16.text, /^id: ferrysrv-4701$/mu);
  const html = await run('import', packagePath('test', 'data', 'articles', 'msdn-classic.html'));
  assert.match(html.text, /^id: ferrysrv-4731$/mu);
  assert.match(html.text, /^not read: foot of the page: Terms of Use/mu);
  const pdf = await run('import', file('article.pdf', Buffer.from('%PDF-1.7\n')));
  assert.deepEqual([pdf.code, pdf.lines.length], [1, 1]);
  assert.match(pdf.text, /^No draft: the file is a PDF; save the page as/u);
});
