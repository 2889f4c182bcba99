// Changes of incidents by time. The timers follow from the snapshots, so that no restart and no
// lost Redis stops them.
import type { Incident } from '../../../shared/contracts/incident.ts';
import type { Logger } from '../../../shared/runtime/logger.ts';
import type { Relay } from './outbox-relay.ts';
import type { NotifierMetrics } from '../metrics.ts';
import { type DueRules, isPurgeable, passTime } from '../policy/due.ts';
import { changeIncident } from '../incidents/change.ts';
import type { Purger } from '../incidents/purge.ts';
import type { IncidentStore } from '../incidents/store.ts';
import { isOwnBug } from '../redis/state-lost.ts';

/** Dependencies of the timers. */
interface TimerParts {
  readonly store: IncidentStore;
  readonly relay: Relay;
  readonly purger: Pick<Purger, 'purge' | 'publish'>;
  readonly rules: DueRules;
  readonly metrics: Pick<NotifierMetrics, 'incidentTimers'>;
  readonly log: Logger;
}

const AT_A_TIME = 200;
/** The delay of an incident's timer after a bug. */
const AFTER_BUG_MS = 60 * 60 * 1000;

/** Applies the changes that are due. Throws Unavailable and StateLost. */
export async function fireTimers(parts: TimerParts, now: () => number): Promise<void> {
  const { store, relay, purger } = parts;
  await purger.publish();
  const ids = await store.due(now(), AT_A_TIME);
  if (ids.length === 0) return;
  const idle: string[] = [];
  for (const id of ids) if (await isIdle(parts, id, now())) idle.push(id);
  await purger.publish();
  if (idle.length > 0) await store.rearm(idle);
  await relay.flush('own');
}

/**
 * True when nothing was due after all. One that a bug is met with waits for long, and keeps no
 * other waiting.
 */
async function isIdle(parts: TimerParts, id: string, nowMs: number): Promise<boolean> {
  try {
    return !(await fireOne(parts, id, nowMs));
  } catch (error) {
    if (!isOwnBug(error)) throw error;
    parts.log.error({ err: error, incident: id }, 'a bug met with what is due of one incident; it waits');
    await parts.store.postpone(id, nowMs + AFTER_BUG_MS);
    return false;
  }
}

async function fireOne({ store, purger, rules, metrics }: TimerParts, id: string, nowMs: number): Promise<boolean> {
  let found: Incident | undefined;
  const apply = (incident: Incident) => {
    found = incident;
    return passTime(incident, rules, nowMs);
  };
  const changed = await changeIncident(store, { id, apply, nowMs, receivedAtMs: nowMs });
  if (changed.kind === 'changed') {
    for (const { kind } of changed.reduced.transitions) metrics.incidentTimers.inc({ kind });
    return true;
  }
  if (found === undefined || !isPurgeable(found, rules, nowMs)) return false;
  await purger.purge(found, nowMs);
  metrics.incidentTimers.inc({ kind: 'purged' });
  return true;
}
