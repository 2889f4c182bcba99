// What incidents do of themselves as time goes by. The timers follow from the snapshots, so that no restart and no lost Redis stops them.
import type { Incident } from '../../../shared/contracts/incident.ts';
import type { Relay } from '../delivery/relay.ts';
import type { NotifierMetrics } from '../metrics.ts';
import { type DueRules, isForgettable, passTime } from '../policy/due.ts';
import { changeIncident } from './change.ts';
import type { Forgetting } from './forget.ts';
import type { IncidentStore } from './store.ts';

/** What timers work with. */
export interface TimerParts {
  readonly store: IncidentStore;
  readonly relay: Relay;
  readonly forgetting: Pick<Forgetting, 'forget' | 'publish'>;
  readonly rules: DueRules;
  readonly metrics: Pick<NotifierMetrics, 'timersFired'>;
}

const AT_A_TIME = 200;

/** Does what is due. Throws Unavailable and StateLost. */
export async function fireTimers(parts: TimerParts, now: () => number): Promise<void> {
  const { store, relay, forgetting, rules, metrics } = parts;
  await forgetting.publish();
  const ids = await store.due(now(), AT_A_TIME);
  if (ids.length === 0) return;
  const idle: string[] = [];
  for (const id of ids) {
    const nowMs = now();
    let found: Incident | undefined;
    const apply = (incident: Incident) => {
      found = incident;
      return passTime(incident, rules, nowMs);
    };
    const changed = await changeIncident(store, { id, apply, nowMs, receivedAtMs: nowMs });
    if (changed.kind === 'changed')
      for (const { kind } of changed.reduced.transitions) metrics.timersFired.inc({ kind });
    else if (found !== undefined && isForgettable(found, rules, nowMs)) {
      await forgetting.forget(found, nowMs);
      metrics.timersFired.inc({ kind: 'forgotten' });
    } else idle.push(id);
  }
  await forgetting.publish();
  if (idle.length > 0) await store.rearm(idle);
  await relay.flush();
}
