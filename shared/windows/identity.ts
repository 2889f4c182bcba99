// What makes an event itself, where all of it is there.
import type { EventIdentity } from '../contracts/ids.ts';
import type { WindowsEvent } from '../contracts/windows-event.ts';

/** The identity of an event, or undefined when a part is missing: an id is never built from missing parts. */
export function identityOf(event: WindowsEvent): EventIdentity | undefined {
  const { computer, channel, providerName: provider, eventId, recordId, timeCreated } = event;
  if (computer === undefined || channel === undefined || recordId === undefined || timeCreated === undefined)
    return undefined;
  if (provider === '') return undefined;
  return { computer, channel, provider, eventId, recordId, timeCreated };
}
