// Changes of an incident by people, evidence and time: pure, each with its transition.
import { sendersOf, sentByText } from './event-sender.ts';
import type { ClearedBy, Clearing, Incident, Note, Transition } from './incident.ts';
import { latestOf, KEPT_EVENT_IDS, type Reduced, transitionOf } from './incident-reducer.ts';
import { boundedMs, compareMoments, type EventMoment, momentOf } from './moment.ts';

/** Who does something to an incident, and why. Times are epoch milliseconds. */
export interface Attribution {
  readonly actor: string;
  readonly reason: string;
  readonly nowMs: number;
}

/** Notes kept on an incident; older ones stay in the action stream. */
export const MAX_NOTES = 50;

const SYSTEM = 'system';

/** Acknowledges it. Undefined when nothing changes: it is acknowledged or resolved already. */
export function acknowledge(current: Incident, attribution: Attribution): Reduced | undefined {
  if (current.state !== 'open') return undefined;
  const { nowMs, actor } = attribution;
  return changed(current, 'acknowledged', attribution, {
    state: 'acknowledged',
    acknowledgedAtMs: nowMs,
    acknowledgedBy: actor,
    timeToAcknowledgeMs: Math.max(0, nowMs - current.openedAtMs),
  });
}

/**
 * Takes an acknowledgement back, as if there had been none: what was due of the escalation
 * meanwhile is due now. Undefined when it is not acknowledged.
 */
export function unacknowledge(current: Incident, attribution: Attribution): Reduced | undefined {
  if (current.state !== 'acknowledged') return undefined;
  const before = without(current, ['acknowledgedAtMs', 'acknowledgedBy', 'timeToAcknowledgeMs']);
  return changed(before, 'unacknowledged', attribution, { state: 'open' });
}

/** Resolves it. Undefined when it was resolved already. */
export function resolve(current: Incident, attribution: Attribution): Reduced | undefined {
  if (current.state === 'resolved') return undefined;
  const { nowMs, actor, reason } = attribution;
  return changed(without(current, ONLY_WHILE_ACTIVE), 'resolved', attribution, {
    state: 'resolved',
    ...(reason === '' ? {} : { resolution: reason }),
    resolvedAtMs: nowMs,
    resolvedBy: actor,
    timeToResolveMs: Math.max(0, nowMs - current.openedAtMs),
  });
}

/**
 * Reopens it after a wrong resolution: the next episode begins. Undefined when it is not resolved.
 */
export function reopen(current: Incident, attribution: Attribution): Reduced | undefined {
  if (current.state !== 'resolved') return undefined;
  const changes = {
    state: 'open',
    episode: current.episode + 1,
    episodeCount: 0,
    openedAtMs: attribution.nowMs,
  } as const;
  // Who reopens it is not the fault that flaps: the others are notified at once.
  return changed(without(current, [...ONLY_OF_EPISODE, 'flapping']), 'reopened', attribution, changes);
}

/** Assigns it, or with an empty name removes the assignment. Undefined when nothing changes. */
export function assign(current: Incident, assignee: string, attribution: Attribution): Reduced | undefined {
  if ((current.assignee ?? '') === assignee) return undefined;
  const said = assignee === '' ? 'assigned to nobody' : `assigned to ${assignee}`;
  const reason = attribution.reason === '' ? said : `${said}: ${attribution.reason}`;
  if (assignee === '') return changed(without(current, ['assignee']), 'assigned', { ...attribution, reason }, {});
  return changed(current, 'assigned', { ...attribution, reason }, { assignee });
}

/** Adds a note. Undefined when a note of this id is there already. */
export function addNote(current: Incident, note: Note): Reduced | undefined {
  const notes = current.notes ?? [];
  if (notes.some(({ id }) => id === note.id)) return undefined;
  const attribution = { actor: note.author, reason: note.text, nowMs: note.atMs };
  return changed(current, 'note_added', attribution, { notes: [...notes, note].slice(-MAX_NOTES) });
}

/**
 * Ticks a step of the repair as done, or takes the tick off; `text` is the step's, see `stepText`.
 * Undefined when nothing changes, or the remediation has no such step.
 */
