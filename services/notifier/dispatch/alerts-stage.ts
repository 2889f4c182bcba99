// foghorn.alerts in: every alert changes its incident exactly once, also over crashes, and evidence
// clears it; the outbox is empty before the offset is committed.
import { type Alert, alertsTopic, countedIdOf, isConflict } from '../../../shared/contracts/enriched-event.ts';
import { sendersOf } from '../../../shared/contracts/event-sender.ts';
import type { Clearing } from '../../../shared/contracts/incident.ts';
import { applyAlerts, type Reduced } from '../../../shared/contracts/incident-reducer.ts';
import type { Stage, Verdict } from '../../../shared/contracts/stage.ts';
import type { Logger } from '../../../shared/runtime/logger.ts';
import type { Relay } from './outbox-relay.ts';
import type { NotifierMetrics } from '../metrics.ts';
import { outboxOf } from '../incidents/change.ts';
import type { Clearings } from '../incidents/clearings.ts';
import { LIMIT_RULE } from '../policy/limit-rule.ts';
import { foldedAlert, type IncidentLimit, isLimited } from '../incidents/limit.ts';
import type { RelatedIncidents } from '../incidents/related-incidents.ts';
import type { Completeness } from '../redis/completeness.ts';
import type { MarkStorm } from '../incidents/storm.ts';
import type { Change, IncidentStore, Loaded } from '../incidents/store.ts';

/** Dependencies of the stage. Times are epoch milliseconds. */
interface AlertsStageParts {
  readonly store: IncidentStore;
  readonly relay: Relay;
  readonly clearings: Clearings;
  readonly relatedIncidents: RelatedIncidents;
  readonly markStorm: MarkStorm;
  readonly limit: IncidentLimit;
  readonly log: Logger;
  readonly metrics: Pick<NotifierMetrics, 'alerts'>;
  readonly reopenWithinMs: number;
  readonly completeness: Completeness;
  readonly now: () => number;
}

/** Incidents changed in one round trip; each carries its whole snapshot. */
const INCIDENTS_AT_A_TIME = 200;

const DONE: Verdict = { kind: 'emit', records: [] };

/** The stage. */
export function createAlertsStage(parts: AlertsStageParts): Stage<Alert | Clearing> {
  return {
    name: 'notifier',
    from: alertsTopic,
    handle: async (batch, _, { mayRepeat }) => {
      await parts.completeness.runOnVerifiedState(async () => {
        await apply(parts, batch);
        // Also when nothing changed: another process may have made the change and left it in the
        // outbox.
        await parts.relay.flush(mayRepeat ? 'all' : 'own');
      });
      return batch.map(() => DONE);
    },
  };
}

function isClearing(value: Alert | Clearing): value is Clearing {
  return 'kind' in value && value.kind === 'clearing';
}

async function apply(parts: AlertsStageParts, values: readonly (Alert | Clearing)[]): Promise<void> {
  const groups = groupByIncident(values.filter((value): value is Alert => !isClearing(value)));
  for (let from = 0; from < groups.length; from += INCIDENTS_AT_A_TIME) {
    let left = groups.slice(from, from + INCIDENTS_AT_A_TIME);
    while (left.length > 0) left = await changeOnce(parts, left);
  }
  // Evidence counts by its own time, so that it may come behind all alerts of the batch.
  for (const clearing of values.filter(isClearing)) await parts.clearings.apply(clearing);
}

/** The alerts of an incident, each event once. */
interface Group {
  readonly id: string;
  readonly alerts: readonly Alert[];
  /** How often one of them came again. */
  readonly repeats: number;
}

function groupByIncident(alerts: readonly Alert[]): readonly Group[] {
  const groups = new Map<string, { readonly byEvent: Map<string, Alert>; repeats: number }>();
  for (const alert of alerts) {
    const group = groups.get(alert.incidentId) ?? { byEvent: new Map<string, Alert>(), repeats: 0 };
    const counted = countedIdOf(alert);
    if (group.byEvent.has(counted)) group.repeats += 1;
    else group.byEvent.set(counted, alert);
    groups.set(alert.incidentId, group);
  }
  return [...groups].map(([id, { byEvent, repeats }]) => ({ id, alerts: [...byEvent.values()], repeats }));
}

/**
 * Gives the groups that somebody else changed meanwhile, and what may begin no incident as groups
 * of the one that stands for it.
 */
