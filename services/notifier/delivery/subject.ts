// What a delivery tells when its turn has come: the incident as it is now, or why nothing is told.
import type { Incident, IncidentBrief } from '../../../shared/contracts/incident.ts';
import type { NamedCause } from '../../../shared/contracts/named-cause.ts';
import type { Digest } from '../../../shared/contracts/notification.ts';
import type { Neighbours } from '../incidents/neighbours.ts';
import { type IncidentStore, StateLost } from '../incidents/store.ts';
import { targetsOf } from '../policy/decide.ts';
import { labelsOf } from '../policy/labels.ts';
import type { Policy } from '../policy/policy.ts';
import { asItEnded, type EpisodeEnd } from './episode-end.ts';
import type { Judge } from './judge.ts';
import type { Claim } from './ledger.ts';
import type { Delivery } from './plan.ts';

/** What is told, or why not: `held` back for now, or `overtaken` by what happened since. */
export type Subject =
  | {
      readonly kind: 'tell';
      readonly incident: Incident;
      readonly digest?: Digest;
      readonly namedCauses?: readonly NamedCause[];
      /** The incidents that count as told once it is sent; each gets its row. */
      readonly told: readonly IncidentBrief[];
    }
  | {
      readonly kind: 'held';
      readonly incident: Incident;
      readonly by: string;
      readonly reason: string;
      readonly againAtMs: number;
    }
  | { readonly kind: 'overtaken'; readonly incident: Incident; readonly reason: string };

/** Looks. Throws Unavailable, and StateLost when Redis does not hold what is told of. */
export type SubjectOf = (delivery: Delivery, claim: Claim, nowMs: number) => Promise<Subject>;

/** What looking works with. */
export interface SubjectParts {
  readonly store: Pick<IncidentStore, 'snapshots'>;
  readonly policy: Policy;
  readonly judge: Judge;
  readonly neighbours: Neighbours;
}

/** The subject of a delivery of one incident. */
export function createIncidentSubject({ store, policy, judge, neighbours }: SubjectParts): SubjectOf {
  return async (delivery, claim, nowMs) => {
    const [now] = await store.snapshots([delivery.incidentId]);
    if (now === undefined) throw new StateLost(`Redis does not hold incident ${delivery.incidentId}.`);
    const end = now.episode > delivery.episode ? pastEndOf(delivery, policy) : undefined;
    const incident = end === undefined ? now : asItEnded(now, end);
    const overtaken = overtakenBy(delivery, incident, { claim, isPast: end !== undefined });
    if (overtaken !== undefined) return { kind: 'overtaken', incident, reason: overtaken };
    if (claim.kind !== 'sent') {
      const { targets } = targetsOf(incident, labelsOf(incident, policy.labelRules), policy);
      const route = targets.find(({ receiver }) => receiver === delivery.receiver)?.route;
      const [answer] = await judge([{ incident, route, now }], nowMs);
      if (answer?.kind === 'suppressed' && !isToldAllTheSame(delivery, answer.by)) {
        const { by, reason, againAtMs } = answer;
        return { kind: 'held', incident, by, reason, againAtMs };
      }
    }
    return { kind: 'tell', incident, told: [incident], namedCauses: await neighbours.namedCauses(incident) };
  };
}

/** The end of an episode that is over, for a receiver where it does not end the next one as well. */
function pastEndOf({ receiver, end }: Delivery, { candidates }: Policy): EpisodeEnd | undefined {
  return candidates.find(({ name }) => name === receiver)?.keepsEpisodes === true ? end : undefined;
}

/** That it sleeps is itself what a message says that is edited; and what nobody takes care of is escalated, flapping or not. */
function isToldAllTheSame({ reason }: Delivery, by: string): boolean {
  return (reason === 'updated' && by === 'snooze') || (reason === 'escalated' && by === 'flapping');
}

/** What was held back and is over is told to nobody; of an incident that flaps, people wait to hear how it ended. */
function isHeldForGood(heldBy: string | undefined, isPast: boolean): boolean {
  return heldBy !== undefined && (heldBy !== 'flapping' || isPast);
}

/** Why a delivery is needless by now. The end of an episode that somebody was told of is always told, unless it would end the next one. */
function overtakenBy(
  { reason, episode }: Delivery,
  incident: Incident,
  { claim, isPast }: { readonly claim: Claim; readonly isPast: boolean },
): string | undefined {
  if (claim.kind === 'sent') return undefined;
  if (incident.episode > episode) return `episode ${incident.episode} has begun`;
  if (reason === 'resolved')
    return claim.kind === 'claimed' && claim.isFirst && isHeldForGood(claim.heldBy, isPast)
      ? `nobody was told of the episode: ${claim.heldBy}`
      : undefined;
  if (incident.state === 'resolved') return 'it is resolved';
  return reason === 'escalated' && incident.state !== 'open' ? 'it is acknowledged' : undefined;
}
