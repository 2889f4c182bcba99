// What has become of what a message is about. Pure.
import type { Notification } from '../../../../shared/contracts/notification.ts';

/** Whether something is wrong, somebody is at it, or it is over. */
export type MessageStatus = 'firing' | 'acknowledged' | 'resolved';

/** What has become of it: of the incident, or of a group as a whole. */
export function statusOf({ incident, digest }: Notification): MessageStatus {
  if (digest !== undefined) {
    const { open, acknowledged } = digest.count;
    return open > 0 ? 'firing' : acknowledged > 0 ? 'acknowledged' : 'resolved';
  }
  return incident.state === 'open' ? 'firing' : incident.state;
}
