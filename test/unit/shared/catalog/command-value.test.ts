// Commands to paste: the event's values must not choose what a command does, or to whom it leads.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { renderRemediation } from '../../../../shared/catalog/render.ts';
import type { Remediation } from '../../../../shared/contracts/remediation.ts';
import { packagePath } from '../../../../shared/runtime/package-root.ts';
import { catalogOf, entryText, errorsOf } from './entry-text.ts';

const folder = packagePath('shared/catalog/entries');
const { entries } = catalogOf(...readdirSync(folder).map((name) => readFileSync(`${folder}/${name}`, 'utf8')));

function commandsOf({ causes, options, verification }: Remediation): readonly string[] {
  const steps = [...options.flatMap((option) => option.steps), ...verification];
  return [...causes, ...steps].flatMap(({ command }) => (command === undefined ? [] : [command]));
}

const LEADS_AWAY = [
  String.raw`\\evil.example\share`,
  String.raw`\\evil.example@80\share\x.log`,
  '//evil.example/share',
  String.raw`\/evil.example\share`,
  String.raw`/\evil.example\share`,
  String.raw`\\?\UNC\evil.example\share`,
  String.raw`\\.\UNC\evil.example\share`,
  String.raw`\\.\pipe\x`,
  String.raw`\??\UNC\evil.example\share`,
  String.raw` \\evil.example\share`,
  String.raw`C:\\evil`,
  String.raw`file:\\evil.example\share`,
  'file://evil.example/share',
];
const BREAKS_OUT = [
  'C:\\a" & calc & "',
  "C:\\a' ; calc ; '",
  'C:\\a`$(calc)',
  'C:\\$(calc)',
  'C:\\$env:PATH',
  'C:\\%PATH%',
  'C:\\!PATH!',
  'C:\\a^b',
  'C:\\a&calc',
  'C:\\a|calc',
  'C:\\a>b',
  'C:\\a;calc',
  'C:\\a\u201D; calc; \u201C',
  'C:\\a\u2019; calc; \u2018',
  'C:\\a\u201E; calc',
  'C:\\a\u02BA & calc',
  'C:\\a\uFF02 & calc',
  '-x',
  '/reset',
  '@file',
  '..\\..\\Windows',
  'C:\\Logs\\..\\Windows\\System32',
  'C:\\Logs\\.\\x',
];

for (const value of [...LEADS_AWAY, ...BREAKS_OUT])
  test(`no command of any entry takes ${JSON.stringify(value)} from an event [security M9]`, () => {
    for (const entry of entries) {
      const params = Object.fromEntries(entry.parameters.map(({ name }) => [name, value]));
      const remediation = renderRemediation(entry, params, value);
      const known = new Set(commandsOf(renderRemediation(entry, {}, 'the host')));
      for (const command of commandsOf(remediation)) assert.ok(known.has(command), `${entry.id}: ${command}`);
    }
  });

test('no value brings a second line into a command [security M9]', () => {
  for (const value of ['C:\\a\ncalc', 'C:\\a\r\ncalc', 'C:\\a\u2028calc', 'C:\\a\u0085calc', 'C:\\a\u0000calc'])
    for (const entry of entries) {
      const params = Object.fromEntries(entry.parameters.map(({ name }) => [name, value]));
      for (const command of commandsOf(renderRemediation(entry, params, value)))
        assert.doesNotMatch(command, /[\p{Cc}\p{Zl}\p{Zp}]/u);
    }
});

const entry310 = entries.find(({ id }) => id.startsWith('wmserver-310')) ?? assert.fail();
const shown310 = (path: string) => {
  const { causes, options } = renderRemediation(entry310, { folder: path }, 'media01');
  const grant = options.flatMap(({ steps }) => steps).find(({ undo }) => undo !== undefined) ?? assert.fail();
  return { look: causes.find(({ command }) => command?.startsWith('icacls')) ?? assert.fail(), grant };
};

test('no character that nobody sees stands in a command, or makes a value of its own [security M9]', () => {
  for (const code of [0x34f, 0x115f, 0x1160, 0x17b4, 0x180b, 0x200b, 0x2065, 0x3164, 0xfe0f, 0xffa0, 0xe0100]) {
    const unseen = String.fromCodePoint(code);
    for (const entry of entries) {
      const valued = (value: string): readonly string[] =>
        commandsOf(
          renderRemediation(entry, Object.fromEntries(entry.parameters.map(({ name }) => [name, value])), value),
        );
      assert.ok(!valued(`Spooler${unseen}`).join('').includes(unseen), `U+${code.toString(16)} in ${entry.id}`);
      assert.deepEqual(valued(`Spooler${unseen}`), valued('Spooler'));
    }
  }
});

test('a folder on a drive stands in the commands of entry 310, its undo included [security L15]', () => {
  const { look, grant } = shown310('D:\\Logs\\My streams (old)');
  assert.equal(look.command, 'icacls "D:\\Logs\\My streams (old)"');
  assert.equal(grant.command, 'icacls "D:\\Logs\\My streams (old)" /grant *S-1-5-20:(OI)(CI)M');
  assert.match(grant.undo ?? '', /^icacls "D:\\Logs\\My streams \(old\)" \/remove:g \*S-1-5-20, which/u);
  assert.doesNotMatch(grant.text, /<folder>/u);
});

