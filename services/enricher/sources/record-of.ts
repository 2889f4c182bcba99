// The record id by which a source's gaps are counted, and the events that say that a log was
// cleared. Pure.
import { valueOf } from '../../../shared/catalog/conditions.ts';
import { providerKey } from '../../../shared/catalog/schema.ts';
import type { WindowsEvent } from '../../../shared/contracts/windows-event.ts';

/** The log of an event collector: its ids are the collector's or those of many hosts. */
const FORWARDED = 'forwardedevents';

/**
 * The id in the log of the host's channel. Undefined where the event has none, where it names the
 * log of an event collector as its channel, or where the agent read it from a log file: the ids of
 * these are not those of the channel, or not all there.
 */
export function recordIdOf({ recordId, channel, ecs }: WindowsEvent): number | undefined {
  if (recordId === undefined || channel === undefined || isForwarded(channel)) return undefined;
  return ecs !== undefined && isOfFile(ecs) ? undefined : Number(recordId);
}

/** Every event takes this path, so few channels are lower-cased. */
function isForwarded(channel: string): boolean {
  return channel.length === FORWARDED.length && channel.toLowerCase() === FORWARDED;
}

/** Source: https://www.elastic.co/docs/reference/ecs/ecs-log */
function isOfFile({ log }: Readonly<Record<string, unknown>>): boolean {
  return typeof log === 'object' && log !== null && Object.hasOwn(log, 'file');
}

const EVENT_LOG = 'microsoft-windows-eventlog';
const SECURITY_CLEARED = 1102;
const LOG_CLEARED = 104;
const clearedChannel = valueOf('Channel');

/**
 * The channel whose log was cleared: Security by 1102, another by 104, which the log System has.
 * Source: https://learn.microsoft.com/previous-versions/windows/it-pro/windows-10/security/threat-protection/auditing/event-1102
 */
export function clearedBy(event: WindowsEvent): string | undefined {
  const { eventId } = event;
  if (eventId !== SECURITY_CLEARED && eventId !== LOG_CLEARED) return undefined;
  if (providerKey(event.providerName) !== EVENT_LOG) return undefined;
  return eventId === SECURITY_CLEARED ? event.channel : (clearedChannel(event) ?? event.channel);
}
