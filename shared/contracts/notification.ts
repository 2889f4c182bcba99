// What a channel sends, and the outcome of sending it.
import type { FilledIncident } from './incident.ts';
import type { SuspectedCause } from './suspected-cause.ts';

/**
 * Why something is sent; stored with every delivery. `repeated`: it goes on; `escalated`: nobody
 * acknowledged it in time; `updated`: what was sent before has changed: a digest or, where messages
 * are edited in place, an incident.
 */
export type NotificationReason =
  | 'opened'
  | 'reopened'
  | 'repeated'
  | 'acknowledged'
  | 'escalated'
  | 'resolved'
  | 'updated'
  | 'test';

/** How many incidents share a value, e.g. a port. */
export interface Tally {
  readonly value: string;
  readonly count: number;
}

/** The incidents of a port. */
export interface PortTally extends Tally {
  readonly hostCount: number;
  /** Who probably has the port, in a few words. */
  readonly holder?: string;
}

/**
 * A group of incidents sent as one message. Counts are of incidents unless they say otherwise;
 * lists are bounded, the largest first.
 */
export interface Digest {
  /**
   * The group's id, the same as long as the group is configured; with `episode` it names the
   * messages that belong together.
   */
  readonly id: string;
  /** Grows by one each time the group begins anew after all of its incidents were resolved. */
  readonly episode: number;
  /** Grows by one with each message. */
  readonly revision: number;
  /** The labels that all incidents of the group share, by which they were grouped. */
  readonly groupLabels: Readonly<Record<string, string>>;
  readonly count: { readonly open: number; readonly acknowledged: number; readonly resolved: number };
  /** Opened since the last message. */
  readonly newCount: number;
  /** Suppressed by a silence, an inhibition or the like; in none of the other counts. */
  readonly suppressedCount: number;
  readonly eventCount: number;
  readonly hostCount: number;
  /** When the first incident was opened, epoch milliseconds. */
  readonly sinceMs: number;
  readonly byPort: readonly PortTally[];
  readonly byRule: readonly Tally[];
  readonly bySeverity: readonly Tally[];
  /** Hosts with the most incidents. */
  readonly topHosts: readonly Tally[];
  /** Hosts by what their names share, e.g. `media*.example.org`, or by subnet; how many each. */
  readonly byHostGroup: readonly Tally[];
  /**
   * Set when none is active any more: when the last was resolved (epoch milliseconds), and how many
   * by whom or by evidence.
   */
  readonly end?: { readonly atMs: number; readonly byResolver: readonly Tally[] };
  /** Some of the incidents, for links. */
  readonly incidentIds: readonly string[];
}

/** A step of escalation, and who was notified before it and has not acknowledged. */
export interface EscalationStep {
  /** From 1. */
  readonly step: number;
  /** Names of receivers. */
  readonly unanswered: readonly string[];
}

/** One message to one receiver. */
export interface Notification {
  /** See `deliveryIdOf`; also the idempotency key. */
  readonly id: string;
  /** The receiver's name in the configuration. */
  readonly receiver: string;
  readonly reason: NotificationReason;
  /** The incident; with a digest the worst of its incidents, whose remedy is the group's. */
  readonly incident: FilledIncident;
  /** Set for the message of a group. */
  readonly digest?: Digest;
  /** Other faults of the host that name the likely cause, latest first; of one incident only. */
  readonly suspectedCauses?: readonly SuspectedCause[];
  /**
   * The channel's reference of the last message about the same (incident's or digest's episode),
   * for channels that edit or answer it.
   */
  readonly previousReference?: string;
  /**
   * The last note when the last message was rendered, empty when there was none: notes after it are
   * new.
   */
  readonly previousNoteId?: string;
  /** Set for an escalation. */
  readonly escalation?: EscalationStep;
  /** The receiver was not notified of the episode before. */
  readonly isFirst?: true;
  /**
   * Only counts have changed: a message that is edited shows them, and there is nothing to say
   * beside it.
   */
  readonly isCount?: true;
  /** When it is sent, epoch milliseconds; ages count from it. */
  readonly nowMs?: number;
  /** Its page in the console. */
  readonly page: string;
  /** Where whoever has the message acknowledges; undefined where there is nothing to. */
  readonly acknowledgeUrl?: string;
  readonly links: readonly { readonly title: string; readonly url: string }[];
}

/**
 * The outcome of sending. `retry`: nothing arrived, try again (after the time the receiver named).
 * `refused`: it will never be taken as it is. `unknown`: it may have arrived; reconcile before
 * sending again (after the time the receiver named).
 */
export type SendOutcome =
  | {
      readonly kind: 'sent';
      readonly reference: string;
      /** The recipients that refused the message for good while others took it, and why. */
      readonly refused?: string;
    }
  | {
      readonly kind: 'retry';
      readonly afterMs?: number;
      readonly detail: string;
      /**
       * A setting, a right or an account has to be corrected; the message and the moment are not
       * the cause. Retried more and more rarely.
       */
      readonly isConfiguration?: true;
    }
  | { readonly kind: 'refused'; readonly detail: string }
  | { readonly kind: 'unknown'; readonly afterMs?: number; readonly detail: string };
