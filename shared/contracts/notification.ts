// What a channel is asked to say, and what came of sending it.
import type { Incident } from './incident.ts';

/** Why something is sent; stored with every delivery. */
export type NotificationReason = 'opened' | 'reopened' | 'repeated' | 'acknowledged' | 'resolved' | 'test';

/** One thing to tell, by one channel. */
export interface Notification {
  /** See `deliveryIdOf`; also the idempotency key. */
  readonly id: string;
  /** The receiver's name in the configuration. */
  readonly channel: string;
  readonly reason: NotificationReason;
  readonly incident: Incident;
  readonly links: readonly { readonly title: string; readonly url: string }[];
}

/** A message ready for the wire: headers and body as a channel will send them. */
export interface Rendered {
  readonly id: string;
  readonly contentType: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * What sending came to. `retry`: nothing arrived, try again (after the time the receiver named). `refused`: it will never be taken as it is.
 * `unknown`: it may have arrived; reconcile before sending again.
 */
export type SendOutcome =
  | { readonly kind: 'sent'; readonly reference: string }
  | { readonly kind: 'retry'; readonly afterMs?: number; readonly detail: string }
  | { readonly kind: 'refused'; readonly detail: string }
  | { readonly kind: 'unknown'; readonly detail: string };
