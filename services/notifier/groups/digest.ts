// The digest of a group: how many, since when, where, on which ports, and who probably has them.
// Pure.
import { isIPv4 } from 'node:net';
import type { IncidentBrief as Incident } from '../../../shared/contracts/incident.ts';
import type { Digest, PortTally, Tally } from '../../../shared/contracts/notification.ts';
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
    byPort: portTally(notified),
    byRule: tally(notified, ({ entity }) => entity.ruleId),
    bySeverity: tally(notified, ({ severity }) => severity),
    topHosts: tally(notified, ({ entity }) => entity.host),
    byHostGroup: hostGroups(notified),
    ...(active.length > 0 || ended.length === 0 ? {} : { end: endOf(ended) }),
    incidentIds: notified.slice(0, MAX_IDS).map(({ id }) => id),
  };
}

/**
 * The digest with the likely holder of each port on which an incident is active. `holdersOf`
 * answers for ids of incidents.
 */
export async function withHolders(
  digest: Digest,
  active: readonly Incident[],
  holdersOf: (ids: readonly string[]) => Promise<readonly (string | undefined)[]>,
): Promise<Digest> {
  // One with evidence of its own speaks for the others.
  const known = active.toSorted((left, right) => Number(hasCause(right)) - Number(hasCause(left)));
  const ids = digest.byPort.map(({ value }) => known.find((incident) => portOf(incident) === value)?.id ?? '');
  const holders = await holdersOf(ids);
  const byPort = digest.byPort.map((port, index) => {
    const holder = holders[index];
    return holder === undefined ? port : { ...port, holder };
  });
  return { ...digest, byPort };
}

function endOf(ended: readonly Incident[]): NonNullable<Digest['end']> {
  return {
    atMs: Math.max(...ended.map(({ resolvedAtMs, updatedAtMs }) => resolvedAtMs ?? updatedAtMs)),
    byResolver: tally(ended, ({ clearedBy, resolvedBy }) => (clearedBy === undefined ? resolvedBy : 'evidence')),
  };
}

function hasCause({ suspectedCause }: Incident): boolean {
  return suspectedCause !== undefined;
}

function portOf({ entity }: Incident): string | undefined {
  const port = entity.params['port'];
  return port === undefined ? undefined : String(port);
}

function portTally(incidents: readonly Incident[]): readonly PortTally[] {
  return tally(incidents, portOf).map((port) => {
    const hosts = incidents.filter((incident) => portOf(incident) === port.value).map(hostOf);
    return { ...port, hostCount: new Set(hosts).size };
  });
}

function hostOf({ entity }: Incident): string {
  return entity.host.toLowerCase();
}

/** A group of one host is the host. */
function hostGroups(incidents: readonly Incident[]): readonly Tally[] {
  const groups = new Map<string, Set<string>>();
  for (const host of incidents.map(hostOf)) {
    const group = hostGroupOf(host);
    groups.set(group, (groups.get(group) ?? new Set()).add(host));
  }
  return largest(
    [...groups].map(([group, hosts]) => ({
      value: hosts.size === 1 ? ([...hosts][0] ?? '') : group,
      count: hosts.size,
    })),
  );
}

/** `media*.example.org` for `media01.example.org`; the /24 of an IPv4 address. */
function hostGroupOf(host: string): string {
  if (isIPv4(host)) return `${host.slice(0, host.lastIndexOf('.'))}.*`;
  const [label = '', ...domain] = host.split('.');
  return [label.replace(/\d+[a-z]?$/u, '*'), ...domain].join('.');
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
  return largest([...counts].map(([value, count]) => ({ value, count })));
}

function largest(tallies: readonly Tally[]): readonly Tally[] {
  return tallies
    .toSorted((left, right) => right.count - left.count || (left.value < right.value ? -1 : 1))
    .slice(0, MAX_TALLIES);
}
