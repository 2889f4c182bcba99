// The brake on log-ins that fail.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFailedLogins, delayMs } from '../../../../shared/http/failed-logins.ts';
import { recordedLog } from '../../../support/log.ts';

test('log-ins that fail from many addresses fill neither the log nor the memory [security L8]', async () => {
  const { log, lines } = recordedLog();
  let nowMs = 0;
  let counted = 0;
  const failed = createFailedLogins({ log, now: () => nowMs, count: () => void (counted += 1) });
  const once = async (address: string): Promise<void> =>
    await failed({ address, route: 'x', reason: 'wrong_token' }, AbortSignal.abort());
  for (let index = 0; index < 3000; index += 1) await once(`10.0.${index >> 8}.${index & 255}`);
  assert.equal(counted, 3000);
  assert.equal(lines.length, 61);
  nowMs = 61_000;
  await once('10.0.11.1');
  assert.equal(lines.length, 62, 'the next minute has lines again');
  assert.deepEqual([delayMs(3), delayMs(4), delayMs(6), delayMs(100)], [0, 100, 400, 3000]);
});

test('addresses of one IPv6 network count as one whose log-ins fail [security L8]', async () => {
  const { log, lines } = recordedLog();
  const failed = createFailedLogins({ log, now: () => 0, count: () => undefined });
  for (const address of ['2001:db8:0:1::1', '2001:db8:0:1::2', '2001:db8:0:1:f::', '2001:db8:0:2::1'])
    await failed({ address, route: 'x', reason: 'wrong_token' }, AbortSignal.abort());
  assert.deepEqual(
    lines.map(({ address }) => address),
    ['2001:db8:0:1::1', '2001:db8:0:2::1'],
  );
});
