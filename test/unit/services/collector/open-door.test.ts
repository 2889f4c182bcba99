// The collector does not listen to the outside by accident.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collectorSchema } from '../../../../services/collector/config.ts';
import { httpInput } from '../../../../services/collector/inputs/http/http.ts';
import type { Intake } from '../../../../services/collector/inputs/input.ts';
import { declareCollectorMetrics } from '../../../../services/collector/metrics.ts';
import { ConfigError } from '../../../../shared/runtime/errors.ts';
import { createRegistry } from '../../../../shared/runtime/metrics.ts';
import { quietLog } from '../../../support/log.ts';

const intake: Intake = {
  maxRecordBytes: 1024,
  reserve: () => assert.fail('nobody sends here'),
  ready: async () => await Promise.resolve(assert.fail('nobody asks here')),
  deliver: async () => await Promise.resolve(assert.fail('nobody sends here')),
  deliverWithRetries: async () => await Promise.resolve(assert.fail('nobody sends here')),
  untilTaken: async () => await Promise.resolve(assert.fail('nobody sends here')),
};

async function start(http: Readonly<Record<string, unknown>>) {
  const { collector } = collectorSchema.parse({ collector: { http: { port: 0, ...http } } });
  const parts = { intake, metrics: declareCollectorMetrics(createRegistry('test')), log: quietLog, now: () => 1 };
  return await httpInput.start(collector.http, parts);
}

const tokens = { fleet: 'a'.repeat(16) };

for (const { name, http, lacks } of [
  {
    name: 'neither tokens nor TLS',
    http: { host: '0.0.0.0' },
    lacks: /http\.tokens or collector\.http\.clientCaFile, and collector\.http\.tlsCert/u,
  },
  { name: 'tokens without TLS', http: { host: '0.0.0.0', tokens }, lacks: /Set collector\.http\.tlsCert and tlsKey/u },
  { name: 'every IPv6 address', http: { host: '::' }, lacks: /http\.tokens/u },
  { name: 'a name that only looks like loopback', http: { host: '127.evil.example' }, lacks: /http\.tokens/u },
])
  test(`${name}: the start is refused, and says what is missing`, async () => {
    await assert.rejects(start(http), (error) => error instanceof ConfigError && lacks.test(error.message));
  });

for (const { name, http } of [
  { name: 'loopback', http: { host: '127.0.0.1' } },
  { name: 'the outside on demand', http: { host: '0.0.0.0', allowInsecure: true } },
])
  test(`${name}: it listens`, async () => {
    const running = await start(http);
    assert.equal(await running.ready(), undefined);
    await running.stop(AbortSignal.abort());
  });

test('a certificate that cannot be read stops the start and is named', async () => {
  await assert.rejects(
    start({ tlsCert: '/nowhere/cert.pem', tlsKey: '/nowhere/key.pem' }),
    (error) => error instanceof ConfigError && error.message.includes('/nowhere/cert.pem'),
  );
});