export function tickStep(
  current: Incident,
  {
    step,
    isDone,
    text: ownText,
  }: { readonly step: string; readonly isDone: boolean; readonly text: string | undefined },
  attribution: Attribution,
): Reduced | undefined {
  const done = current.stepsDone ?? [];
  const known = done.find((one) => one.step === step);
  const text = known?.text ?? ownText;
  if (text === undefined || (known !== undefined) === isDone) return undefined;
  const { actor: by, nowMs: atMs } = attribution;
  const said = `${step}: ${text}`;
  const reason = attribution.reason === '' ? said : `${said}; ${attribution.reason}`;
  const stepsDone = isDone ? [...done, { step, text, by, atMs }] : done.filter((one) => one !== known);
  return changed(current, isDone ? 'step_done' : 'step_undone', { ...attribution, reason }, { stepsDone });
}

/**
 * Snoozes it: nobody is notified until then; a time in the past ends the snooze. Undefined when
 * nothing changes, or it is resolved.
 */
export function snooze(current: Incident, untilMs: number, attribution: Attribution): Reduced | undefined {
  if (current.state === 'resolved') return undefined;
  if (untilMs > attribution.nowMs) {
    if (current.snoozedUntilMs === untilMs) return undefined;
    const said = `until ${new Date(untilMs).toISOString()}`;
    const reason = attribution.reason === '' ? said : `${said}: ${attribution.reason}`;
    return changed(current, 'snoozed', { ...attribution, reason }, { snoozedUntilMs: untilMs });
  }
  if (current.snoozedUntilMs === undefined) return undefined;
  return changed(without(current, ['snoozedUntilMs']), 'snooze_ended', attribution, {});
}

/** Ends a snooze whose time is over. Undefined when there is none. */
export function endSnooze(current: Incident, nowMs: number): Reduced | undefined {
  if (current.snoozedUntilMs === undefined || current.snoozedUntilMs > nowMs) return undefined;
  return snooze(current, nowMs, { actor: SYSTEM, reason: 'the time to sleep is over', nowMs });
}

/**
 * Escalates it, because nobody acknowledged it in time. Undefined when somebody did, it is
 * resolved, or the step is done.
 */
export function escalate(current: Incident, step: number, attribution: Attribution): Reduced | undefined {
  if (current.state !== 'open' || (current.escalationStep ?? 0) >= step) return undefined;
  return changed(current, 'escalated', attribution, { escalationStep: step, escalatedAtMs: attribution.nowMs });
}

/**
 * Marks it stale when no event came for `quietMs`. The state stays: silence is no evidence.
 * Undefined when an event came, or it is stale already.
 */
export function growStale(current: Incident, quietMs: number, nowMs: number): Reduced | undefined {
  if (current.state === 'resolved' || current.staleSinceMs !== undefined) return undefined;
  if (nowMs - quietSinceMs(current) < quietMs) return undefined;
  const reason = 'no event for long; that alone does not say that the fault is gone';
  return changed(current, 'stale', { actor: SYSTEM, reason, nowMs }, { staleSinceMs: nowMs });
}

/**
 * Since when no event has come, epoch milliseconds by Foghorn's clock, whatever times the events
 * have.
 */
export function quietSinceMs(current: Incident): number {
  return Math.max(current.lastReceivedMs ?? boundedMs(latestOf(current)), current.openedAtMs);
}

/**
 * Evidence that the fault is gone. Undefined when it changes nothing: resolved already, or the
 * fault was seen after it.
 */
export function clear(current: Incident, clearing: Clearing, nowMs: number): Reduced | undefined {
  const moment = clearingMoment(clearing);
  if (current.state === 'resolved' || !isAfterFault(moment, clearing, current)) return undefined;
  const { evidence: what, quietForMs, clock } = clearing;
  const evidence = `${what}${sentByText(sendersOf([], [clearing]))}`;
  const by: ClearedBy = { ...moment, evidence, ...(clock === undefined ? {} : { clock }) };
  if (quietForMs === undefined || quietForMs === 0)
    return clearedBy(by, resolve(current, { actor: SYSTEM, reason: `cleared by ${evidence}`, nowMs }));
  if (current.recovering !== undefined) return undefined;
  const attribution = {
    actor: SYSTEM,
    reason: `${evidence}; resolved if it stays quiet for ${quietForMs / 1000} s`,
    nowMs,
  };
  return changed(current, 'recovering', attribution, {
    recovering: { sinceMs: clearing.atMs, dueAtMs: nowMs + quietForMs, reason: evidence, by },
  });
}

