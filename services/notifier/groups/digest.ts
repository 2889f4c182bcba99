// The digest of a group: how many, since when, where, on which ports. Pure.
import type { IncidentBrief as Incident } from '../../../shared/contracts/incident.ts';
import type { Digest, Tally } from '../../../shared/contracts/notification.ts';
import type { Delivery } from '../delivery/plan.ts';
import type { Content } from './content.ts';
import type { GroupState } from './store.ts';

const MAX_TALLIES = 10;
const MAX_IDS = 20;

/** The digest for one message. `ended` are incidents whose end it reports. */
export function digestOf(
  { group, resolvedCount, unrecordedIds }: Pick<GroupState, 'group' | 'resolvedCount' | 'unrecordedIds'>,
  { episode, revision }: Pick<Delivery, 'episode' | 'revision'>,
  { active, held, ended }: Pick<Content, 'active' | 'held'> & { readonly ended: readonly Incident[] },
): Digest {
  const notified = active.length > 0 ? active : ended;
  const unrecorded = new Set(unrecordedIds);
  return {
    id: group.id,
    episode,
    revision,
    groupLabels: group.labels,
    count: {
      open: active.filter(({ state }) => state === 'open').length,
      acknowledged: active.filter(({ state }) => state === 'acknowledged').length,
      resolved: resolvedCount,
    },
    newCount: active.filter(({ id }) => unrecorded.has(id)).length,
    suppressedCount: held.length,
    eventCount: notified.reduce((sum, { episodeCount }) => sum + episodeCount, 0),
    hostCount: new Set(notified.map(({ entity }) => entity.host.toLowerCase())).size,
    sinceMs: Math.min(...notified.map(({ openedAtMs }) => openedAtMs)),
    byPort: tally(notified, ({ entity }) => entity.params['port']),
    byRule: tally(notified, ({ entity }) => entity.ruleId),
    bySeverity: tally(notified, ({ severity }) => severity),
    topHosts: tally(notified, ({ entity }) => entity.host),
    incidentIds: notified.slice(0, MAX_IDS).map(({ id }) => id),
  };
}

function tally(
  incidents: readonly Incident[],
  valueOf: (incident: Incident) => string | number | undefined,
): readonly Tally[] {
  const counts = new Map<string, number>();
  for (const incident of incidents) {
    const value = valueOf(incident);
    if (value !== undefined) counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
  }
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((left, right) => right.count - left.count || (left.value < right.value ? -1 : 1))
    .slice(0, MAX_TALLIES);
}
