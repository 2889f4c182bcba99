// Settings: defaults < file < environment, every fault at once, secrets masked.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { helpText, loadConfig, printConfig, readCommandLine } from '../../../../shared/runtime/config.ts';
import { ConfigError } from '../../../../shared/runtime/errors.ts';
import { describeSettings, envNameOf, setting, wholeNumber } from '../../../../shared/runtime/settings.ts';

const schema = z.strictObject({
  kafka: z
    .strictObject({
      brokers: setting(z.array(z.string().min(1)).default(['a:1']), {
        description: 'Brokers.',
        alias: 'KAFKA_BROKERS',
      }),
      saslPassword: setting(z.string().max(8).default(''), { description: 'Password.', secret: true }),
    })
    .prefault({}),
  collector: z
    .strictObject({
      isOpen: setting(z.boolean().default(false), { description: 'Open.' }),
      http: z
        .strictObject({
          maxBodyBytes: wholeNumber(100, { min: 1, max: 1000 }, { description: 'Body.', unit: 'bytes' }),
        })
        .prefault({}),
      receivers: setting(z.array(z.strictObject({ name: z.string(), token: z.string() })).default([]), {
        description: 'Receivers.',
      }),
    })
    .prefault({}),
});

function problemsIn(source: Parameters<typeof loadConfig>[1]): string {
  try {
    loadConfig(schema, source);
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.message;
  }
  throw new assert.AssertionError({ message: 'the configuration was taken' });
}

test('defaults, then the file, then the environment', () => {
  assert.equal(loadConfig(schema, { env: {} }).collector.http.maxBodyBytes, 100);
  const file = {
    name: 'f.yaml',
    text: 'collector:\n  isOpen: true\n  http:\n    maxBodyBytes: 200\nindexer:\n  anything: goes\n',
  };
  const fromFile = loadConfig(schema, { env: {}, file });
  assert.deepEqual([fromFile.collector.http.maxBodyBytes, fromFile.collector.isOpen], [200, true]);
  const fromEnv = loadConfig(schema, { env: { FOGHORN_COLLECTOR_HTTP_MAX_BODY_BYTES: '300' }, file });
  assert.deepEqual([fromEnv.collector.http.maxBodyBytes, fromEnv.collector.isOpen], [300, true]);
});

test('an alias sets the same value, the own name wins, an empty variable counts as not set', () => {
  assert.deepEqual(loadConfig(schema, { env: { KAFKA_BROKERS: 'x:1, y:2' } }).kafka.brokers, ['x:1', 'y:2']);
  assert.deepEqual(loadConfig(schema, { env: { KAFKA_BROKERS: 'x:1', FOGHORN_KAFKA_BROKERS: 'z:3' } }).kafka.brokers, [
    'z:3',
  ]);
  assert.deepEqual(loadConfig(schema, { env: { KAFKA_BROKERS: '' } }).kafka.brokers, ['a:1']);
});

test('structured settings come as JSON from the environment', () => {
  const config = loadConfig(schema, { env: { FOGHORN_COLLECTOR_RECEIVERS: '[{"name":"a","token":"t"}]' } });
  assert.deepEqual(config.collector.receivers, [{ name: 'a', token: 't' }]);
});

test('all problems at once, each with key, value and what is allowed', () => {
  const message = problemsIn({
    env: {
      FOGHORN_COLLECTOR_HTTP_MAX_BODY_BYTES: 'many',
      FOGHORN_COLLECTOR_HTP_PORT: '1',
      FOGHORN_COLECTOR_X: '1',
      FOGHORN_INDEXER_X: '1',
    },
    file: { name: 'f.yaml', text: 'collector:\n  isOpen: maybe\n  isClosed: true\ncolector: {}\n' },
  });
  assert.match(message, /collector\.http\.maxBodyBytes \(FOGHORN_COLLECTOR_HTTP_MAX_BODY_BYTES\) = "many".*1–1000/u);
  assert.match(message, /collector\.isOpen .*= "maybe".*true, false/u);
  assert.match(message, /unknown key isClosed in collector\. Allowed: isOpen, http, receivers/u);
  assert.match(message, /unknown key colector at the top/u);
  assert.match(message, /FOGHORN_COLLECTOR_HTP_PORT is no setting of collector/u);
  assert.match(message, /FOGHORN_COLECTOR_X is no setting/u);
  assert.doesNotMatch(message, /FOGHORN_INDEXER_X/u);
});

test('a file that is no YAML mapping is refused by name', () => {
  assert.match(problemsIn({ env: {}, file: { name: 'f.yaml', text: 'a: [1' } }), /f\.yaml:1:6: /u);
  assert.match(problemsIn({ env: {}, file: { name: 'f.yaml', text: '- a\n' } }), /f\.yaml holds no mapping/u);
  assert.deepEqual(loadConfig(schema, { env: {}, file: { name: 'f.yaml', text: '' } }).kafka.brokers, ['a:1']);
});

test('secrets show in neither the printed configuration nor a fault', () => {
  const env = {
    FOGHORN_KAFKA_SASL_PASSWORD: 'hunter2',
    FOGHORN_COLLECTOR_RECEIVERS: '[{"name":"a","token":"xoxb-1"}]',
  };
  const printed = printConfig(schema, loadConfig(schema, { env }));
  assert.match(printed, /kafka\.saslPassword: \*{8}/u);
  assert.doesNotMatch(printed, /hunter2|xoxb/u);
  assert.doesNotMatch(problemsIn({ env: { FOGHORN_KAFKA_SASL_PASSWORD: 'much too long' } }), /much too long/u);
});

test('help names every setting with its variable, unit and default', () => {
  const help = helpText('collector', 'takes events', schema);
  assert.match(help, /collector\.http\.maxBodyBytes {2}\(FOGHORN_COLLECTOR_HTTP_MAX_BODY_BYTES\)/u);
  assert.match(help, /Unit: bytes\. Default: 100\. Allowed: 1–1000/u);
  assert.match(help, /FOGHORN_KAFKA_BROKERS or KAFKA_BROKERS/u);
  assert.equal(describeSettings(schema).length, 5);
});

test('environment names come from paths', () => {
  assert.equal(envNameOf(['kafka', 'clientId']), 'FOGHORN_KAFKA_CLIENT_ID');
  assert.equal(envNameOf(['collector', 'http', 'maxBodyBytes']), 'FOGHORN_COLLECTOR_HTTP_MAX_BODY_BYTES');
});

test('the command line refuses what it does not know', () => {
  assert.deepEqual(readCommandLine(['--print-config', '-c', 'x.yaml']), {
    action: 'print-config',
    configFile: 'x.yaml',
  });
  assert.deepEqual(readCommandLine([]), { action: 'run', configFile: undefined });
  assert.throws(() => readCommandLine(['--confg', 'x']), ConfigError);
});

test('of a section of which a service reads a part, other keys and variables are another service’s', () => {
  const partly = schema.extend({
    console: z.object({ url: setting(z.string().default(''), { description: 'Url.' }) }).prefault({}),
  });
  const file = { name: 'foghorn.yaml', text: 'console: { url: "http://a", http: { port: 1 } }' };
  const env = { FOGHORN_CONSOLE_TOKEN: 'x', FOGHORN_CONSOLE_URL: 'http://b' };
  assert.deepEqual(loadConfig(partly, { env: {}, file }).console, { url: 'http://a' });
  assert.deepEqual(loadConfig(partly, { env, file }).console, { url: 'http://b' });
  assert.throws(() => loadConfig(partly, { env: { FOGHORN_COLLECTOR_TOKEN: 'x' } }), ConfigError);
});
