// The state of the incident or group of a message. Pure.
import type { Notification } from '../../../../shared/contracts/notification.ts';

/** The state of an incident or group as messages show it. */
export type MessageStatus = 'firing' | 'acknowledged' | 'resolved';

interface StatusOf {
  readonly incident: Pick<Notification['incident'], 'state'>;
  readonly digest?: Notification['digest'] | undefined;
}

/** The state of the incident, or of a group as a whole. */
export function statusOf({ incident, digest }: StatusOf): MessageStatus {
  if (digest !== undefined) {
    const { open, acknowledged } = digest.count;
    return open > 0 ? 'firing' : acknowledged > 0 ? 'acknowledged' : 'resolved';
  }
  return incident.state === 'open' ? 'firing' : incident.state;
}
