// What incidents do of themselves as time goes by. The timers follow from the snapshots, so that no restart and no lost Redis stops them.
import type { Relay } from '../delivery/relay.ts';
import type { NotifierMetrics } from '../metrics.ts';
import { type DueRules, passTime } from '../policy/due.ts';
import { changeIncident } from './change.ts';
import type { IncidentStore } from './store.ts';

/** What timers work with. */
export interface TimerParts {
  readonly store: IncidentStore;
  readonly relay: Relay;
  readonly rules: DueRules;
  readonly metrics: Pick<NotifierMetrics, 'timersFired'>;
}

const AT_A_TIME = 200;

/** Does what is due. Throws Unavailable and StateLost. */
export async function fireTimers({ store, relay, rules, metrics }: TimerParts, now: () => number): Promise<void> {
  const ids = await store.due(now(), AT_A_TIME);
  if (ids.length === 0) return;
  const idle: string[] = [];
  for (const id of ids) {
    const nowMs = now();
    const apply = (incident: Parameters<typeof passTime>[0]) => passTime(incident, rules, nowMs);
    const changed = await changeIncident(store, { id, apply, nowMs, receivedAtMs: nowMs });
    if (changed.kind === 'changed')
      for (const { kind } of changed.reduced.transitions) metrics.timersFired.inc({ kind });
    else idle.push(id);
  }
  if (idle.length > 0) await store.rearm(idle);
  await relay.flush();
}
