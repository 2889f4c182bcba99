// A way out: the one interface of everything that tells somebody.
import type { Notification, Rendered, SendOutcome } from '../../../shared/contracts/notification.ts';

/** What became of an earlier try whose end nobody saw. */
export type Found =
  | { readonly kind: 'sent'; readonly reference: string }
  | { readonly kind: 'absent' }
  | {
      readonly kind: 'unknown';
      readonly detail: string /** How long the receiver asks to be left alone. */;
      readonly afterMs?: number;
    };

/** A receiver's channel. */
export interface Channel {
  readonly kind: string;
  /** Pure: the message as it goes over the wire. Event text is an attacker's text; none of it may come alive. */
  render(notification: Notification): Rendered;
  /** Sends once. Never throws: whatever happens is an outcome. `signal` aborts when the service has to end. */
  send(rendered: Rendered, signal: AbortSignal): Promise<SendOutcome>;
  /** Looks whether an earlier try arrived. `absent` also when sending it again is harmless. */
  reconcile(rendered: Rendered): Promise<Found>;
  close(): Promise<void>;
}
