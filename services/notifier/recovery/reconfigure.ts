// After a change of the configuration: timers, inhibitors and groups are rebuilt from the incidents
// that are on, and nobody is notified again.
import type { IncidentBrief, Transition } from '../../../shared/contracts/incident.ts';
import { groupOf } from '../policy/group.ts';
import { notifiedMark } from '../policy/notified-mark.ts';
import type { GroupStore, KnownGroup } from '../groups/store.ts';
import { escalatedTargets, isImmediate, targetsOf } from '../policy/decide.ts';
import type { DueRules } from '../policy/due.ts';
import { labelsOf } from '../policy/labels.ts';
import type { Policy } from '../policy/policy.ts';
import type { RedisClient } from '../redis/client.ts';
import type { Inhibitors } from '../incidents/inhibitors.ts';
import type { Keys } from '../redis/keys.ts';
import type { IncidentStore } from '../incidents/store.ts';

/** Dependencies of reconfiguring. */
interface ReconfigureParts {
  readonly client: RedisClient;
  readonly keys: Keys;
  readonly store: IncidentStore;
  readonly inhibitors: Pick<Inhibitors, 'note'>;
  readonly groups: Pick<GroupStore, 'restore' | 'makeAllDue'>;
  readonly policy: Policy;
  readonly rules: Pick<DueRules, 'staleAfterMs'>;
  /** The outbox relay. */
  readonly relay: { flush(whose: 'all'): Promise<void> };
  readonly now: () => number;
}

/**
 * Does so when Redis was filled by another policy, or other rules for timers, than these; says
 * whether the policy changed. Throws Unavailable and StateLost. Whoever waits in the outbox was not
 * notified yet, and joins its groups first.
 */
export async function reconfigure(parts: ReconfigureParts): Promise<boolean> {
  const { client, keys, store, inhibitors, policy, relay, rules } = parts;
  const [before = null, timersBefore] = await client.run(async (redis) => await redis.mget(keys.policy, keys.timersBy));
  const isPolicyNew = before !== policy.fingerprint;
  if (!isPolicyNew && timersBefore === timersBy(rules)) return false;
  await store.eachActive(async (incidents) => {
    await store.rearm(incidents.map(({ id }) => id));
    if (isPolicyNew) await inhibitors.note(incidents);
  });
  if (isPolicyNew) {
    await relay.flush('all');
    await store.eachActive(async (incidents) => await adopt(parts, incidents));
  }
  await client.run(async (redis) => await redis.mset(keys.policy, policy.fingerprint, keys.timersBy, timersBy(rules)));
  // Those that have no route any more are ended; they may wait for long.
  if (isPolicyNew) await parts.groups.makeAllDue(parts.now());
  return isPolicyNew && before !== null;
}

/** What timers depend on beside the policy, as it is kept in Redis. */
export function timersBy({ staleAfterMs }: Pick<DueRules, 'staleAfterMs'>): string {
  return String(staleAfterMs);
}

type Waiting = ReadonlyMap<string, ReadonlySet<Transition['kind']>>;

/**
 * Their groups by now have them as notified: they were, in their time, by the policy of that time.
 * Another notifier may have committed one since the outbox was emptied: looked up after the
 * incidents were read, the outbox holds it, or its group has it by now.
 */
async function adopt(parts: ReconfigureParts, incidents: readonly IncidentBrief[]): Promise<void> {
  const waiting = new Map<string, Set<Transition['kind']>>();
  for (const { transition } of await parts.store.outbox()) {
    const kinds = waiting.get(transition.incidentId) ?? new Set();
    waiting.set(transition.incidentId, kinds.add(transition.kind));
  }
  const known = incidents.flatMap((incident) => groupsOf(parts, incident, waiting));
  await parts.groups.restore(known);
}

function groupsOf(
  { policy, now }: Pick<ReconfigureParts, 'policy' | 'now'>,
  incident: IncidentBrief,
  waiting: Waiting,
): readonly KnownGroup[] {
  const kinds = waiting.get(incident.id);
  const hasBegun = kinds?.has('opened') !== true && kinds?.has('reopened') !== true;
  const labels = labelsOf(incident, policy.labelRules);
  const targets = [
    ...(hasBegun ? targetsOf(incident, labels, policy).targets : []),
    ...(kinds?.has('escalated') === true ? [] : escalatedTargets(incident, labels, policy)),
  ];
  const notified = { [incident.id]: notifiedMark(incident, 1) };
  return targets
    .filter((target) => !isImmediate(target))
    .map((target) => ({
      group: groupOf(target, labels, incident),
      episode: 1,
      revision: 1,
      lastNotifiedMs: now(),
      isMessage: 0,
      notified,
    }));
}
