// What every channel keeps to, whatever it speaks: render is pure, send never throws, what fails is
// distinguished, and in the end a message has arrived once. A kind without a subject in
// test/support/channels.ts does not compile.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Channel } from '../../services/notifier/channels/channel.ts';
import type { IncidentState } from '../../shared/contracts/incident.ts';
import type { Notification, NotificationReason, SendOutcome } from '../../shared/contracts/notification.ts';
import { CHANNEL_FAULTS, CHANNELS, type ChannelFault, type ChannelSubject } from '../support/channels.ts';
import { aDigest, aNotification, HOSTILE, hostileNotification, inState } from '../support/notifications.ts';

const { signal } = new AbortController();

function notification(id: string, parts: Partial<Notification> = {}): Notification {
  return aNotification({ id, ...parts });
}

const REASONS = ['opened', 'reopened', 'repeated', 'acknowledged', 'escalated', 'resolved', 'updated'] as const;
const STATES: Partial<Record<NotificationReason, IncidentState>> = {
  acknowledged: 'acknowledged',
  resolved: 'resolved',
};

/** What each fault may be taken for. To take one for `sent` would lose the message. */
const MEANINGS: Readonly<Record<ChannelFault, readonly SendOutcome['kind'][]>> = {
  throttle: ['retry'],
  error: ['retry', 'unknown'],
  hang: ['unknown'],
  'hang-up': ['unknown'],
  truncate: ['unknown', 'sent'],
  stranger: ['retry', 'unknown'],
  refuse: ['refused'],
  away: ['retry'],
};

for (const [kind, open] of Object.entries(CHANNELS)) {
  test(`${kind}: render is pure and knows the delivery`, async (t) => {
    const { channel } = await open(t);
    assert.deepEqual(channel.render(notification('n-1')), channel.render(notification('n-1')));
    assert.equal(channel.render(notification('n-1')).id, 'n-1');
  });

  test(`${kind}: every message leads to the page of its incident or digest; a test names no fault [issue 17 §2]`, async (t) => {
    const { channel } = await open(t);
    const shown = (parts: Partial<Notification>): string => JSON.stringify(channel.render(notification('n-1', parts)));
    const [incidentPage, digestPage] = ['incidents/abc', 'g/storm'].map(
      (path) => `https://foghorn.example.org/${path}`,
    );
    assert.ok(incidentPage !== undefined && digestPage !== undefined);
    for (const reason of REASONS) {
      const state = STATES[reason] ?? 'open';
      const incident = inState({ state, resolvedAtMs: 0 });
      assert.ok(shown({ reason, incident, page: incidentPage }).includes(incidentPage), reason);
      const ofGroup = shown({ reason, incident, digest: aDigest(), page: digestPage });
      assert.ok(ofGroup.includes(digestPage), `${reason}, of a group`);
    }
    assert.doesNotMatch(shown({ reason: 'test' }), /media01|WMServer|"error"/u);
  });

  test(`${kind}: what was sent has arrived once, and a second look does not make it two`, async (t) => {
    const { channel, arrived } = await open(t);
    const rendered = channel.render(notification('n-2'));
    const outcome = await channel.send(rendered, signal);
    assert.equal(outcome.kind, 'sent', JSON.stringify(outcome));
    assert.equal(await arrived('n-2'), 1);
    assert.ok(['sent', 'absent'].includes((await channel.reconcile(rendered)).kind));
    assert.equal((await channel.reconcile(channel.render(notification('n-other')))).kind, 'absent');
  });

  test(`${kind}: every fault is an outcome, distinguished, and never an exception`, async (t) => {
    const { channel, behave, impossible } = await open(t);
    for (const fault of possible(impossible)) {
      await behave(fault);
      const outcome = await channel.send(channel.render(notification(`n-${fault}`)), signal);
      assert.ok(MEANINGS[fault].includes(outcome.kind), `${fault}: ${JSON.stringify(outcome)}`);
      if (outcome.kind === 'sent') continue;
      assert.notEqual(outcome.detail, '');
      if (fault === 'throttle' && outcome.kind === 'retry' && kind !== 'email') assert.equal(outcome.afterMs, 3000);
    }
  });

  test(`${kind}: whatever happens on the way, in the end it has arrived once`, async (t) => {
    const { channel, behave, impossible, arrived, isRepeatHarmless } = await open(t);
    for (const fault of possible(impossible).filter((one) => one !== 'refuse')) {
      const id = `n-end-${fault}`;
      await behave(fault);
      const first = await tryLikeTheWorker(channel, id, undefined);
      await behave('none');
      const last = first.kind === 'sent' ? first : await tryLikeTheWorker(channel, id, first);
      assert.equal(last.kind, 'sent', `${fault}: ${JSON.stringify(last)}`);
      const count = await arrived(id);
      if (isRepeatHarmless) assert.equal(count, 1, fault);
      else assert.ok(count === 1 || (count === 2 && first.kind === 'unknown'), `${fault}: ${count}`);
    }
  });

  test(`${kind}: whatever stands in an event, nothing is refused for its form`, async (t) => {
    const { channel } = await open(t);
    for (const [index, [name, text]] of Object.entries(HOSTILE).entries()) {
      const hostile = { ...hostileNotification(text), id: `n-hostile-${index}` };
      const outcome = await channel.send(channel.render(hostile), signal);
      assert.equal(outcome.kind, 'sent', `${name}: ${JSON.stringify(outcome)}`);
    }
  });

  test(`${kind}: an ending service is not held up by a receiver that hangs`, async (t) => {
    const { channel, behave, impossible } = await open(t);
    if (impossible.hang !== undefined) return t.skip(impossible.hang);
    await behave('hang');
    const [waiting, ending] = [new AbortController(), new AbortController()];
    const other = channel.send(channel.render(notification('n-waiting')), waiting.signal);
    const aborted = channel.send(channel.render(notification('n-abort')), ending.signal);
    setTimeout(() => ending.abort(), 50);
    const first = await Promise.race([other.then(() => 'its time limit'), aborted.then(() => 'the end')]);
    assert.equal(first, 'the end');
    const outcome = await aborted;
    assert.ok(['retry', 'unknown'].includes(outcome.kind), outcome.kind);
    waiting.abort();
    await other;
  });
}

/** The faults that are made to happen. */
function possible(impossible: ChannelSubject['impossible']): readonly ChannelFault[] {
  const faults = CHANNEL_FAULTS.filter((fault) => impossible[fault] === undefined);
  assert.ok(faults.includes('error'), 'every channel can fail');
  return faults;
}

/** An unclear end is looked into before anything is sent again. */
async function tryLikeTheWorker(channel: Channel, id: string, before: SendOutcome | undefined): Promise<SendOutcome> {
  const rendered = channel.render(notification(id));
  if (before?.kind === 'unknown') {
    const found = await channel.reconcile(rendered);
    if (found.kind !== 'absent') return found;
  }
  return await channel.send(rendered, signal);
}
