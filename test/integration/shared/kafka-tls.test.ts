// TLS to Kafka: an authority of one's own, the wrong one, names, and a client certificate that the
// broker asks for.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { TlsOptions } from 'node:tls';
import { createKafka } from '../../../shared/kafka/client.ts';
import { BatchingProducer } from '../../../shared/kafka/producer.ts';
import type { TlsSettings } from '../../../shared/kafka/tls.ts';
import { Unavailable } from '../../../shared/runtime/errors.ts';
import * as pem from '../../support/certificates.ts';
import { createKafkaProxy } from '../../support/kafka-proxy.ts';
import { testKafka } from '../../support/kafka.ts';
import { quietLog } from '../../support/log.ts';
import { pemFiles } from '../../support/pem-files.ts';

const OFF: TlsSettings = { enabled: false, caFile: '', certFile: '', keyFile: '', serverName: '' };
const SERVER: TlsOptions = { cert: pem.SERVER_CERTIFICATE, key: pem.SERVER_KEY };

/**
 * A broker that speaks TLS only, and how a producer with the settings fares: `sent`, or why not.
 */
async function tlsKafka(t: TestContext, tls: TlsOptions) {
  const direct = await testKafka(t);
  const proxy = await createKafkaProxy(direct.settings.brokers[0] ?? '', tls);
  t.after(() => t.after(async () => await proxy.close()));
  return async (settings: Partial<TlsSettings>): Promise<string> => {
    const own = { ...direct.settings, brokers: [proxy.address], tls: { ...OFF, ...settings } };
    const kafka = createKafka(own, quietLog);
    const producer = new BatchingProducer(kafka, own);
    try {
      await producer.send([{ topic: 'raw', key: 'k', value: JSON.stringify(settings) }]);
      return 'sent';
    } catch (error) {
      assert.ok(error instanceof Unavailable, String(error));
      return error.message;
    } finally {
      await producer.close();
      kafka.end();
    }
  };
}

test('an authority of our own is trusted when it is named, and the wrong one or none is refused with the setting to change [security L9, alerting 24]', async (t) => {
  const file = pemFiles(t);
  const send = await tlsKafka(t, SERVER);
  assert.equal(await send({ enabled: true, caFile: file(pem.CA_CERTIFICATE) }), 'sent');
  const untrusted = /authority that is not trusted: kafka\.tls\.caFile has to hold it/u;
  assert.match(await send({ enabled: true, caFile: file(pem.OTHER_CA_CERTIFICATE) }), untrusted);
  assert.match(await send({ enabled: true }), untrusted);
});

test('a certificate for another name is refused, and taken with kafka.tls.serverName [security L9, alerting 24]', async (t) => {
  const file = pemFiles(t);
  const send = await tlsKafka(t, { cert: pem.NAMED_CERTIFICATE, key: pem.NAMED_KEY });
  const caFile = file(pem.CA_CERTIFICATE);
  assert.match(await send({ enabled: true, caFile }), /for another name .* kafka\.tls\.serverName/u);
  assert.equal(await send({ enabled: true, caFile, serverName: 'kafka.example.org' }), 'sent');
  assert.match(await send({ enabled: true, caFile, serverName: 'other.example.org' }), /for another name/u);
});

for (const version of ['TLSv1.2', 'TLSv1.3'] as const)
  test(`a broker that asks for a client certificate gets it, and without one the refusal names the settings (${version}) [security L9, alerting 24]`, async (t) => {
    const file = pemFiles(t);
    const send = await tlsKafka(t, {
      ...SERVER,
      ca: pem.CA_CERTIFICATE,
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: version,
      maxVersion: version,
    });
    const caFile = file(pem.CA_CERTIFICATE);
    const ours = { certFile: file(pem.CLIENT_CERTIFICATE), keyFile: file(pem.CLIENT_KEY) };
    assert.equal(await send({ enabled: true, caFile, ...ours }), 'sent');
    assert.match(await send({ enabled: true, caFile }), /kafka\.tls\.certFile and kafka\.tls\.keyFile/u);
  });

test('a broker that speaks no TLS is said to speak none [security L9]', async (t) => {
  const { settings } = await testKafka(t);
  const own = { ...settings, tls: { ...OFF, enabled: true } };
  const kafka = createKafka(own, quietLog);
  const producer = new BatchingProducer(kafka, own);
  t.after(async () => {
    await producer.close();
    kafka.end();
  });
  await assert.rejects(producer.send([{ topic: 'raw', key: 'k', value: 'x' }]), Unavailable);
});
