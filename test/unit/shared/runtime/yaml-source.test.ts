// Files that are no settings: every fault with line and column, never an exception, and what a
// fault leaves reliable is checked as well.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { examineConfig, loadConfig, readConfigSource } from '../../../../shared/runtime/config.ts';
import { ConfigError } from '../../../../shared/runtime/errors.ts';
import { nearestWord } from '../../../../shared/runtime/nearest.ts';
import { setting, wholeNumber } from '../../../../shared/runtime/settings.ts';

const schema = z.strictObject({
  log: z
    .strictObject({ level: setting(z.enum(['info', 'warn']).default('info'), { description: 'Level.' }) })
    .prefault({}),
  kafka: z
    .strictObject({
      brokers: setting(z.array(z.string()).default([]), { description: 'Brokers.' }),
      tls: setting(z.boolean().default(false), { description: 'TLS.' }),
      waitMs: wholeNumber(5, { min: 1, max: 90_000 }, { description: 'Wait.', unit: 'ms' }),
      maxBytes: wholeNumber(5, { min: 1, max: 8_388_608 }, { description: 'Size.', unit: 'bytes' }),
      caFile: setting(z.string().default(''), { description: 'CA.', readable: 'file' }),
      folders: setting(z.array(z.string()).default([]), { description: 'Folders.', readable: 'folder' }),
    })
    .prefault({}),
});

function problemsIn(
  text: string,
  env: Readonly<Record<string, string>> = {},
  areFilesChecked = false,
): readonly string[] {
  return examineConfig(schema, { env, file: { name: 'f.yaml', text } }, { areFilesChecked }).problems;
}

function nested(depth: number, open: string, close: string): string {
  return `kafka: ${open.repeat(depth)}${close.repeat(depth)}`;
}

test('what is no YAML is refused and never thrown [security M11]', () => {
  const bomb = Array.from(
    { length: 9 },
    (_, index) => `x${index}: &a${index} [${index === 0 ? '1' : `*a${index - 1}, `.repeat(9)}]`,
  );
  const refused: Readonly<Record<string, RegExp>> = {
    'x: *nope': /^f\.yaml:1:4: this alias/u,
    'kafka: { tls: *nope }': /^f\.yaml:1:15: this alias/u,
    'kafka:\n  brokers: [*nope]': /^f\.yaml:2:13: this alias/u,
    [bomb.join('\n')]: /nested without end/u,
    'log: &l { level: *l }': /f\.yaml/u,
    'log: { level: info }\nlog: { level: warn }': /^f\.yaml:2:1: this key stands here a second time/u,
    'log:\n\tlevel: info': /^f\.yaml:2:1: a tab/u,
    'log: !unknown info': /^f\.yaml:1:6: this tag/u,
    '--- \na: 1\n---\nb: 1\n': /second document/u,
    'log: "': /^f\.yaml:1:7: /u,
    '{ log: [ }': /^f\.yaml:1:/u,
    '%FOO\nlog: {}': /^f\.yaml/u,
    '? [1]\n: 2': /f\.yaml/u,
    [nested(5000, '[', ']')]: /f\.yaml/u,
    [nested(200_000, '[', ']')]: /f\.yaml/u,
    [nested(20_000, '{ brokers: ', '}')]: /f\.yaml/u,
    '__proto__: { level: info }': /unknown key __proto__/u,
    'constructor: 1': /unknown key constructor/u,
    'log: { constructor: 1 }': /unknown key constructor in log/u,
    'log: *l\nx: &l 1': /this alias/u,
    'just text': /holds no mapping/u,
  };
  for (const [text, pattern] of Object.entries(refused)) {
    const problems = problemsIn(text);
    assert.match(problems.join('\n'), pattern, text.slice(0, 100));
    assert.throws(() => loadConfig(schema, { env: {}, file: { name: 'f.yaml', text } }), ConfigError);
  }
});

test('problems of the file, of the schema and of the environment come in one run, each with its place [alerting 14]', () => {
  const text = 'log:\n  level: wran\nkafka:\n  tls: yes\n  wiatMs: 1\nkafak: 1\nlog2: "a\n';
  const problems = problemsIn(text, { FOGHORN_KAFKA_WAIT_MS: '5s' });
  for (const pattern of [
    /^f\.yaml:\d+:\d+: something is missing/mu,
    /^f\.yaml:2:10: log\.level .*= "wran".*Did you mean warn\? Allowed: info, warn/mu,
    /^f\.yaml:4:8: kafka\.tls .*= "yes": expected true or false without quotation marks; write true/mu,
    /^f\.yaml:5:3: unknown key wiatMs in kafka\. Did you mean waitMs\? Allowed: brokers, tls, waitMs/mu,
    /^f\.yaml:6:1: unknown key kafak at the top\. Did you mean kafka\?/mu,
    /^environment variable FOGHORN_KAFKA_WAIT_MS: kafka\.waitMs .*= "5s": .*write 5000.*Allowed: 1–90000/mu,
  ])
    assert.match(problems.join('\n'), pattern);
});