test('a folder that is not known or on another computer is a mark in command and undo, and the step says so [security L15]', () => {
  for (const [path, why] of [
    ['', /For <folder> put in /u],
    ['\\\\evil.example\\share', /For <folder> put in .*: the value in the event leads to another computer/u],
  ] as const) {
    const { look, grant } = shown310(path);
    assert.equal(grant.command, 'icacls "<folder>" /grant *S-1-5-20:(OI)(CI)M');
    assert.match(grant.undo ?? '', /^icacls "<folder>" \/remove:g /u);
    assert.match(grant.text, why);
    assert.equal(look.command, 'icacls "<folder>"');
    assert.match(look.check ?? '', why);
  }
});

for (const path of [
  'C:\\',
  'C:',
  'c:\\windows',
  'C:\\Windows\\System32',
  'C:/Windows/System32',
  'D:\\WINNT\\system32',
  'C:\\Windows\\System32\\LogFiles',
  'C:\\Windows\\System32\\LogFiles\\..\\drivers',
  'C:\\Windows.\\System32',
  'C:\\Windows \\System32',
  'C:\\WINDOW~1\\System32',
  'C:\\PROGRA~1\\x',
  'C:\\Program Files',
  'C:\\Program Files (x86)\\App',
  'C:\\ProgramData',
  'C:\\ProgramData\\Microsoft\\x',
  'C:\\ProgramData\\ssh',
  'C:\\Users\\Administrator',
  'C:\\Documents and Settings\\x',
  'C:\\\uFF37indows\\System32',
])
  test(`rights on ${path} are given away by no command [security M9]`, () => {
    const { grant } = shown310(path);
    assert.equal(grant.command, 'icacls "<folder>" /grant *S-1-5-20:(OI)(CI)M');
    assert.match(grant.undo ?? '', /^icacls "<folder>"/u);
  });

test('what only looks may look into a folder of the system, and rights on the folder of its logs may be given [security M9]', () => {
  assert.equal(shown310('C:\\Windows\\Temp').look.command, 'icacls "C:\\Windows\\Temp"');
  const logs = 'C:\\Windows\\System32\\LogFiles\\WMS\\[Global]'.replace('[Global]', 'Global');
  assert.match(shown310(logs).grant.command ?? '', /LogFiles\\WMS\\Global" \/grant/u);
});

test('the root of a drive does not take the quotation mark behind it along [security M9]', () => {
  const text = entryText({ remediation: '[]', verification: `[{ text: x, command: 'icacls "{file}"' }]` });
  const [entry = assert.fail()] = catalogOf(text).entries;
  assert.equal(renderRemediation(entry, { file: 'D:\\' }, 'h').verification[0]?.command, 'icacls "D:\\\\"');
});

const ownCommand = (command: string): string =>
  entryText({ remediation: '[]', verification: `\n  - text: x\n    command: '${command.replaceAll("'", "''")}'` });

for (const command of [
  'ping {host}',
  'type {file}',
  "type '{file}'",
  'type "a" {file} "b"',
  'Test-Connection $({host})',
  'type "{file}',
  'dir "\\\\{host}\\c$"',
  'dir "//{host}/c"',
  'dir "\\\\srv-{host}\\c$"',
  'start "file://{host}/c"',
  'copy /y "x" "\\\\{host}@80\\c"',
])
  test(`refused: an entry whose command is ${command} [security M9]`, () => {
    const errors = errorsOf(ownCommand(command));
    assert.deepEqual(
      errors.map(({ path }) => path),
      ['verification[0].command'],
    );
    assert.match(errors[0]?.message ?? '', /double quotation marks|another computer/u);
  });

test('a number needs no quotation marks, and a host or a path in them is taken [security M9]', () => {
  for (const command of [
    'netstat {port}',
    'ping "{host}"',
    'type "C:\\Logs\\{host}\\a.log"',
    'curl "http://{host}:{port}/"',
  ])
    catalogOf(ownCommand(command));
});

test('refused: an undo whose command takes a path without quotation marks [security L15]', () => {
  const steps = `\n  - text: x\n    undo: icacls {file} /remove:g x, which takes all away`;
  const errors = errorsOf(entryText({ remediation: '[]', verification: steps }));
  assert.match(errors[0]?.message ?? '', /double quotation marks/u);
});

test('a host stands in a command by its name only, also in an address [security M9]', () => {
  const commandFor = (command: string, host: string): string | undefined => {
    const [entry = assert.fail()] = catalogOf(ownCommand(command)).entries;
    return renderRemediation(entry, { port: 80 }, host).verification[0]?.command;
  };
  assert.equal(commandFor('ping "{host}"', 'media01.example.org'), 'ping "media01.example.org"');
  for (const host of ['x (calc)', 'a b', '-t', '\\\\evil', 'x&calc', 'x;calc', '$(calc)'])
    assert.equal(commandFor('ping "{host}"', host), 'ping "<host>"', host);
  assert.equal(commandFor('curl "http://{host}:{port}/"', 'a.example'), 'curl "http://a.example:80/"');
  assert.equal(commandFor('curl "http://{host}:{port}/"', 'a@evil.example/'), 'curl "http://<host>:80/"');
});

test('a value in an address of a text is percent-encoded [security M9]', () => {
  const text = entryText({ summary: "'See https://kb.example.org/{file}?h={host} about {host}.'", remediation: '[]' });
  const [entry = assert.fail()] = catalogOf(text).entries;
  const { summary } = renderRemediation(entry, { port: 80, file: 'a b/../c?x#y' }, 'm&x=1');
  assert.equal(summary, 'See https://kb.example.org/a%20b%2F..%2Fc%3Fx%23y?h=m%26x%3D1 about m&x=1.');
});
