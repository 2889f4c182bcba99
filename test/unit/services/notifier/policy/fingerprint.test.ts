// What counts as another policy: what decides who is notified and in which group, and nothing else
// of the notifier's settings.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { notifierSchema } from '../../../../../services/notifier/config.ts';
import { receiverTraitsOf } from '../../../../../services/notifier/policy/receiver-traits.ts';
import { createPolicy } from '../../../../../services/notifier/policy/policy.ts';

const hook = { name: 'hook', kind: 'webhook', url: 'https://example.org/a', secret: 'before' };
const base = {
  receivers: [hook],
  route: { receiver: 'hook', group_by: ['rule'] },
  labels: [{ matchers: ['host="a"'], set: { team: 'x' } }],
};

function fingerprint(settings: Readonly<Record<string, unknown>>): string {
  const { notifier } = notifierSchema.parse({ notifier: { ...base, ...settings } });
  return createPolicy(notifier, notifier.receivers.map(receiverTraitsOf)).fingerprint;
}

for (const [what, settings] of Object.entries({
  'the admin port': { admin: { port: 9999 } },
  'the number of attempts': { attempts: 199 },
  'the probe': { probe: { networks: ['10.0.0.0/8'] } },
  'a secret of a receiver': { receivers: [{ ...hook, secret: 'after', url: 'https://example.org/b' }] },
  'how fast a receiver is served': { receivers: [{ ...hook, concurrency: 9, maxPerMinute: 5 }] },
  'how long an incident goes without an event': { staleAfterMs: 60_000 },
  links: { links: [{ title: 'Console', url: 'https://example.org' }] },
})) {
  test(`the policy is the same when this changes: ${what} [cluster R1]`, () => {
    assert.equal(fingerprint(settings), fingerprint({}));
  });
}

for (const [what, settings] of Object.entries({
  'a route': { route: { receiver: 'hook', group_by: ['host'] } },
  'no route': { route: undefined },
  'a label': { labels: [{ matchers: ['host="a"'], set: { team: 'y' } }] },
  'an inhibit rule': { inhibitRules: [{ source_matchers: ['host="a"'], target_matchers: ['host="b"'] }] },
  'a time interval': { timeIntervals: [{ name: 'night', time_intervals: [{ weekdays: ['monday'] }] }] },
  'the severity that a receiver takes': { receivers: [{ ...hook, minSeverity: 'error' }] },
  'another receiver': { receivers: [hook, { ...hook, name: 'other' }] },
  'the kind of a receiver': { receivers: [{ name: 'hook', kind: 'pagerduty', routingKey: 'k'.repeat(32) }] },
})) {
  test(`the policy is another when this changes: ${what} [cluster R1]`, () => {
    assert.notEqual(fingerprint(settings), fingerprint({}));
  });
}
