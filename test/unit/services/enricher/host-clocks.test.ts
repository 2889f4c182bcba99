// What is known of hosts' clocks: behind is distinguished from delivered late, and one forged date
// says nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHostClocks, type HostClocks } from '../../../../services/enricher/host-clocks.ts';
import { clockStateOf, type HostClock } from '../../../../shared/contracts/moment.ts';

function isOff(clock: HostClock): boolean {
  return ['ahead', 'behind'].includes(clockStateOf(clock) ?? '');
}

const MINUTE_MS = 60_000;
const NOW_MS = Date.UTC(2026, 10, 29, 12);

function saw(clocks: HostClocks, receivedAtMs: number, lead: number, more: { host?: string; sender?: string } = {}) {
  return clocks.record({ host: 'media01', sender: 'agent-web', atMs: receivedAtMs + lead, receivedAtMs, ...more });
}

test('a clock that is steadily behind is known to be after a few seconds, a backlog never', () => {
  const clocks = createHostClocks();
  assert.ok(!isOff(saw(clocks, NOW_MS, -6 * MINUTE_MS)));
  const known = saw(clocks, NOW_MS + 3000, -6 * MINUTE_MS - 40);
  assert.deepEqual(known, { skewMs: -6 * MINUTE_MS, isSettled: true });
  assert.ok(isOff(known));
  const catchingUp = createHostClocks();
  for (let second = 0; second < 600; second += 1) {
    const lead = -3 * 60 * MINUTE_MS + second * 15_000;
    assert.ok(!isOff(saw(catchingUp, NOW_MS + second * 1000, Math.min(0, lead))));
  }
});

test('a clock ahead is known at once, and one event dated ahead among others changes nothing', () => {
  const clocks = createHostClocks();
  assert.equal(saw(clocks, NOW_MS, 86_400_000).skewMs, 86_400_000);
  assert.ok(isOff(saw(clocks, NOW_MS + 1, 86_400_000)));
  for (let number = 0; number < 5; number += 1) saw(clocks, NOW_MS + 10 + number, -20);
  assert.equal(saw(clocks, NOW_MS + 100, 1e14).skewMs, -20);
});

test('what is known is of one sender and of the last minutes, and of no more hosts than allowed', () => {
  const clocks = createHostClocks(2);
  saw(clocks, NOW_MS, -20);
  assert.equal(saw(clocks, NOW_MS + 1, -5 * MINUTE_MS).skewMs, -20);
  assert.equal(saw(clocks, NOW_MS + 2, -5 * MINUTE_MS, { sender: 'other' }).skewMs, -5 * MINUTE_MS);
  assert.equal(saw(clocks, NOW_MS + 40 * MINUTE_MS, -5 * MINUTE_MS).skewMs, -5 * MINUTE_MS);
  saw(clocks, NOW_MS + 40 * MINUTE_MS, -20, { host: 'a' });
  saw(clocks, NOW_MS + 40 * MINUTE_MS, -20, { host: 'b' });
  assert.equal(saw(clocks, NOW_MS + 40 * MINUTE_MS, -9 * MINUTE_MS).skewMs, -9 * MINUTE_MS);
});

test('a host whose name reaches into that of another sender says nothing of the clocks of its hosts [security H1]', () => {
  const clocks = createHostClocks();
  saw(clocks, NOW_MS, -20, { host: 'media01 dc', sender: 'agent' });
  saw(clocks, NOW_MS, -20, { host: 'media01', sender: 'agent dc' });
  assert.equal(saw(clocks, NOW_MS, -9 * MINUTE_MS, { host: 'media01', sender: 'dc agent' }).skewMs, -9 * MINUTE_MS);
  assert.equal(saw(clocks, NOW_MS, -9 * MINUTE_MS, { host: 'dc media01', sender: 'agent' }).skewMs, -9 * MINUTE_MS);
});

test('of the name of a host only as much is kept as a name in DNS may have [security H1]', () => {
  const clocks = createHostClocks();
  const long = 'x'.repeat(255);
  saw(clocks, NOW_MS, -20, { host: `${long}${'y'.repeat(60_000)}` });
  assert.equal(saw(clocks, NOW_MS, -9 * MINUTE_MS, { host: long }).skewMs, -20);
  assert.equal(saw(clocks, NOW_MS, -9 * MINUTE_MS, { host: long.slice(1) }).skewMs, -9 * MINUTE_MS);
});
