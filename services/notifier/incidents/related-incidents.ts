// The cause of an incident as other incidents of the host suggest it: looked up when a message is
// made, because they may come later.
import type { Incident } from '../../../shared/contracts/incident.ts';
import type { RemediationTexts } from '../../../shared/kafka/remediation-texts.ts';
import { type SuspectedCause, suspectedCauses } from '../../../shared/contracts/suspected-cause.ts';
import type { RedisClient } from '../redis/client.ts';
import type { Keys } from '../redis/keys.ts';
import type { IncidentStore } from './store.ts';

/** The other incidents of a host. Calls may throw Unavailable. */
export interface RelatedIncidents {
  /** Those that name the cause, latest first. */
  suspectedCauses(incident: Incident): Promise<readonly SuspectedCause[]>;
}

/** A host with more unresolved incidents than these has other troubles. */
const MAX_RELATED = 50;

/** Looks them up in Redis; asks nothing for incidents whose entry names no signs. */
export function createRelatedIncidents(
  client: RedisClient,
  keys: Keys,
  {
    store,
    texts,
  }: {
    readonly store: Pick<IncidentStore, 'snapshots'>;
    readonly texts: Pick<RemediationTexts, 'load' | 'relatedEvents'>;
  },
): RelatedIncidents {
  return {
    suspectedCauses: async (incident) => {
      await texts.load([incident]);
      const related = texts.relatedEvents(incident);
      if (!related.some(({ relation }) => relation === 'names-cause')) return [];
      const key = keys.host(incident.entity.host);
      const ids = await client.run(async (redis) => await redis.srandmember(key, MAX_RELATED));
      const others = await store.snapshots(ids);
      return suspectedCauses(
        { ...incident, remediation: { related } },
        others.filter((other) => other !== undefined),
      );
    },
  };
}
