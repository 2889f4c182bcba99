// One syslog message as what goes to Kafka: whole, with its header. Pure.
import type { RawEvent } from '../../../../shared/contracts/raw-event.ts';
import { computerOfSyslog } from '../../../../shared/windows/syslog.ts';
import type { Origin } from '../senders.ts';
import type { Message } from './message-reader.ts';

/** How a message came. */
type Arrival = Origin & Pick<RawEvent, 'receivedAtMs'>;

/** The event of a message, with the bytes as received. */
export function eventOfMessage({ bytes, fault }: Message, arrival: Arrival): RawEvent {
  const event: RawEvent = { ...arrival, bytes, encoding: 'utf-8', format: 'syslog' };
  if (fault !== undefined) return { ...event, isRefused: true };
  const computer = computerOfSyslog(bytes);
  return computer === undefined ? event : { ...event, computer };
}
