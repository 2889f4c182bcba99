// Secrets in settings: never shown, whatever is wrong around them; taken from files of their own.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { stringify } from 'yaml';
import { z } from 'zod';
import { collectorSchema } from '../../../../services/collector/config.ts';
import { consoleSchema } from '../../../../services/console/config.ts';
import { indexerSchema } from '../../../../services/indexer/config.ts';
import { notifierSchema } from '../../../../services/notifier/config.ts';
import {
  type ConfigSource,
  examineConfig,
  helpText,
  loadConfig,
  printConfig,
} from '../../../../shared/runtime/config.ts';
import { ConfigError } from '../../../../shared/runtime/errors.ts';
import { maskedUrl } from '../../../../shared/runtime/masking.ts';
import { describeSettings, secret, secretUrl, setting } from '../../../../shared/runtime/settings.ts';

/** Also the form of a PagerDuty key. */
const MARKER = 'hunter2secretmarkerhunter2secret';
const schema = z.strictObject({
  ...collectorSchema.shape,
  ...consoleSchema.shape,
  ...indexerSchema.shape,
  ...notifierSchema.shape,
});
const url = `https://hooks.example.org/${MARKER}?sig=${MARKER}`;

/** A value of every secret that the settings have, each with the marker in it. */
const SETTINGS = {
  kafka: { saslPassword: MARKER },
  elasticsearch: { password: MARKER },
  redis: { url: `redis://user:${MARKER}@127.0.0.1:6379/2` },
  collector: { http: { tokens: { agents: MARKER } } },
  console: {
    token: MARKER,
    slackSigningSecret: MARKER,
    http: { tokens: { anna: { token: MARKER, scopes: ['read'] } } },
  },
  notifier: {
    receivers: [
      { name: 'slack', kind: 'slack', token: MARKER, channel: 'C0123456' },
      { name: 'hook', kind: 'webhook', url, secret: MARKER, headers: { authorization: `Bearer ${MARKER}` } },
      { name: 'teams', kind: 'teams', workflowUrl: url },
      { name: 'slack-hook', kind: 'slack-webhook', webhookUrl: url },
      { name: 'pager', kind: 'pagerduty', routingKey: MARKER },
      { name: 'am', kind: 'alertmanager', url, headers: { 'x-key': MARKER } },
      {
        name: 'mail',
        kind: 'email',
        host: 'mail.example.org',
        username: 'foghorn',
        password: MARKER,
        from: 'a@example.org',
        to: ['b@example.org'],
      },
    ],
  },
};

function outcomeOf(source: ConfigSource): string {
  const { config, problems, warnings } = examineConfig(schema, source, { areFilesChecked: true });
  return [...problems, ...warnings, config === undefined ? '' : printConfig(schema, config)].join('\n');
}

/** What slips a person makes in a line of YAML. */
const SLIPS: readonly ((line: string) => string)[] = [
  (line) => line,
  (line) => line.replace(': ', ':'),
  (line) => line.replace(': ', ' '),
  (line) => `${line}: x`,
  (line) => line.replace(': ', ': *'),
  (line) => line.replace(': ', ': !'),
  (line) => line.replace(': ', ': &'),
  (line) => line.replace(': ', ': |'),
  (line) => line.replace(': ', ': >'),
  (line) => line.replace(': ', ': @'),
  (line) => line.replace(': ', ': %'),
  (line) => line.replace(': ', ': "'),
  (line) => line.replace(': ', ": '"),
  (line) => line.replace(': ', ': ['),
  (line) => line.replace(': ', ': {'),
  (line) => line.replace(': ', ': - '),
  (line) => line.replace(': ', ': "\\q'),
  (line) => `\t${line}`,
  (line) => ` ${line}`,
  (line) => `${line}\n${line}`,
  (line) => line.replace(/(?<key>\w+): /u, '$<key>File: '),
  (line) => line.replace(/(?<key>\w+): /u, '$<key>x: '),
  (line) => line.replace(/: .*/u, `: [${MARKER}]`),
  (line) => line.replace(/: .*/u, `: {${MARKER}: ${MARKER}}`),
  (line) => line.replace(/: .*/u, `: { file: ${MARKER} }`),
];

test('a secret shows in no fault and no printed configuration, whatever slip is made in its line [security M10]', () => {
  const text = stringify(SETTINGS, { lineWidth: 0 });
  const lines = text.split('\n');
  let tried = 0;
  for (const [index, line] of lines.entries()) {
    if (!line.includes(MARKER)) continue;
    for (const slip of SLIPS) {
      const broken = lines.with(index, slip(line)).join('\n');
      const outcome = outcomeOf({ env: {}, file: { name: 'foghorn.yaml', text: broken } });
      assert.ok(outcome.length > 100 || /foghorn\.yaml/u.test(outcome), outcome);
      assert.ok(!outcome.toLowerCase().includes(MARKER), `${slip(line)}\n${outcome}`);
      tried += 1;
    }
  }
  assert.ok(tried >= 15 * SLIPS.length, String(tried));
});

