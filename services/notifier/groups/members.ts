// A group's members as they are now, in brief, and whether each may be told.
import type { IncidentBrief } from '../../../shared/contracts/incident.ts';
import type { Judge } from '../delivery/judge.ts';
import type { IncidentStore } from '../incidents/store.ts';
import type { Route } from '../policy/route.ts';
import type { Suppression } from '../policy/suppress.ts';
import type { Member } from './content.ts';
import { isTold } from './marks.ts';

/** What reading works with. */
export interface MemberParts {
  readonly store: Pick<IncidentStore, 'briefs'>;
  readonly judge: Judge;
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

/** The members, judged. Throws Unavailable. */
export async function readMembers(
  { store, judge }: MemberParts,
  ids: readonly string[],
  { route, nowMs }: { readonly route: Route | undefined; readonly nowMs: number },
): Promise<readonly Member[]> {
  const incidents = await readBriefs(store, ids);
  const judged = await judge(
    [...incidents.values()].map((incident) => ({ incident, route })),
    nowMs,
  );
  const answers = new Map([...incidents.keys()].map((id, index) => [id, judged[index]]));
  return ids.map((id) => ({ id, incident: incidents.get(id), suppression: suppressionOf(answers.get(id), route) }));
}

/** What nobody takes care of is escalated, flapping or not. */
function suppressionOf(answer: Suppression | undefined, route: Route | undefined): Suppression {
  const isEscalated = route?.isEscalation === true && answer?.kind === 'suppressed' && answer.by === 'flapping';
  return answer === undefined || isEscalated ? { kind: 'tell' } : answer;
}

/** Of an escalation that waits in its group: who was acknowledged or resolved before it was told leaves without a word. */
export function withoutAnswered(members: readonly Member[], told: Readonly<Record<string, string>>): readonly Member[] {
  return members.map((member) => {
    const { id, incident } = member;
    const isAnswered = incident !== undefined && incident.state !== 'open' && !isTold(told[id], incident);
    return isAnswered ? { ...member, incident: undefined } : member;
  });
}
