// What the command line writes, whoever wrote it: text for a terminal, exact JSON for programs. And
// words that nobody knows.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { didYouMean } from '../../../../shared/runtime/nearest.ts';
import { createOutput, hangingLines, jsonText, oneLine, printable } from '../../../../services/cli/terminal.ts';
import { runVerb } from '../../../../services/cli/verbs.ts';
import { pick } from '../../../../services/cli/words.ts';
import { runFoghorn } from '../../../support/foghorn.ts';

/** What a terminal acts on, or what a reader does not see: by kind. */
const HOSTILE: Readonly<Record<string, string>> = {
  'a window title (OSC)': '\u001B]0;owned\u0007',
  'a screen that is cleared (CSI)': '\u001B[2J',
  'CSI in one character (C1)': '\u009B31m',
  'a string of a device (DCS)': '\u0090q\u009C',
  'a carriage return': 'ok\rFAILED',
  'a backspace': 'ab\b\bcd',
  DEL: 'a\u007F',
  'a bidirectional override': 'exe\u202Efdp.txt',
  'a bidirectional isolate': '\u2067x\u2069',
  'an Arabic letter mark': '\u061C',
  'a zero-width space': 'ad\u200Bmin',
  'a soft hyphen': 'ad\u00ADmin',
  'a Mongolian vowel separator': 'a\u180Eb',
  'a byte order mark': '\uFEFFx',
  'tag characters': 'x\u{E0061}\u{E007F}',
  'a line separator': 'a\u2028b',
  'a lone surrogate': 'a\uD800b',
  'a variation selector': 'a\u{E0100}',
  'a Hangul filler': 'a\u3164b',
};
const ACTS = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

