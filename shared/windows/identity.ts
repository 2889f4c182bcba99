// The identity of an event, if it is complete.
import type { EventIdentity } from '../contracts/ids.ts';
import type { WindowsEvent } from '../contracts/windows-event.ts';
import { normaliseTime } from './time.ts';

/**
 * The identity of an event, or undefined when a part is missing: an id is never built from missing
 * parts.
 */
export function identityOf(event: WindowsEvent): EventIdentity | undefined {
  const { computer, channel, providerName: provider, eventId, recordId } = event;
  const timeCreated = ownTimeOf(event);
  if (computer === undefined || channel === undefined || recordId === undefined || timeCreated === undefined)
    return undefined;
  if (provider === '') return undefined;
  return { computer, channel, provider, eventId, recordId, timeCreated };
}

/** The provider of System Monitor. */
export const SYSMON = 'Microsoft-Windows-Sysmon';

/**
 * The event's time as every reader of the log has it. A local time counts unconverted: times that
 * agents add differ at each reading. Winlogbeat's module for Sysmon moves `UtcTime` to
 * `@timestamp`, in place of the time of `System`.
 */
function ownTimeOf({ providerName, eventData, localTime, timeCreated }: WindowsEvent): string | undefined {
  const sysmon = providerName === SYSMON ? normaliseTime(eventData?.['UtcTime'] ?? '') : undefined;
  return sysmon ?? localTime ?? timeCreated;
}
