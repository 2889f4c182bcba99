// Commands for many incidents: each is followed to its end, whatever order the news come in.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBulkJobs } from '../../../../services/console/change/bulk-jobs.ts';
import { createHub } from '../../../../services/console/live/hub.ts';
import type { ActivityEntry } from '../../../../shared/contracts/activity.ts';
import type { Command, IncidentCommand } from '../../../../shared/contracts/command.ts';
import { Unavailable } from '../../../../shared/runtime/errors.ts';
import { anIncident } from '../../../support/incidents.ts';
import { quietLog } from '../../../support/log.ts';
import { until } from '../../../support/until.ts';

const HOUR_MS = 3_600_000;
const commandsOf = (count: number, prefix = 'c'): readonly IncidentCommand[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `${prefix}${index}`,
    actor: 'kim',
    atMs: 0,
    reason: '',
    kind: 'acknowledge',
    incidentId: `i${index}`,
  }));
const refusal = (commandId: string, reason: string): ActivityEntry =>
  ({ id: commandId, type: 'refused', commandId, reason }) as ActivityEntry;

function start(send: (commands: readonly Command[]) => Promise<void> = async () => undefined) {
  const hub = createHub();
  let nowMs = 0;
  const jobs = createBulkJobs({ sender: { send }, hub, log: quietLog, now: () => nowMs });
  return { hub, jobs, pass: (ms: number) => void (nowMs += ms) };
}

test('done and refused ones are counted once each, with the reasons', async () => {
  const { hub, jobs } = start();
  const id = await jobs.start(commandsOf(3));
  hub.incident({ ...anIncident('i0', 2), recentEventIds: ['c0'] });
  hub.incident({ ...anIncident('i0', 3), recentEventIds: ['c0', 'event'] });
  hub.incident({ ...anIncident('i1', 2), recentEventIds: ['other'] });
  hub.activity(refusal('c2', 'it is resolved'));
  hub.activity(refusal('other', 'somebody else'));
  const { done, refused, pending, unsent, isFinished, refusals, kind, actor } = jobs.progress(id) ?? assert.fail();
  assert.deepEqual([done, refused, pending, unsent, isFinished], [1, 1, 1, 0, false]);
  assert.deepEqual(refusals, [{ incidentId: 'i2', reason: 'it is resolved' }]);
  assert.deepEqual([kind, actor], ['acknowledge', 'kim']);
  hub.incident({ ...anIncident('i1', 3), recentEventIds: ['other', 'c1'] });
  assert.equal(jobs.progress(id)?.isFinished, true);
  assert.equal(jobs.progress('none'), undefined);
});

test('an outcome that comes before Kafka has answered counts', async () => {
  const { hub, jobs } = start(async () => hub.incident({ ...anIncident('i0', 2), recentEventIds: ['c0'] }));
  const id = await jobs.start(commandsOf(1));
  assert.deepEqual([jobs.progress(id)?.done, jobs.progress(id)?.isFinished], [1, true]);
});

test('the rest is sent after the answer, and an outage in between is reported with what was not sent', async () => {
  let sent = 0;
  const { hub, jobs } = start(async (commands) => {
    if (sent >= 1000) throw new Unavailable('Kafka', 'gone');
    sent += commands.length;
  });
  const id = await jobs.start(commandsOf(1200));
  await until('the rest has failed', () => jobs.progress(id)?.error !== undefined);
  const { unsent, pending, error, isFinished } = jobs.progress(id) ?? assert.fail();
  assert.deepEqual([unsent, pending, isFinished], [200, 1000, false]);
  assert.match(error ?? '', /Kafka is not available/u);
  for (let index = 0; index < 1000; index += 1)
    hub.incident({ ...anIncident(`i${index}`, 2), recentEventIds: [`c${index}`] });
  assert.deepEqual([jobs.progress(id)?.done, jobs.progress(id)?.isFinished], [1000, true]);
});

test('what Kafka takes none of is refused and leaves no job', async () => {
  const { jobs } = start(async () => await Promise.reject(new Unavailable('Kafka', 'gone')));
  await assert.rejects(jobs.start(commandsOf(2)), Unavailable);
});

test('jobs are kept for an hour, a hundred at most', async () => {
  const { jobs, pass } = start();
  const first = await jobs.start(commandsOf(1, 'a'));
  for (let index = 0; index < 100; index += 1) await jobs.start(commandsOf(1, `b${index}-`));
  assert.equal(jobs.progress(first), undefined);
  const last = await jobs.start(commandsOf(1, 'l'));
  pass(HOUR_MS);
  await jobs.start(commandsOf(1, 'z'));
  assert.equal(jobs.progress(last), undefined);
});
