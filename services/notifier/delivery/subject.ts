// What a delivery of one incident says at the moment of sending: the incident as it is then, or why nothing is sent.
import type { Incident, IncidentBrief } from '../../../shared/contracts/incident.ts';
import type { NamedCause } from '../../../shared/contracts/named-cause.ts';
import type { Digest } from '../../../shared/contracts/notification.ts';
import type { RelatedIncidents } from '../incidents/related-incidents.ts';
import type { IncidentStore } from '../incidents/store.ts';
import { StateLost } from '../redis/state-lost.ts';
import { targetsOf } from '../policy/decide.ts';
import { labelsOf } from '../policy/labels.ts';
import type { Policy } from '../policy/policy.ts';
import type { SuppressedBy } from '../policy/suppress.ts';
import { asItEnded } from '../incidents/episode-end.ts';
import type { SuppressionCheck } from './suppression-check.ts';
import type { Claim } from './notification-log.ts';
import type { Delivery, DeliveryEnd } from './plan.ts';

/** What is sent, or why nothing is: `suppressed` for now, or `superseded` by a later change. */
export type Subject =
  | {
      readonly kind: 'notify';
      readonly incident: Incident;
      readonly digest?: Digest;
      readonly namedCauses?: readonly NamedCause[];
      /** The incidents that count as notified once it is sent; each gets its activity entry. */
      readonly notified: readonly IncidentBrief[];
    }
  | {
      readonly kind: 'suppressed';
      readonly incident: Incident;
      readonly by: string;
      readonly reason: string;
      readonly againAtMs: number;
    }
  | { readonly kind: 'superseded'; readonly incident: Incident; readonly reason: string };

/** Determines the subject. Throws Unavailable, and StateLost when Redis does not hold the incident. */
export type SubjectOf = (delivery: Delivery, claim: Claim, nowMs: number) => Promise<Subject>;

/** Dependencies of the subject of an incident. */
export interface SubjectParts {
  readonly store: Pick<IncidentStore, 'snapshots'>;
  readonly policy: Policy;
  readonly suppressionOf: SuppressionCheck;
  readonly relatedIncidents: RelatedIncidents;
}

/** The subject of a delivery of one incident. */
export function createIncidentSubject({ store, policy, suppressionOf, relatedIncidents }: SubjectParts): SubjectOf {
  return async (delivery, claim, nowMs) => {
    const [now] = await store.snapshots([delivery.subjectId]);
    if (now === undefined) throw new StateLost(`Redis does not hold incident ${delivery.subjectId}.`);
    const end = now.episode > delivery.episode ? pastEndOf(delivery, policy) : undefined;
    const incident = end === undefined ? now : asItEnded(now, end.incident);
    const superseded = supersededBy(delivery, incident, { claim, isPast: end !== undefined });
    if (superseded !== undefined) return { kind: 'superseded', incident, reason: superseded };
    if (claim.kind !== 'sent') {
      const { targets } = targetsOf(incident, labelsOf(incident, policy.labelRules), policy);
      const route = targets.find(({ receiver }) => receiver === delivery.receiver)?.route;
      const [answer] = await suppressionOf([{ incident, route, now, exempt: exemptFrom(delivery) }], nowMs);
      if (answer?.kind === 'suppressed') {
        const { by, reason, againAtMs } = answer;
        return { kind: 'suppressed', incident, by, reason, againAtMs };
      }
    }
    return {
      kind: 'notify',
      incident,
      notified: [incident],
      namedCauses: await relatedIncidents.namedCauses(incident),
    };
  };
}

/** The end of an episode that is over, for a receiver where it does not end the next one as well. */
function pastEndOf({ receiver, end }: Delivery, { candidates }: Policy): DeliveryEnd | undefined {
  return candidates.find(({ name }) => name === receiver)?.keepsEpisodes === true ? end : undefined;
}

/** That it is snoozed is itself news for a message that is edited; and what nobody takes care of is escalated, flapping or not. */
function exemptFrom({ reason }: Delivery): SuppressedBy | undefined {
  if (reason === 'updated') return 'snooze';
  return reason === 'escalated' ? 'flapping' : undefined;
}

/** A suppressed episode that is over is not notified; how an incident that flaps ended is. */
function isHeldForGood(suppressedBy: string | undefined, isPast: boolean): boolean {
  return suppressedBy !== undefined && (suppressedBy !== 'flapping' || isPast);
}

/** Why a delivery is superseded. The end of an episode that a receiver was notified of is always sent, unless it would end the next one. */
function supersededBy(
  { reason, episode }: Delivery,
  incident: Incident,
  { claim, isPast }: { readonly claim: Claim; readonly isPast: boolean },
): string | undefined {
  if (claim.kind === 'sent') return undefined;
  if (incident.episode > episode) return `episode ${incident.episode} has begun`;
  if (reason === 'resolved')
    return claim.kind === 'claimed' && claim.isFirst && isHeldForGood(claim.suppressedBy, isPast)
      ? `nobody was notified of the episode: ${claim.suppressedBy}`
      : undefined;
  if (incident.state === 'resolved') return 'it is resolved';
  return reason === 'escalated' && incident.state !== 'open' ? 'it is acknowledged' : undefined;
}
