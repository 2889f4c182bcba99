// The section kafka.tls: the old switch, files that imply it, and files that cannot be used.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { createKafka, kafkaSettings } from '../../../../shared/kafka/client.ts';
import { explainTls, tlsOptions, type TlsSettings } from '../../../../shared/kafka/tls.ts';
import { loadConfig } from '../../../../shared/runtime/config.ts';
import { ConfigError } from '../../../../shared/runtime/errors.ts';
import * as pem from '../../../support/certificates.ts';
import { quietLog } from '../../../support/log.ts';
import { pemFiles } from '../../../support/pem-files.ts';

const schema = z.strictObject({ kafka: kafkaSettings });
const tlsOf = (text: string, env: Readonly<Record<string, string>> = {}): TlsSettings =>
  loadConfig(schema, { env, file: { name: 'foghorn.yaml', text } }).kafka.tls;
const OFF: TlsSettings = { enabled: false, caFile: '', certFile: '', keyFile: '', serverName: '' };

test('true, false and the old variable still switch TLS; a file switches it on unless it is switched off [security L9]', () => {
  assert.deepEqual(tlsOf('kafka: {}'), OFF);
  assert.deepEqual(tlsOf('kafka: { tls: true }'), { ...OFF, enabled: true });
  assert.deepEqual(tlsOf('kafka: { tls: false }'), OFF);
  assert.deepEqual(tlsOf('kafka: {}', { FOGHORN_KAFKA_TLS: 'true' }), { ...OFF, enabled: true });
  assert.deepEqual(tlsOf('kafka: {}', { FOGHORN_KAFKA_TLS_ENABLED: 'true' }), { ...OFF, enabled: true });
  assert.deepEqual(tlsOf('kafka: { tls: true }', { FOGHORN_KAFKA_TLS: 'false' }), OFF);
  assert.deepEqual(tlsOf('kafka: { tls: { caFile: a.pem } }'), { ...OFF, enabled: true, caFile: 'a.pem' });
  assert.deepEqual(tlsOf('kafka: { tls: true }', { FOGHORN_KAFKA_TLS_CA_FILE: 'a.pem' }), {
    ...OFF,
    enabled: true,
    caFile: 'a.pem',
  });
  assert.deepEqual(tlsOf('kafka: { tls: { enabled: false, caFile: a.pem } }'), { ...OFF, caFile: 'a.pem' });
  assert.throws(() => tlsOf('kafka: { tls: { cafile: a.pem } }'), ConfigError);
  assert.throws(() => tlsOf('kafka: { tls: yes please }'), ConfigError);
});

test('files that are missing, no PEM, not a pair or without their half are refused by the name of the setting [security L9, alerting 24]', (t) => {
  const file = pemFiles(t);
  const ca = file(pem.CA_CERTIFICATE);
  const cert = file(pem.CLIENT_CERTIFICATE);
  const key = file(pem.CLIENT_KEY);
  const on = { ...OFF, enabled: true };
  for (const [tls, message] of [
    [{ caFile: '/nowhere/ca.pem' }, /kafka\.tls\.caFile cannot be read: .*\/nowhere\/ca\.pem/u],
    [{ caFile: file('no certificate') }, /kafka\.tls\.caFile = .* holds no certificate/u],
    [{ caFile: key }, /kafka\.tls\.caFile = .* holds no certificate/u],
    [{ certFile: cert }, /certFile and kafka\.tls\.keyFile belong together/u],
    [{ keyFile: key }, /certFile and kafka\.tls\.keyFile belong together/u],
    [{ certFile: cert, keyFile: '/nowhere/key.pem' }, /kafka\.tls\.keyFile cannot be read/u],
    [{ certFile: cert, keyFile: cert }, /kafka\.tls\.keyFile = .* holds no private key/u],
    [{ certFile: cert, keyFile: file(pem.SERVER_KEY) }, /cannot be used together/u],
    [
      { caFile: file(pem.CA_CERTIFICATE.replace(/[A-Z]{4}/gu, '!!!!')) },
      /holds no certificate|cannot be used together/u,
    ],
  ] as const)
    assert.throws(
      () => createKafka({ ...kafkaSettings.parse({}), tls: { ...on, ...tls } }, quietLog),
      (error) => error instanceof ConfigError && message.test(error.message),
      String(message),
    );
  const options = tlsOptions({ ...on, caFile: ca, certFile: cert, keyFile: key, serverName: 'kafka.example.org' });
  assert.deepEqual(options, {
    ca: pem.CA_CERTIFICATE,
    cert: pem.CLIENT_CERTIFICATE,
    key: pem.CLIENT_KEY,
    servername: 'kafka.example.org',
  });
  assert.equal(tlsOptions({ ...OFF, caFile: '/nowhere/ca.pem' }), false);
});

test('only what says something about our settings is explained [security L9]', () => {
  for (const [code, text] of [
    ['CERT_HAS_EXPIRED', /has expired \(refused\)/u],
    ['ECONNREFUSED', /^refused$/u],
  ] as const) {
    const error = Object.assign(new Error('refused'), { code });
    explainTls(error);
    assert.match(error.message, text);
  }
});
