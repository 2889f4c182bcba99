// After a change of the configuration: timers, inhibitors and groups are made anew from the incidents that are on, and nobody is told again.
import type { IncidentBrief } from '../../../shared/contracts/incident.ts';
import { groupOf } from '../groups/group.ts';
import { toldMark } from '../groups/marks.ts';
import type { GroupStore } from '../groups/store.ts';
import { escalatedTargets, isImmediate, targetsOf } from '../policy/decide.ts';
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
  readonly now: () => number;
}

/** Does so when Redis was filled by another policy than this one; says whether it did. Throws Unavailable. */
export async function reindexAfterChange(parts: ReindexParts): Promise<boolean> {
  const { client, keys, store, inhibitors, policy } = parts;
  const before = await client.run(async (redis) => await redis.get(keys.policy));
  if (before === policy.fingerprint) return false;
  await store.eachActive(async (incidents) => {
    await store.rearm(incidents.map(({ id }) => id));
    await inhibitors.note(incidents);
    for (const incident of incidents) await adopt(parts, incident);
  });
  await client.run(async (redis) => await redis.set(keys.policy, policy.fingerprint));
  // Those that have no route any more are ended; they may wait for long.
  await parts.groups.wake(parts.now());
  return before !== null;
}

/** Its groups by now have it as one that was told: it was, in its time, by the policy of that time. */
async function adopt({ groups, policy, now }: ReindexParts, incident: IncidentBrief): Promise<void> {
  const labels = labelsOf(incident, policy.labelRules);
  const targets = [...targetsOf(incident, labels, policy).targets, ...escalatedTargets(incident, labels, policy)];
  for (const target of targets) {
    if (isImmediate(target)) continue;
    const told = { [incident.id]: toldMark(incident, 1) };
    const group = groupOf(target, labels, incident);
    await groups.restore({ group, episode: 1, revision: 1, lastToldMs: now(), told });
  }
}
