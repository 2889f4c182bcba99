// A mail that only some of its recipients take, with real Kafka and Redis: who has it does not get
// it again, whoever sends it next.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anAlertRecord } from '../support/alerts.ts';
import { startFakeSmtp } from '../support/fake-smtp.ts';
import { startNotifier } from '../support/notifier.ts';
import { until } from '../support/until.ts';
import { openRedis } from '../support/redis.ts';

const ANNA = 'anna@example.org';
const CARL = 'carl@example.org';

for (const [how, isKilled] of [
  ['a reload', false],
  ['a kill', true],
] as const)
  test(`one is greylisted, then comes ${how}: only he gets the letter again [alerting 11]`, async (t) => {
    const smtp = await startFakeSmtp(t);
    smtp.answerRecipient(CARL, 450);
    const people = { from: 'foghorn@example.org', to: [ANNA, CARL] };
    const mail = { name: 'mail', kind: 'email', host: '127.0.0.1', port: smtp.port, caFile: smtp.caFile, ...people };
    const notifier = await startNotifier(t, [mail], { FOGHORN_NOTIFIER_RETRY_MIN_MS: '2000' });
    await notifier.kafka.producer.send([anAlertRecord({ host: 'media01.example.org' })]);
    await until('one has it', () => smtp.received().length === 1);
    const { url, keyPrefix } = notifier.redis;
    const client = openRedis(t, { url, keyPrefix });
    await until(
      'that is stored',
      async () => (await client.run(async (redis) => await redis.keys(`${keyPrefix}:letter:*`))).length > 0,
    );
    if (isKilled) {
      await notifier.service.kill();
      await notifier.service.start();
    } else notifier.service.hangUp();
    smtp.answerRecipient(CARL, 250);
    await until('the other has it', () => smtp.received().some(({ to }) => to.includes(CARL)));
    await until('it is settled', async () => (await notifier.actions()).some(({ type }) => type === 'notified'));
    assert.deepEqual(
      smtp
        .received()
        .map(({ to }) => to)
        .toSorted(),
      [[ANNA], [CARL]],
    );
  });