function clearingMoment({ atMs, receivedAtMs, channel, recordId, hostClock }: Clearing): EventMoment {
  const place = { ...(channel === undefined ? {} : { channel }), ...(recordId === undefined ? {} : { recordId }) };
  return momentOf({ atMs, receivedAtMs, ...place }, hostClock);
}

/**
 * Whether evidence is later than the last event; and than a person's word that the fault is still
 * there, where no event came since.
 */
function isAfterFault(moment: EventMoment, { clock }: Clearing, current: Incident): boolean {
  const isReopenedByHand = current.episodeCount === 0;
  if (isReopenedByHand && moment.correctedMs < current.openedAtMs) return false;
  const latest = latestOf(current);
  return clock === 'foghorn' ? moment.atMs >= latest.correctedMs : compareMoments(moment, latest) >= 0;
}

/**
 * Resolves it when the time of quiet after the evidence is over. Undefined when it is not, or there
 * was no evidence.
 */
export function endQuiet(current: Incident, nowMs: number): Reduced | undefined {
  const { recovering } = current;
  if (recovering === undefined || recovering.dueAtMs > nowMs) return undefined;
  const { sinceMs, by, reason: evidence } = recovering;
  const reason = `cleared by ${evidence}, and quiet since`;
  const known = { atMs: sinceMs, receivedAtMs: recovering.dueAtMs, correctedMs: sinceMs, evidence };
  return clearedBy(by ?? known, resolve(current, { actor: SYSTEM, reason, nowMs }));
}

function clearedBy(by: ClearedBy, reduced: Reduced | undefined): Reduced | undefined {
  return reduced && { ...reduced, incident: { ...reduced.incident, clearedAtMs: by.atMs, clearedBy: by } };
}

/**
 * Adds a command's id to those of the events, so that a rebuild from Kafka does not execute it
 * again. It takes the place of the oldest: those of a large batch stay.
 */
export function addCommandId(incident: Incident, commandId: string): Incident {
  const { recentEventIds: before } = incident;
  return { ...incident, recentEventIds: [...before, commandId].slice(-Math.max(KEPT_EVENT_IDS, before.length)) };
}

const ONLY_WHILE_ACTIVE = ['recovering', 'snoozedUntilMs', 'staleSinceMs'] as const;
/** The fields that belong to one episode only. */
const ONLY_OF_EPISODE = [
  ...ONLY_WHILE_ACTIVE,
  'acknowledgedAtMs',
  'acknowledgedBy',
  'timeToAcknowledgeMs',
  'resolvedAtMs',
  'resolvedBy',
  'clearedAtMs',
  'clearedBy',
  'timeToResolveMs',
  'resolution',
  'stepsDone',
  'assignee',
  'escalationStep',
  'escalatedAtMs',
  'senders',
  'suspectedCause',
  'isInStorm',
] as const;

type OptionalKey = { [K in keyof Incident]-?: undefined extends Incident[K] ? K : never }[keyof Incident];

function without(incident: Incident, names: readonly OptionalKey[]): Incident {
  const left = new Set<string>(names);
  return Object.fromEntries(Object.entries(incident).filter(([key]) => !left.has(key))) as unknown as Incident;
}

function changed(
  current: Incident,
  kind: Transition['kind'],
  { actor, reason, nowMs }: Attribution,
  parts: Partial<Incident>,
): Reduced {
  const incident: Incident = { ...current, ...parts, revision: current.revision + 1, updatedAtMs: nowMs };
  return { incident, transitions: [transitionOf(incident, { kind, from: current.state, atMs: nowMs, actor, reason })] };
}