for (const [kind, text] of Object.entries(HOSTILE))
  test(`${kind} reaches no terminal, and is exact in JSON [security M12]`, () => {
    const written: string[] = [];
    const stream = { write: (part: string) => written.push(part), isTTY: true };
    const output = createOutput({ out: stream, err: stream });
    output.out(`said: ${text}`);
    output.err(`error: ${text}`);
    output.err(`\r${text}`);
    for (const line of [
      ...written.map((part) => part.replace(/^\r\u001B\[K|\n$/gu, '')),
      printable(text),
      oneLine(text),
    ])
      assert.doesNotMatch(line, ACTS);
    for (const indent of [undefined, 2]) {
      const json = jsonText({ [text]: [text] }, indent);
      assert.deepEqual(JSON.parse(json), { [text]: [text] });
      assert.equal(printable(json), json);
    }
  });

test('text of every language, line feeds and tabs stay as they are [security M12]', () => {
  const text = 'Größe\t日本語 العربية ✓ 🦊 …\nnext';
  assert.equal(printable(text), text);
});

test('a value of several lines begins no line that could pass for one of Foghorn’s [security L4]', () => {
  for (const brk of ['\n', '\r\n', '\r', '\v', '\f', '\u0085', '\u2028', '\u2029']) {
    const [first, ...others] = hangingLines(`The disk is full.${brk}${brk}Then check${brk}  1. run this`, '  ').split(
      '\n',
    );
    assert.equal(first, 'The disk is full.');
    assert.ok(others.length >= 3, JSON.stringify(brk));
    for (const line of others) assert.match(line, /^ {2}\| /u);
  }
  assert.equal(oneLine('a\r\n  b\tc'), 'a b c');
});

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-cli-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

test('foghorn catalog test writes nothing of an event that steers the terminal or forges a line [security M12]', async (t) => {
  const file = join(folderOf(t), 'events.ndjson');
  const evil = '\u001B]0;owned\u0007\u009B2J\u202E\n1  WMServer 309 on forged: no entry';
  const event = { winlog: { provider_name: `P${evil}`, event_id: 7, computer_name: `host${evil}` } };
  writeFileSync(file, `${JSON.stringify(event)}\n{"\u001B[31mbroken\n`);
  const { out, err } = await runFoghorn(['catalog', 'test', file]);
  assert.match(out, /forged/u);
  for (const line of [...out.split('\n'), ...err.split('\n')]) {
    assert.doesNotMatch(line, ACTS);
    assert.doesNotMatch(line, /^1 {2}WMServer/u);
  }
});

/** Every verb with a word that it does not know, among them names that every object inherits. */
const UNKNOWN = ['constructor', 'toString', '__proto__', 'hasOwnProperty', 'valueOf'].flatMap((word) => [
  [word],
  ['catalog', word],
  ['config', word],
  ['deadletters', word],
  ['deliveries', word],
  ['incidents', word],
  ['notify', word, 'x'],
  ['notify', 'preview', 'opened', '--as', word],
  ['route', word],
  ['setup', word],
  ['silences', word],
]);

async function ran(args: readonly string[]): Promise<{ readonly code: number; readonly err: string }> {
  const lines: string[] = [];
  const signal = AbortSignal.timeout(30_000);
  const code = await runVerb(args, {
    out: () => undefined,
    err: (line) => lines.push(line),
    isTerminal: false,
    signal,
  });
  return { code, err: lines.join('\n') };
}

for (const args of UNKNOWN)
  test(`foghorn ${args.join(' ')} is a usage error [security L13]`, async () => {
    const { code, err } = await ran(args);
    assert.equal(code, 64, err);
    assert.doesNotMatch(err, /TypeError|is not a function|native code/u);
  });

for (const [meant, args] of [
  ['incidents', ['incidnets']],
  ['list', ['deadletters', 'lits']],
  ['show', ['incidents', 'shwo', 'i']],
  ['--severity', ['incidents', 'list', '--sevrity', 'error']],
  ['--receiver', ['deliveries', 'list', '--reciever', 'ops']],
  ['host', ['incidents', 'count', '--by', 'rule,hosst']],
  ['redrive', ['deliveries', 'redirve', 'ops']],
  ['slack', ['notify', 'preview', 'opened', '--as', 'slak']],
  ['kibana', ['setup', 'kibanna']],
] as const)
  test(`foghorn ${args.join(' ')}: ${meant} was probably meant [security L13]`, async () => {
    assert.match((await ran(args)).err, new RegExp(`Did you mean ${meant}\\?`, 'u'));
  });

/** What an action would not look at, and the option or word that it names. */
const IGNORED = [
  ['--state', ['incidents', 'show', 'i', '--state', 'open']],
  ['--type', ['incidents', 'list', '--type', 'opened']],
  ['--host', ['incidents', 'list', '--host', 'a', '--host', 'b']],
  ['--undo', ['incidents', 'ack', 'i', '--undo']],
  ['--for', ['silences', 'list', '--for', '2h']],
  ['--state', ['silences', 'add', 'host="a"', '--state', 'all']],
  ['--limit', ['deliveries', 'redrive', 'ops', '--limit', '3']],
  ['--topic', ['deadletters', 'list', '--topic', 'raw']],
  ['--topic rwa', ['deadletters', 'replay', '--all', '--topic', 'rwa']],
  ['--reason index_refuse', ['deadletters', 'list', '--reason', 'index_refuse']],
  ['--last 2x', ['deadletters', 'list', '--last', '2x']],
  ['runbooks', ['catalog', 'lint', 'runbooks']],
  ['--out', ['catalog', 'lint', '--out', 'x']],
  ['second.xml', ['catalog', 'test', 'first.xml', 'second.xml']],
  ['--as', ['notify', 'test', 'ops', '--as', 'slack']],
  ['--at', ['route', 'show', '--at', '2026-03-01T22:00Z']],
  ['route test', ['route', 'show', 'host=a']],
  ['list takes no other word', ['silences', 'list', 'host="a"']],
  ['add takes one or more MATCHERs', ['silences', 'add', '--for', '2h']],
  ['watch takes no other word', ['incidents', 'watch', 'host:a']],
  ['one pair of quotation marks', ['incidents', 'ack', 'state:open', 'port:80']],
  ['There is no option --fromat', ['incidents', 'export', '--fromat', 'csv']],
  ['--user', ['setup', 'redis', '--user', 'a', '--user', 'b']],
] as const;

for (const [named, args] of IGNORED)
  test(`foghorn ${args.join(' ')} is refused: nothing that was typed is ignored [issue 17]`, async () => {
    const { code, err } = await ran(args);
    assert.equal(code, 64, err);
    assert.ok(err.split('\n')[0]?.includes(named), err);
  });

test('a word that is near to none gets no guess, and none is found among what objects inherit [security L13]', () => {
  assert.equal(didYouMean('banana', ['list', 'show']), '');
  assert.equal(pick({ a: 1 }, 'constructor'), undefined);
});
