// Which active incidents may hide others: an index in Redis that may hold too much, never too little; what it gives is looked at again.
import type { IncidentBrief } from '../../../shared/contracts/incident.ts';
import { type InhibitionKey, sourceKeys, targetKeys } from '../policy/inhibit.ts';
import { labelsOf } from '../policy/labels.ts';
import type { Labels } from '../policy/matcher.ts';
import type { Policy } from '../policy/policy.ts';
import type { Inhibitor } from '../policy/suppress.ts';
import { pipeline, type RedisClient } from '../redis/client.ts';
import type { Keys } from '../redis/keys.ts';
import type { IncidentStore } from './store.ts';

/** The index. Calls may throw Unavailable. */
export interface Inhibitors {
  /** Notes those of the incidents that may hide others. */
  note(incidents: readonly IncidentBrief[]): Promise<void>;
  /** For each set of labels the active incidents that may hide it. */
  of(labels: readonly Labels[]): Promise<readonly (readonly Inhibitor[])[]>;
}

/** Takes an incident out unless it is active again. Keys: incident, inhibitors. Argument: id. */
const FORGET = `
local state = redis.call('HGET', KEYS[1], 'state')
if state and state ~= 'resolved' then return 0 end
return redis.call('SREM', KEYS[2], ARGV[1])`;

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
    if (gone.length > 0)
      await pipeline(client, (commands) => {
        for (const one of gone) commands.eval(FORGET, 2, keys.incident(one), keys.inhibitors(id), one);
      });
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
