// What the pages say of an incident in few words. Pure.
import type { IncidentView } from '../api/types.ts';

/** The title without the host, which stands beside it. */
export function titleWithoutHost({ title, host }: Pick<IncidentView, 'title' | 'host'>): string {
  const name = host.replaceAll(/[.*+?^${}()|[\]\\]/gu, String.raw`\$&`);
  return title.replace(new RegExp(String.raw` on ${name}(?=$|[\s:,])`, 'iu'), '');
}

/** The port of the conflict, where there is one. */
export function portOf({ params }: Pick<IncidentView, 'params'>): string | undefined {
  const port = params['port'];
  return port === undefined ? undefined : String(port);
}

/** A mark beside an incident: a word or two, and what it means. */
export interface Flag {
  readonly text: string;
  readonly meaning: string;
}

type Flagged = Pick<
  IncidentView,
  | 'episode'
  | 'notes'
  | 'stepsDone'
  | 'snoozedUntil'
  | 'silencedBy'
  | 'staleSince'
  | 'escalationStep'
  | 'recovering'
  | 'flapping'
  | 'clock'
>;

/** The marks of an incident. `time` shows a moment, `now` is in milliseconds. */
export function flagsOf(incident: Flagged, now: number, time: (at: string) => string): readonly Flag[] {
  return [...timerFlags(incident, now, time), ...historyFlags(incident, time)];
}

function timerFlags(
  { snoozedUntil, silencedBy = [], recovering, flapping, escalationStep }: Flagged,
  now: number,
  time: (at: string) => string,
): readonly Flag[] {
  const flags: Flag[] = [];
  if (snoozedUntil !== undefined && Date.parse(snoozedUntil) > now)
    flags.push({ text: `snoozed until ${time(snoozedUntil)}`, meaning: 'Nobody is notified of it until then.' });
  if (silencedBy.length > 0) flags.push({ text: 'silenced', meaning: 'A silence keeps messages about it back.' });
  if (recovering !== undefined)
    flags.push({
      text: 'recovering',
      meaning: `${recovering.reason} Resolved at ${time(recovering.due)} if it stays away.`,
    });
  if (flapping !== undefined)
    flags.push({ text: 'flapping', meaning: `It began ${flapping.count} times since ${time(flapping.since)}.` });
  if (escalationStep !== undefined)
    flags.push({ text: `escalated ${escalationStep}`, meaning: 'Escalation steps done, because nobody reacted.' });
  return flags;
}

function historyFlags(
  { episode, staleSince, notes, stepsDone = [], clock }: Flagged,
  time: (at: string) => string,
): readonly Flag[] {
  const flags: Flag[] = [];
  if (episode > 1) flags.push({ text: `×${episode}`, meaning: `It came back: this is its episode ${episode}.` });
  if (staleSince !== undefined)
    flags.push({ text: 'stale', meaning: `No event since ${time(staleSince)}. That proves no repair.` });
  if (notes.length > 0) flags.push({ text: counted(notes.length, 'note'), meaning: notes.at(-1)?.text ?? '' });
  if (stepsDone.length > 0)
    flags.push({
      text: counted(stepsDone.length, 'step'),
      meaning: `Done of the repair: ${stepsDone.at(-1)?.text ?? ''}`,
    });
  if (clock !== undefined)
    flags.push({ text: 'clock', meaning: `The clock of the host is ${clock.replaceAll('_', ' ')}.` });
  return flags;
}

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

/** The sentence about somebody else's or one's own change, for the timeline. */
export function activityText(type: string): string {
  return ACTIVITIES[type] ?? type.replaceAll('_', ' ');
}

const ACTIVITIES: Readonly<Record<string, string>> = {
  note_added: 'wrote a note',
  delivery_failed: 'not delivered',
  delivery_unknown: 'delivery unknown',
  snooze_ended: 'snooze ended',
  probed: 'asked the port',
};

/** Who a line of the timeline is about. */
export type ActivityGroup = 'people' | 'deliveries' | 'system';

const DELIVERIES = new Set(['notified', 'suppressed', 'superseded', 'delivery_unknown', 'delivery_failed', 'unrouted']);

/** The kind of an activity entry. */
export function activityGroup({ type, actor }: { readonly type: string; readonly actor: string }): ActivityGroup {
  if (DELIVERIES.has(type)) return 'deliveries';
  return actor === 'system' || actor === '' ? 'system' : 'people';
}
