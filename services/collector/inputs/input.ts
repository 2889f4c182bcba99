// An input: the interface of all protocols.
import type { z } from 'zod';
import type { RawEvent } from '../../../shared/contracts/raw-event.ts';
import type { RecordPosition } from '../../../shared/contracts/record.ts';
import type { KafkaSettings } from '../../../shared/kafka/client.ts';
import type { Logger } from '../../../shared/runtime/logger.ts';
import type { Running } from '../../../shared/runtime/running.ts';
import type { CollectorMetrics } from '../metrics.ts';

/** Why a single event is not taken; stable codes, which clients see. */
export type RefusalReason =
  | 'too_large'
  | 'invalid_json'
  | 'invalid_protobuf'
  | 'not_an_object'
  | 'not_an_event'
  | 'invalid_encoding'
  | 'host_not_allowed'
  | 'event_required'
  | 'event_blank'
  | 'cut_off'
  | 'undecodable';

/**
 * The outcome of one event: its place in Kafka, on all in-sync replicas, or why it was not taken.
 */
export type Receipt =
  | { readonly kind: 'stored'; readonly position: RecordPosition }
  | { readonly kind: 'refused'; readonly reason: RefusalReason; readonly detail: string };

/** Too much is in flight; the sender has to retry. */
export class Overloaded extends Error {
  override readonly name = 'Overloaded';
}

/** The request is larger than the whole budget; it will never fit. */
export class Oversized extends Error {
  override readonly name = 'Oversized';
}

/** A part of the budget of bytes under way; grows while a body is read. */
export interface Reservation {
  /**
   * Throws Overloaded when the budget is spent, and Oversized when this reservation alone would be
   * more than all of it; nothing is taken then.
   */
  grow(bytes: number): void;
  /**
   * The same for what so many events take beside their bytes, of which `ownBytes` for each are the
   * input's; an input calls it before it makes them.
   */
  growByEvents(count: number, ownBytes?: number): void;
  /**
   * Takes room for one event and its bytes, of which `ownBytes` are the input's. False, and nothing
   * taken, when there is none now; throws Oversized when this alone would be more than all of it.
   */
  tryGrow(bytes: number, ownBytes?: number): boolean;
  /** Releases everything; later calls do nothing. */
  release(): void;
}

/** Whose room it is: what a sender has is shared by the addresses that it sends from. */
export interface Account {
  /** The name of a token or certificate, or the network of an address. */
  readonly sender: string;
  /** The network of the address. */
  readonly address: string;
}

/** The intake, which takes the events of inputs. */
export interface Intake {
  /** The largest event that is taken. */
  readonly maxRecordBytes: number;
  /** What Kafka lacks to take events, also when none came for a while; undefined for nothing. */
  ready(): Promise<string | undefined>;
  /**
   * `input` is who is counted with what is turned away; an account has a share of the budget only,
   * a reservation without one all of it.
   */
  reserve(input?: string, account?: Account): Reservation;
  /**
   * Resolves when all in-sync replicas have the events, with one receipt each, in order. Rejects
   * with Unavailable when Kafka does not say so in time; some of the events may be there then. The
   * reservation is given back when Kafka has answered, however late.
   */
  deliver(events: readonly RawEvent[], reservation: Reservation): Promise<readonly Receipt[]>;
  /**
   * The same for a sender that can be kept waiting: tries again until Kafka has the events, and
   * rejects with Unavailable only when `signal` aborts.
   */
  deliverWithRetries(
    events: readonly RawEvent[],
    reservation: Reservation,
    signal: AbortSignal,
  ): Promise<readonly Receipt[]>;
  /**
   * Calls `take` whenever room was given back, in turn with others who wait, until it says that it
   * took some: true. False when `signal` aborts before; rejects with what `take` throws.
   */
  untilTaken(take: () => boolean, signal: AbortSignal): Promise<boolean>;
}

/** The parts of an input besides its settings. */
export interface InputParts {
  readonly intake: Intake;
  readonly metrics: CollectorMetrics;
  readonly log: Logger;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Where our own topics are, for an input that reads from Kafka; absent: by the defaults. */
  readonly kafka?: KafkaSettings;
}

/** A kind of input: a module or a folder of its own, and one line in the list of `inputs.ts`. */
export interface InputType<Kind extends string = string, Settings extends z.ZodType = z.ZodType> {
  /** Its section is `collector.<kind>`; events and metrics carry it. */
  readonly kind: Kind;
  /** The schema of its section, secrets marked on the field. */
  readonly settings: Settings;
  /** Listens. Throws ConfigError when it may not or cannot. */
  start(settings: z.output<Settings>, parts: InputParts): Promise<Running>;
}
