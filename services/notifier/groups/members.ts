// A group's members as they are now, in brief, and whether each may be notified.
import type { IncidentBrief } from '../../../shared/contracts/incident.ts';
import type { SuppressionCheck } from '../delivery/suppression-check.ts';
import type { IncidentStore } from '../incidents/store.ts';
import type { Route } from '../policy/route.ts';
import type { Member } from './content.ts';
import { isNotified } from '../policy/notified-mark.ts';

/** Dependencies of reading members. */
export interface MemberParts {
  readonly store: Pick<IncidentStore, 'briefs'>;
  readonly suppressionOf: SuppressionCheck;
}

const AT_A_TIME = 200;

/** Incidents by id, those that are there. Throws Unavailable. */
export async function readBriefs(
  store: MemberParts['store'],
  ids: readonly string[],
): Promise<ReadonlyMap<string, IncidentBrief>> {
  const found = new Map<string, IncidentBrief>();
  for (let from = 0; from < ids.length; from += AT_A_TIME)
    for (const incident of await store.briefs(ids.slice(from, from + AT_A_TIME)))
      if (incident !== undefined) found.set(incident.id, incident);
  return found;
}

/**
 * The members with the answers of the suppression check. An unacknowledged incident is escalated,
 * flapping or not. Throws Unavailable.
 */
export async function checkMembers(
  { suppressionOf }: Pick<MemberParts, 'suppressionOf'>,
  ids: readonly string[],
  {
    incidents,
    route,
    isEscalation,
    nowMs,
  }: {
    readonly incidents: ReadonlyMap<string, IncidentBrief>;
    readonly route: Route | undefined;
    readonly isEscalation: boolean;
    readonly nowMs: number;
  },
): Promise<readonly Member[]> {
  const exempt = isEscalation ? 'flapping' : undefined;
  const checked = await suppressionOf(
    [...incidents.values()].map((incident) => ({ incident, route, exempt })),
    nowMs,
  );
  const answers = new Map([...incidents.keys()].map((id, index) => [id, checked[index]]));
  return ids.map((id) => ({
    id,
    incident: incidents.get(id),
    suppression: answers.get(id) ?? { kind: 'notify' },
  }));
}

/**
 * Of an escalation that waits in its group: an incident that was acknowledged or resolved before it
 * was notified leaves silently.
 */
export function withoutAnswered(
  members: readonly Member[],
  notified: Readonly<Record<string, string>>,
): readonly Member[] {
  return members.map((member) => {
    const { id, incident } = member;
    const isAnswered = incident !== undefined && incident.state !== 'open' && !isNotified(notified[id], incident);
    return isAnswered ? { ...member, incident: undefined } : member;
  });
}