test('a slip in a line above or a wrong kind of receiver shows no secret either [security M10]', () => {
  const text = stringify(SETTINGS, { lineWidth: 0 });
  const broken = [
    text.replaceAll('kind: ', 'knd: '),
    text.replaceAll('kind: slack', 'kind: slak'),
    text.replaceAll('- name', 'name'),
    text.replaceAll('receivers:', 'receiver:'),
    text.replaceAll('headers:', 'header:'),
    text.replaceAll('tokens:', 'token:'),
    text.replaceAll('https://', ''),
    text.replaceAll('https://', `https://${MARKER}:x@`),
    text.replaceAll('  ', '\t'),
    text.slice(0, -20),
    `- ${MARKER}`,
    MARKER,
    `${MARKER}: ${MARKER} x: y`,
  ];
  for (const one of broken) {
    const outcome = outcomeOf({ env: {}, file: { name: 'foghorn.yaml', text: one } });
    const named = one.startsWith(MARKER) ? outcome.replaceAll(`unknown key ${MARKER}`, '') : outcome;
    assert.ok(!named.includes(MARKER), `${one}\n${outcome}`);
  }
});

test('no environment variable shows its secret, malformed JSON included [security M10]', () => {
  const receivers = JSON.stringify(SETTINGS.notifier.receivers);
  const values = [
    MARKER,
    `[${MARKER}`,
    receivers.slice(0, -1),
    receivers.replaceAll('kind', 'knd'),
    `{"${MARKER}": 1}`,
  ];
  const secrets = describeSettings(schema).filter(({ holdsSecrets }) => holdsSecrets);
  assert.ok(secrets.length >= 9, secrets.map(({ env }) => env).join(' '));
  for (const { env } of secrets)
    for (const name of [env, `${env}_FILE`])
      for (const value of values) {
        const outcome = outcomeOf({ env: { [name]: value } });
        assert.ok(!outcome.includes(MARKER), `${name}=${value}\n${outcome}`);
      }
  const broken = outcomeOf({ env: { FOGHORN_NOTIFIER_RECEIVERS: receivers.slice(0, -1) } });
  assert.match(broken, /FOGHORN_NOTIFIER_RECEIVERS is not JSON/u);
});

test('addresses are shown with scheme and host only, and without user and password [security M10]', () => {
  assert.equal(maskedUrl('https://a.example.org/x/y?z=1'), 'https://a.example.org/********');
  assert.equal(maskedUrl('https://a.example.org:8443/'), 'https://a.example.org:8443/');
  assert.equal(maskedUrl('redis://u:p@h:6379/2'), 'redis://********@h:6379/********');
  for (const odd of ['redis://:pa#ss@h', 'redis://user:12/34@h', 'nothing']) assert.equal(maskedUrl(odd), '********');
  const one = z.strictObject({ log: setting(z.string().default(''), { description: 'An address.' }) });
  assert.equal(printConfig(one, { log: 'http://u:p@h/' }), 'log: "http://********@h/"'.replace('http://', ''));
});

const small = z.strictObject({
  kafka: z
    .strictObject({ saslPassword: setting(z.string().default(''), { description: 'Password.', secret: true }) })
    .prefault({}),
  redis: z
    .strictObject({
      url: setting(secretUrl(z.url()).default('redis://h'), {
        description: 'Redis.',
        alias: 'REDIS_URL',
        secret: 'url',
      }),
    })
    .prefault({}),
  notifier: z
    .strictObject({
      receivers: setting(
        z
          .array(
            z.discriminatedUnion('kind', [
              z.strictObject({ kind: z.literal('a'), token: secret(z.string().min(3)) }),
              z.strictObject({
                kind: z.literal('b'),
                headers: z.record(z.string(), secret(z.string())),
                file: z.string().optional(),
              }),
            ]),
          )
          .default([]),
        { description: 'Receivers.' },
      ),
    })
    .prefault({}),
});

