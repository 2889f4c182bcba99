// Which active incidents may hide others: an index in Redis that may hold too much, never too
// little; what it gives is looked at again.
import type { IncidentBrief } from '../../../shared/contracts/incident.ts';
import { type InhibitionKey, sourceKeys, targetKeys } from '../policy/inhibit.ts';
import { labelsOf } from '../policy/labels.ts';
import type { Labels } from '../../../shared/matchers/matcher.ts';
import type { Policy } from '../policy/policy.ts';
import type { Inhibitor } from '../policy/suppress.ts';
import { pipeline, type RedisClient } from '../redis/client.ts';
import type { Keys } from '../redis/keys.ts';
import { defineScript, runScripts } from '../redis/scripts.ts';
import type { IncidentStore } from './store.ts';

/** The index. Calls may throw Unavailable. */
export interface Inhibitors {
  /** Notes those of the incidents that may hide others. */
  note(incidents: readonly IncidentBrief[]): Promise<void>;
  /** For each set of labels the active incidents that may hide it. */
  of(labels: readonly Labels[]): Promise<readonly (readonly Inhibitor[])[]>;
}

const DROP = defineScript('drop-inhibitor', { keys: ['incident', 'inhibitors'], args: ['id'] });

/** More sources than these for one target change nothing. */
const MAX_SOURCES = 100;

/** The index on a connection. */
export function createInhibitors(
  client: RedisClient,
  keys: Keys,
  { store, policy }: { readonly store: Pick<IncidentStore, 'briefs'>; readonly policy: Policy },
): Inhibitors {
  const { inhibitRules: rules, labelRules } = policy;
  const read = async ({ rule, id }: InhibitionKey): Promise<readonly Inhibitor[]> => {
    const ids = await client.run(async (redis) => await redis.srandmember(keys.inhibitors(id), MAX_SOURCES));
    const snapshots = await store.briefs(ids);
    const gone = ids.filter((_, index) => (snapshots[index]?.state ?? 'resolved') === 'resolved');
    const calls = gone.map((one) => ({ incident: keys.incident(one), inhibitors: keys.inhibitors(id), id: one }));
    await runScripts(client, DROP, calls);
    return snapshots.flatMap((incident) =>
      incident === undefined || incident.state === 'resolved'
        ? []
        : [{ incidentId: incident.id, rule, labels: labelsOf(incident, labelRules) }],
    );
  };
  return {
    note: async (incidents) => {
      if (rules.length === 0) return;
      await pipeline(client, (commands) => {
        for (const incident of incidents)
          if (incident.state !== 'resolved')
            for (const { id } of sourceKeys(rules, labelsOf(incident, labelRules)))
              commands.sadd(keys.inhibitors(id), incident.id);
      });
    },
    of: async (labels) => {
      const wanted = labels.map((each) => targetKeys(rules, each));
      const distinct = new Map(wanted.flat().map((key) => [key.id, key]));
      const found = new Map<string, readonly Inhibitor[]>();
      for (const key of distinct.values()) found.set(key.id, await read(key));
      return wanted.map((own) => own.flatMap(({ id }) => found.get(id) ?? []));
    },
  };
}
