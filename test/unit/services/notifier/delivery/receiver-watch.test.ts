// A receiver that fails is an incident: raised when it matters, once, and cleared when it takes
// something again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { watchReceiver } from '../../../../../services/notifier/delivery/receiver-watch.ts';
import { targetsOf } from '../../../../../services/notifier/policy/decide.ts';
import { labelsOf } from '../../../../../services/notifier/policy/labels.ts';
import { RECEIVER_FAILING_RULE } from '../../../../../services/notifier/policy/receiver-failing.ts';
import type { Alert } from '../../../../../shared/contracts/enriched-event.ts';
import { applyAlerts } from '../../../../../shared/contracts/incident-reducer.ts';
import type { OutRecord } from '../../../../../shared/contracts/record.ts';
import { quietLog } from '../../../../support/log.ts';
import { aPolicy } from '../../../../support/policy.ts';

function watching(receiverFailingAfterMs = 500) {
  const sent: OutRecord[] = [];
  let nowMs = 1000;
  const producer = {
    send: async (records: readonly OutRecord[]) => {
      sent.push(...records);
      return await Promise.resolve([]);
    },
    ready: async () => await Promise.resolve(undefined),
    close: async () => await Promise.resolve(),
  };
  const watch = watchReceiver({ receiver: 'chat', receiverFailingAfterMs, producer, log: quietLog, now: () => nowMs });
  const fails = { detail: 'HTTP 503', isFinal: false };
  const kinds = (): readonly string[] =>
    sent.map(({ value }) => (JSON.parse(String(value)) as { readonly kind?: string }).kind ?? 'alert');
  return { watch, sent, kinds, fails, pass: (ms: number) => void (nowMs += ms) };
}

const TAKEN = { detail: undefined, isFinal: false };

test('raised after a while, once, and cleared by the first success', async () => {
  const { watch, kinds, fails, pass } = watching();
  await watch.recordResult(fails);
  pass(499);
  await watch.recordResult(fails);
  assert.deepEqual(kinds(), []);
  pass(1);
  await watch.recordResult(fails);
  await watch.recordResult(fails);
  assert.deepEqual(kinds(), ['alert']);
  await watch.recordResult(TAKEN);
  await watch.recordResult(TAKEN);
  assert.deepEqual(kinds(), ['alert', 'clearing']);
});

test('raised also while nothing is tried, as in a pause that the receiver asked for', async () => {
  const { watch, kinds, fails, pass } = watching();
  await watch.recordWaiting();
  await watch.recordResult(fails);
  pass(499);
  await watch.recordWaiting();
  assert.deepEqual(kinds(), []);
  pass(1);
  await watch.recordWaiting();
  await watch.recordWaiting();
  assert.deepEqual(kinds(), ['alert']);
});

test('what somebody has to correct is raised within seconds, what passes meanwhile is not [alerting 8]', async () => {
  const { watch, kinds, fails, pass } = watching(86_400_000);
  const wrong = { detail: 'HTTP 401', isFinal: false, isConfiguration: true };
  await watch.recordResult(wrong);
  pass(9000);
  await watch.recordResult(fails);
  pass(9000);
  await watch.recordResult(wrong);
  pass(9999);
  await watch.recordWaiting();
  assert.deepEqual(kinds(), []);
  pass(1);
  await watch.recordWaiting();
  assert.deepEqual(kinds(), ['alert']);
});

test('a delivery lost for good is raised at once', async () => {
  const { watch, kinds, fails } = watching();
  await watch.recordResult({ ...fails, isFinal: true });
  assert.deepEqual(kinds(), ['alert']);
});

test('the first success of a process clears what another one may have raised', async () => {
  const { watch, kinds } = watching();
  await watch.recordResult(TAKEN);
  assert.deepEqual(kinds(), ['clearing']);
});

test('it makes an incident, which everybody is notified of but the receiver that fails', async () => {
  const { watch, sent, fails } = watching();
  await watch.recordResult({ ...fails, isFinal: true });
  const alert = JSON.parse(String(sent[0]?.value)) as Alert;
  const { incident } = applyAlerts(undefined, [alert], { nowMs: 2000, reopenWithinMs: 0 });
  assert.equal(incident.entity.ruleId, RECEIVER_FAILING_RULE);
  assert.match(incident.lastMessage, /chat.*HTTP 503/u);
  const policy = aPolicy({}, ['chat', 'mail']);
  assert.deepEqual(
    targetsOf(incident, labelsOf(incident), policy).targets.map(({ receiver }) => receiver),
    ['mail'],
  );
});