function folderWith(t: TestContext, files: Readonly<Record<string, string | Buffer>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-secrets-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

function problemsIn(source: ConfigSource): string {
  const { config, problems } = examineConfig(small, source);
  assert.equal(config, undefined, 'the configuration was taken');
  return problems.join('\n');
}

test('each secret can stand in a file of its own, anywhere in the settings [issue 11]', (t) => {
  const folder = folderWith(t, { password: 'pw \r\n', token: 'xoxb\n\n', header: 'Bearer x', url: 'redis://u:p@h' });
  const text = [
    'kafka:',
    `  saslPasswordFile: ${folder}/password`,
    'notifier:',
    '  receivers:',
    `    - { kind: a, tokenFile: ${folder}/token }`,
    `    - { kind: b, headers: { authorization: { file: ${folder}/header }, x: plain } }`,
  ].join('\n');
  const env = { REDIS_URL_FILE: `${folder}/url` };
  const config = loadConfig(small, { env, file: { name: 'f.yaml', text } });
  assert.equal(config.kafka.saslPassword, 'pw ');
  assert.equal(config.redis.url, 'redis://u:p@h');
  assert.deepEqual(config.notifier.receivers, [
    { kind: 'a', token: 'xoxb' },
    { kind: 'b', headers: { authorization: 'Bearer x', x: 'plain' } },
  ]);
});

test('an address that may be left empty can stand in a file, too [issue 11]', (t) => {
  const folder = folderWith(t, { proxy: 'http://user:pw@proxy:3128\n' });
  const env = { HTTPS_PROXY_FILE: `${folder}/proxy` };
  assert.equal(loadConfig(notifierSchema, { env }).notifier.proxy.https, 'http://user:pw@proxy:3128');
});

test('a structured setting with secrets can stand in a file as a whole, YAML or JSON [issue 11]', (t) => {
  const folder = folderWith(t, {
    json: '[{"kind":"a","token":"xoxb"}]',
    yaml: '- kind: a\n  token: xoxb\n',
    bad: '[{',
  });
  for (const name of ['json', 'yaml']) {
    const { notifier } = loadConfig(small, { env: { FOGHORN_NOTIFIER_RECEIVERS_FILE: `${folder}/${name}` } });
    assert.deepEqual(notifier.receivers, [{ kind: 'a', token: 'xoxb' }]);
  }
  assert.match(problemsIn({ env: { FOGHORN_NOTIFIER_RECEIVERS_FILE: `${folder}/bad` } }), /line and column 1:3/u);
});

test('the file is read again with each reading of the settings, and the environment is the stronger source [issue 11]', (t) => {
  const folder = folderWith(t, { password: 'one\n' });
  const file = { name: 'f.yaml', text: `kafka: { saslPasswordFile: ${folder}/password }` };
  assert.equal(loadConfig(small, { env: {}, file }).kafka.saslPassword, 'one');
  writeFileSync(join(folder, 'password'), 'two');
  assert.equal(loadConfig(small, { env: {}, file }).kafka.saslPassword, 'two');
  const env = { FOGHORN_KAFKA_SASL_PASSWORD: 'three' };
  assert.equal(loadConfig(small, { env, file }).kafka.saslPassword, 'three');
  const plain = { name: 'f.yaml', text: 'kafka: { saslPassword: four }' };
  const byFile = { FOGHORN_KAFKA_SASL_PASSWORD_FILE: `${folder}/password` };
  assert.equal(loadConfig(small, { env: byFile, file: plain }).kafka.saslPassword, 'two');
});

test('a secret given twice, or by a file that cannot be used, is refused with its place [issue 11]', (t) => {
  const folder = folderWith(t, { empty: '\n', lines: 'a\nb\n', binary: Buffer.from([0xff, 0xfe, 0]), ok: 'x' });
  const yaml = (text: string): ConfigSource => ({ env: {}, file: { name: 'f.yaml', text } });
  assert.match(
    problemsIn(yaml(`kafka:\n  saslPassword: a\n  saslPasswordFile: ${folder}/ok`)),
    /^f\.yaml:3:21: kafka\.saslPasswordFile: saslPassword and saslPasswordFile are both set/u,
  );
  const both = { FOGHORN_KAFKA_SASL_PASSWORD: 'a', FOGHORN_KAFKA_SASL_PASSWORD_FILE: `${folder}/ok` };
  assert.match(
    problemsIn({ env: both }),
    /FOGHORN_KAFKA_SASL_PASSWORD and FOGHORN_KAFKA_SASL_PASSWORD_FILE are both set/u,
  );
  const of = (name: string): string => problemsIn(yaml(`kafka: { saslPasswordFile: ${name} }`));
  assert.match(of(`${folder}/missing`), /missing cannot be read \(ENOENT\)/u);
  assert.match(of(folder), /cannot be read \(EISDIR\)/u);
  assert.match(of(`${folder}/empty`), /is empty/u);
  assert.match(of(`${folder}/lines`), /more than one line/u);
  assert.match(of(`${folder}/binary`), /not UTF-8/u);
  assert.match(of('{ a: 1 }'), /path of a file/u);
  const receiver = problemsIn(yaml(`notifier:\n  receivers:\n    - kind: a\n      tokenFile: ${folder}/missing\n`));
  assert.match(receiver, /^f\.yaml:4:18: notifier\.receivers\[0\]\.tokenFile: the file .*ENOENT/u);
  assert.doesNotMatch(receiver, /\n/u, 'that the token is missing follows from it');
  assert.match(problemsIn(yaml(`kafka: { brokersFile: ${folder}/ok }`)), /unknown key brokersFile in kafka/u);
  assert.throws(() => loadConfig(small, yaml(`kafka: { saslPasswordFile: ${folder}/no }`)), ConfigError);
});

test('help names the file form of each secret [issue 11]', () => {
  assert.match(helpText('x', 'y', small), /saslPasswordFile, FOGHORN_KAFKA_SASL_PASSWORD_FILE/u);
});
