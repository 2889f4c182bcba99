// After a change of the configuration: timers, inhibitors and groups are made anew from the incidents that are on, and nobody is told again.
import type { IncidentBrief, Transition } from '../../../shared/contracts/incident.ts';
import type { Relay } from '../delivery/relay.ts';
import { groupOf } from '../groups/group.ts';
import { toldMark } from '../groups/marks.ts';
import type { GroupStore } from '../groups/store.ts';
import { escalatedTargets, isImmediate, targetsOf } from '../policy/decide.ts';
import type { DueRules } from '../policy/due.ts';
import { labelsOf } from '../policy/labels.ts';
import type { Policy } from '../policy/policy.ts';
import type { RedisClient } from '../redis.ts';
import type { Inhibitors } from './inhibitors.ts';
import type { Keys } from './keys.ts';
import type { IncidentStore } from './store.ts';

/** What reindexing works with. */
export interface ReindexParts {
  readonly client: RedisClient;
  readonly keys: Keys;
  readonly store: IncidentStore;
  readonly inhibitors: Pick<Inhibitors, 'note'>;
  readonly groups: Pick<GroupStore, 'restore' | 'wake'>;
  readonly policy: Policy;
  readonly rules: Pick<DueRules, 'staleAfterMs'>;
  readonly relay: Relay;
  readonly now: () => number;
}

/**
 * Does so when Redis was filled by another policy, or other rules for timers, than these; says whether the policy changed. Throws Unavailable and StateLost.
 * Whoever waits in the outbox was not notified yet, and joins its groups first.
 */
export async function reindexAfterChange(parts: ReindexParts): Promise<boolean> {
  const { client, keys, store, inhibitors, policy, relay, rules } = parts;
  const [before = null, timersBefore] = await client.run(async (redis) => await redis.mget(keys.policy, keys.timersBy));
  const isPolicyNew = before !== policy.fingerprint;
  if (!isPolicyNew && timersBefore === timersBy(rules)) return false;
  await store.eachActive(async (incidents) => {
    await store.rearm(incidents.map(({ id }) => id));
    if (isPolicyNew) await inhibitors.note(incidents);
  });
  if (isPolicyNew) {
    await relay.flush();
    await store.eachActive(async (incidents) => await adopt(parts, incidents));
  }
  await client.run(async (redis) => await redis.mset(keys.policy, policy.fingerprint, keys.timersBy, timersBy(rules)));
  // Those that have no route any more are ended; they may wait for long.
  if (isPolicyNew) await parts.groups.wake(parts.now());
  return isPolicyNew && before !== null;
}

/** What timers depend on beside the policy, as it is kept in Redis. */
export function timersBy({ staleAfterMs }: Pick<DueRules, 'staleAfterMs'>): string {
  return String(staleAfterMs);
}

type Waiting = ReadonlyMap<string, ReadonlySet<Transition['kind']>>;

/**
 * Their groups by now have them as notified: they were, in their time, by the policy of that time. Another notifier may have committed one since the outbox
 * was emptied: looked up after the incidents were read, the outbox holds it, or its group has it by now.
 */
async function adopt(parts: ReindexParts, incidents: readonly IncidentBrief[]): Promise<void> {
  const waiting = new Map<string, Set<Transition['kind']>>();
  for (const { transition } of await parts.store.outbox()) {
    const kinds = waiting.get(transition.incidentId) ?? new Set();
    waiting.set(transition.incidentId, kinds.add(transition.kind));
  }
  for (const incident of incidents) await adoptOne(parts, incident, waiting);
}

async function adoptOne({ groups, policy, now }: ReindexParts, incident: IncidentBrief, waiting: Waiting) {
  const kinds = waiting.get(incident.id);
  const hasBegun = kinds?.has('opened') !== true && kinds?.has('reopened') !== true;
  const labels = labelsOf(incident, policy.labelRules);
  const targets = [
    ...(hasBegun ? targetsOf(incident, labels, policy).targets : []),
    ...(kinds?.has('escalated') === true ? [] : escalatedTargets(incident, labels, policy)),
  ];
  for (const target of targets) {
    if (isImmediate(target)) continue;
    const told = { [incident.id]: toldMark(incident, 1) };
    const group = groupOf(target, labels, incident);
    await groups.restore({ group, episode: 1, revision: 1, lastToldMs: now(), told });
  }
}