test('numbers, durations, sizes and booleans written otherwise: the message says what to write [alerting 14]', () => {
  const meant: Readonly<Record<string, RegExp>> = {
    'waitMs: "5"': /kafka\.waitMs .*write 5\b/u,
    'waitMs: 10_000': /write 10000\b/u,
    'waitMs: 1m': /write 60000\b/u,
    'waitMs: 1O m': /kafka\.waitMs .*= "1O m": expected a number without unit.*Allowed: 1–90000/u,
    'waitMs: -5': /kafka\.waitMs .*= -5.*Allowed: 1–90000/u,
    'waitMs: 1.5': /kafka\.waitMs .*= 1\.5/u,
    'waitMs: .inf': /kafka\.waitMs/u,
    'waitMs: ""': /kafka\.waitMs .*= "": expected a number/u,
    'waitMs:': /kafka\.waitMs .*= null/u,
    'maxBytes: 4MiB': /write 4194304\b/u,
    'maxBytes: 4 MB': /write 4000000\b/u,
    'tls: "true"': /kafka\.tls .*write true/u,
    'tls: off': /write false/u,
    'tls: 1': /kafka\.tls .*= 1.*Allowed: true, false/u,
    'brokers: a:1': /kafka\.brokers .*a list/u,
  };
  for (const [line, pattern] of Object.entries(meant))
    assert.match(problemsIn(`kafka:\n  ${line}\n`).join('\n'), pattern, line);
});

test('unknown environment variables are reported with the nearest name, those of Kubernetes are not [alerting 14]', () => {
  const problems = problemsIn('', {
    FOGHORN_KAFKA_BROKER: 'a',
    FOGHORN_KAFKA_TSL: 'true',
    FOGHORN_LOGLEVEL: 'info',
    foghorn_log_level: 'info',
    FOGHORN_CONFG: 'x',
    FOGHORN_NOTIFIER_ROUTE: 'of another service',
    FOGHORN_KAFKA_SERVICE_HOST: '10.0.0.1',
    FOGHORN_KAFKA_PORT: 'tcp://10.0.0.1:8309',
    FOGHORN_KAFKA_PORT_8309_TCP_ADDR: '10.0.0.1',
  }).join('\n');
  assert.match(problems, /^FOGHORN_KAFKA_BROKER is no setting of kafka.*Did you mean FOGHORN_KAFKA_BROKERS\?/mu);
  assert.match(problems, /^FOGHORN_KAFKA_TSL .*Did you mean FOGHORN_KAFKA_TLS\?/mu);
  assert.match(problems, /^FOGHORN_LOGLEVEL .*Did you mean FOGHORN_LOG_LEVEL\?/mu);
  assert.match(problems, /^foghorn_log_level .*Did you mean FOGHORN_LOG_LEVEL\?/mu);
  assert.match(problems, /^FOGHORN_CONFG .*Did you mean FOGHORN_CONFIG\?/mu);
  assert.doesNotMatch(problems, /NOTIFIER|SERVICE_HOST|PORT/u);
});

test('files and folders that settings name have to be there [alerting 14]', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-files-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'ca.pem'), 'x');
  mkdirSync(join(folder, 'runbooks'));
  const of = (caFile: string, folders: string): string =>
    problemsIn(`kafka:\n  caFile: ${folder}/${caFile}\n  folders: [${folder}/${folders}]\n`, {}, true).join('\n');
  assert.equal(of('ca.pem', 'runbooks'), '');
  assert.match(
    of('ca.pm', 'runbooks'),
    /^f\.yaml:2:11: kafka\.caFile: there is no file .*ca\.pm\. Did you mean ca\.pem\?$/u,
  );
  assert.match(
    of('ca.pem', 'runbook'),
    /^f\.yaml:3:13: kafka\.folders\[0\]: there is no folder .* Did you mean runbooks\?$/u,
  );
  assert.match(of('runbooks', 'ca.pem'), /is a folder, not a file[\s\S]*is not a folder/u);
  assert.match(of('no/ca.pem', 'runbooks'), /There is no folder .*no either/u);
});

test('a file that is a folder, binary or not there is a fault of the configuration [security M11]', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-files-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const binary = join(folder, 'binary.yaml');
  writeFileSync(binary, Buffer.from([0xff, 0xfe, 0x41, 0]));
  const zero = join(folder, 'zero.yaml');
  writeFileSync(zero, 'log: {}\0');
  for (const [name, pattern] of [
    [folder, /cannot be read.*EISDIR/u],
    [binary, /not UTF-8 text/u],
    [zero, /not UTF-8 text/u],
    [join(folder, 'missing.yaml'), /cannot be read.*ENOENT/u],
  ] as const)
    assert.throws(
      () => readConfigSource(name),
      (error) => error instanceof ConfigError && pattern.test(error.message),
    );
});

test('the nearest word is one that is near', () => {
  const words = ['severity', 'host', 'rule', 'provider'];
  assert.equal(nearestWord('sevrity', words), 'severity');
  assert.equal(nearestWord('Hsot', words), 'host');
  assert.equal(nearestWord('rle', words), 'rule');
  assert.equal(nearestWord('team', words), undefined);
  assert.equal(nearestWord('', words), undefined);
});
