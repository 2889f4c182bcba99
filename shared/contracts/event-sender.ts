// Who sent the events of an incident: a sender may send events of any host that it is allowed to,
// so people have to see who did.
import type { Arrival } from './enriched-event.ts';
import type { EventSender } from './incident.ts';

/**
 * Senders kept for an episode, the first ones; each entry of the timeline names those of its own
 * events.
 */
const MAX_SENDERS = 10;
const MAX_NAMED = 3;
const MAX_CHARACTERS = 200;

/** The known senders and those of more events, each once. */
export function sendersOf(
  known: readonly EventSender[],
  arrivals: readonly Pick<Arrival, 'sender' | 'agent'>[],
): readonly EventSender[] {
  const senders = [...known];
  for (const { sender, agent } of arrivals) {
    if (sender === undefined || sender === '' || senders.length >= MAX_SENDERS) continue;
    const name = sender.slice(0, MAX_CHARACTERS).toWellFormed();
    const program = agent?.slice(0, MAX_CHARACTERS).toWellFormed();
    if (senders.some((each) => each.name === name && each.agent === program)) continue;
    senders.push({ name, ...(program === undefined || program === '' ? {} : { agent: program }) });
  }
  return senders;
}

/** The senders' names for a sentence, e.g. `, sent by agent-web`; nothing where none is known. */
export function sentByText(senders: readonly EventSender[]): string {
  const names = [...new Set(senders.map(({ name }) => name))];
  if (names.length === 0) return '';
  const more = names.length - MAX_NAMED;
  return `, sent by ${names.slice(0, MAX_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