async function changeOnce(parts: AlertsStageParts, asked: readonly Group[]): Promise<Group[]> {
  const { store, metrics, reopenWithinMs } = parts;
  const nowMs = parts.now();
  const wanted = asked.map(({ id, alerts }) => ({
    id,
    eventIds: alerts.flatMap((alert) => [...new Set([countedIdOf(alert), alert.eventId])]),
  }));
  const found = await store.load(wanted);
  const isAdmitted = await admit(parts, { groups: asked, loaded: found, nowMs });
  const groups = asked.filter((_, index) => isAdmitted[index] === true);
  const loaded = found.filter((_, index) => isAdmitted[index] === true);
  const folded = foldedGroups(asked.filter((_, index) => isAdmitted[index] !== true));
  const tried = groups.map((group, index) => attempt(group, loaded[index] as Loaded, { nowMs, reopenWithinMs }));
  const made = tried.flatMap(({ change: one }) => (one === undefined ? [] : [one]));
  const named = await Promise.all(made.map(async (one) => await withSuspectedCause(parts, one)));
  const changes = await parts.markStorm(named, nowMs);
  const done = changes.length === 0 ? [] : await store.commit(changes, nowMs);
  const refused = new Set(changes.filter((_, index) => done[index] !== true).map(({ to }) => to.id));
  for (const { group, fresh, conflicts, reduced } of tried) {
    if (refused.has(group.id)) continue;
    metrics.alerts.inc({ effect: 'conflict' }, conflicts);
    metrics.alerts.inc({ effect: 'duplicate' }, group.alerts.length - fresh + group.repeats);
    const begun = reduced?.transitions.find(({ kind }) => kind !== 'repeated');
    if (begun !== undefined) metrics.alerts.inc({ effect: begun.kind });
    if (begun !== undefined && reduced?.incident.entity.ruleId === LIMIT_RULE)
      parts.log.warn(reduced.incident.entity.params, 'a sender begins more incidents than it may; what exceeds is one');
    metrics.alerts.inc({ effect: 'repeated' }, fresh - (begun === undefined ? 0 : 1));
  }
  // All open incidents, changed now or before: a crash may have come between an opening and this.
  const current = tried.flatMap(({ reduced }, index) => reduced?.incident ?? loaded[index]?.incident ?? []);
  await parts.clearings.applyKept(current.filter(({ id, state }) => !refused.has(id) && state !== 'resolved'));
  metrics.alerts.inc(
    { effect: 'folded' },
    folded.reduce((sum, { alerts }) => sum + alerts.length, 0),
  );
  return [...groups.filter(({ id }) => refused.has(id)), ...folded];
}

/** Whether each of the groups may go on: its incident is there, or may begin. */
async function admit(
  { limit }: AlertsStageParts,
  {
    groups,
    loaded,
    nowMs,
  }: { readonly groups: readonly Group[]; readonly loaded: readonly Loaded[]; readonly nowMs: number },
): Promise<readonly boolean[]> {
  const isNew = groups.map(
    ({ alerts }, index) => loaded[index]?.incident === undefined && isLimited(alerts[0]?.match.ruleId),
  );
  const wanted = groups
    .filter((_, index) => isNew[index])
    .map(({ id, alerts }) => ({
      id,
      ruleId: alerts[0]?.match.ruleId ?? '',
      sender: sendersOf([], alerts)[0]?.name ?? '',
    }));
  const answers = (await limit.admit(wanted, nowMs)).values();
  return isNew.map((isAsked) => !isAsked || answers.next().value === true);
}

function foldedGroups(groups: readonly Group[]): readonly Group[] {
  return groupByIncident(groups.flatMap(({ alerts }) => alerts.map(foldedAlert)));
}

/** The suspected cause stays for the episode, also when the other fault is repaired first. */
async function withSuspectedCause({ relatedIncidents }: AlertsStageParts, change: Change): Promise<Change> {
  if (change.to.suspectedCause !== undefined) return change;
  const [cause] = await relatedIncidents.suspectedCauses(change.to);
  return cause === undefined ? change : { ...change, to: { ...change.to, suspectedCause: cause.text } };
}

interface Attempt {
  readonly group: Group;
  readonly fresh: number;
  /** Those of them that claim the identity of one that was counted and state something else. */
  readonly conflicts: number;
  readonly reduced?: Reduced;
  readonly change?: Change;
}

function attempt(
  group: Group,
  { incident, seen, lastPurgedRevision }: Loaded,
  options: { readonly nowMs: number; readonly reopenWithinMs: number },
): Attempt {
  const fresh = group.alerts.filter((alert) => !seen.has(countedIdOf(alert)) && !seen.has(alert.eventId));
  if (fresh.length === 0) return { group, fresh: 0, conflicts: 0 };
  const reduced = applyAlerts(incident, fresh, { ...options, lastPurgedRevision });
  const receivedAtMs = Math.min(...fresh.map((alert) => alert.receivedAtMs));
  const outbox = outboxOf(reduced, receivedAtMs);
  const eventIds = fresh.map(countedIdOf);
  const counted = [...(incident?.recentEventIds ?? []), ...eventIds];
  const conflicts = fresh.filter((alert) => isConflict(alert, counted)).length;
  const change = { from: incident, to: reduced.incident, eventIds, outbox };
  return { group, fresh: fresh.length, conflicts, reduced, change };
}
