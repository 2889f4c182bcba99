// Evidence kept in Redis for alerts that come behind it: the latest, however much comes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clearing } from '../../shared/contracts/incident.ts';
import { anId } from '../support/ids.ts';
import { openTestComponents } from '../support/notifier-components.ts';

const NOW_MS = Date.now();

function evidence(number: number): Clearing {
  return {
    kind: 'clearing',
    ruleId: 'r',
    host: 'media01',
    params: { port: number },
    eventId: anId(`evidence-${number}`),
    atMs: NOW_MS + number,
    receivedAtMs: NOW_MS + number,
    evidence: `event ${number}`,
  };
}

test('evidence that comes without end takes no memory without end, and the latest is kept [security M14]', async (t) => {
  const { components, redis } = await openTestComponents(t);
  for (let number = 0; number < 250; number += 1) await components.clearings.apply(evidence(number));
  const [key = '', ...others] = await components.client.run(
    async (client) => await client.keys(`${redis.keyPrefix}:clearing:*`),
  );
  assert.equal(others.length, 0);
  const kept = await components.client.run(async (client) => await client.hvals(key));
  const numbers = kept
    .map((text) => (JSON.parse(text) as Clearing).atMs - NOW_MS)
    .toSorted((one, other) => one - other);
  assert.ok(numbers.length >= 50 && numbers.length <= 100, `${numbers.length} are kept`);
  assert.deepEqual(
    numbers,
    Array.from({ length: numbers.length }, (_, index) => 250 - numbers.length + index),
  );
});
