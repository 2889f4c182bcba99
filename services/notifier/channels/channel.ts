// What a kind of receiver is: its settings, its traits, and the channel that renders and sends its
// messages. One file or folder for each kind.
import { z } from 'zod';
import type { Notification, SendOutcome } from '../../../shared/contracts/notification.ts';
import { SEVERITIES } from '../../../shared/contracts/remediation.ts';
import type { ProxySettings } from './proxy.ts';

/**
 * A message as a channel sends it, without the secrets of its receiver. Each kind adds its own
 * content.
 */
export interface Rendered {
  /** The delivery, see `deliveryIdOf`. */
  readonly id: string;
}

/** What is known of an earlier attempt whose outcome is unknown. */
export type Found =
  | { readonly kind: 'sent'; readonly reference: string }
  | { readonly kind: 'absent' }
  | {
      readonly kind: 'unknown';
      readonly detail: string;
      /** The wait that the receiver asks for. */
      readonly afterMs?: number;
    };

/** The connection to one receiver. It sends and reconciles only what it rendered itself. */
export interface Channel<R extends Rendered = Rendered> {
  /**
   * Pure. Event text may come from an attacker: nothing in it becomes markup, a link or a mention.
   */
  render(notification: Notification): R;
  /**
   * Sends once. Never throws: every failure is an outcome. `signal` aborts when the service has to
   * end.
   */
  send(rendered: R, signal: AbortSignal): Promise<SendOutcome>;
  /** Looks for an earlier attempt at the receiver. `absent` also when sending again is harmless. */
  reconcile(rendered: R): Promise<Found>;
  close(): Promise<void>;
}

/** The settings of every receiver. */
export const receiverSettings = {
  /** Without a colon, since it is part of job ids. */
  name: z.string().regex(/^[a-z\d][a-z\d_-]{0,62}$/iu, 'letters, digits, - and _ only'),
  minSeverity: z.enum(SEVERITIES).default('info'),
  /** Concurrent deliveries. */
  concurrency: z.number().int().min(1).max(64).default(4),
  /** Further deliveries wait for the next minute. */
  maxPerMinute: z.number().int().min(1).max(100_000).optional(),
};

/** The settings of one kind: `receiverSettings`, `kind`, and its own. */
export type ReceiverSchema = z.ZodObject<typeof receiverSettings & { readonly kind: z.ZodLiteral<string> }>;

/** How the messages of a kind behave, as far as policy is concerned. `S` are its settings. */
export interface ChannelTraits<S> {
  /** A message can be edited, so that it always shows the incident as it is. */
  readonly editsInPlace: boolean;
  /**
   * The receiver has a state of its own: it is notified of acknowledgements and of changes in
   * groups.
   */
  readonly followsChanges: boolean;
  /**
   * Messages name the episode, so that the end of an earlier one still belongs to its beginning.
   */
  readonly keepsEpisodes: boolean;
  /**
   * The interval at which an open incident is sent again; without it the receiver would take it for
   * resolved.
   */
  resendMs?(settings: S): number;
}

/** What channels share. */
export interface ChannelSurroundings {
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly proxy?: ProxySettings | undefined;
  readonly recipientLog?: RecipientLog | undefined;
}

/**
 * The recipients of a delivery that have taken it, for channels with several, in every process and
 * after a reload. Calls may throw.
 */
export interface RecipientLog {
  of(deliveryId: string): Promise<readonly string[]>;
  add(deliveryId: string, addresses: readonly string[]): Promise<void>;
}

/**
 * A message as people look at it: the JSON that is sent, or text with the page that its reader
 * sees.
 */
export type Preview =
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'text'; readonly text: string; readonly page?: string };

/**
 * One kind of receiver. Named in `receivers.ts`, it is configured, checked, documented, masked,
 * previewed and tested like all others.
 */
export interface ChannelType<S extends ReceiverSchema = ReceiverSchema, R extends Rendered = Rendered> {
  readonly kind: z.output<S>['kind'];
  /** Secrets and files are marked on the field, by `secret`, `secretUrl` and `readableFile`. */
  readonly settings: S;
  readonly traits: ChannelTraits<z.output<S>>;
  /** The longest duration of one attempt, for the lease of a delivery. */
  longestSendMs(settings: z.output<S>): number;
  /** Throws ConfigError when a file that the settings name cannot be read. */
  create(settings: z.output<S>, surroundings: ChannelSurroundings): Channel<R>;
  /** The message without a receiver. */
  preview(notification: Notification): Preview;
}
