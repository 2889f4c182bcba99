// Between the inputs and Kafka: one budget of bytes under way for all of them, and one receipt for each event.
import { encodeRawEvent, type RawEvent } from '../../shared/contracts/raw-event.ts';
import type { RecordProducer } from '../../shared/kafka/producer.ts';
import { RecordsTooLarge } from '../../shared/kafka/record-size.ts';
import { Unavailable } from '../../shared/runtime/errors.ts';
import { settledWithin } from '../../shared/runtime/within.ts';
import { type Intake, Overloaded, Oversized, type Receipt, type Reservation } from './inputs/input.ts';
import type { CollectorMetrics } from './metrics.ts';

/** What the intake works with. */
export interface IntakeOptions {
  readonly producer: Pick<RecordProducer, 'send'>;
  readonly metrics: CollectorMetrics;
  readonly maxInFlightBytes: number;
  readonly maxRecordBytes: number;
  readonly deliverTimeoutMs: number;
}

/** What an event takes in memory beside its bytes until Kafka has it: without it, a flood of tiny events would pass for next to nothing. */
const EVENT_OVERHEAD_BYTES = 1024;

/**
 * A sender may hold so many times what is left over, of a total in which that is the configured number of bytes for one that is alone: two that want all
 * they can get have four sevenths of it each, and so on; something always is left for one that comes next. Source: Choudhury and Hahne, Dynamic queue
 * length thresholds for shared-memory packet switches, 1998.
 */
const TIMES_WHAT_IS_LEFT = 3;

/** Opens the intake. */
export function createIntake(options: IntakeOptions): Intake {
  const budget = createBudget(options);
  return {
    reserve: (input = 'unknown', sender) => reserve(budget, options, { input, sender }),
    deliver: (events, reservation) => deliver(options, events, reservation),
  };
}

/** Bytes under way, of all and of each sender. */
interface Budget {
  change(sender: string | undefined, bytes: number): void;
  /** Why so many more bytes do not fit now, or undefined. */
  lack(sender: string | undefined, bytes: number): string | undefined;
}

function createBudget({ metrics, maxInFlightBytes }: IntakeOptions): Budget {
  const total = Math.floor((maxInFlightBytes * (TIMES_WHAT_IS_LEFT + 1)) / TIMES_WHAT_IS_LEFT);
  let used = 0;
  const bySender = new Map<string, number>();
  return {
    change: (sender, bytes) => {
      used += bytes;
      metrics.inFlightBytes.set(used);
      if (sender === undefined) return;
      const held = (bySender.get(sender) ?? 0) + bytes;
      if (held > 0) bySender.set(sender, held);
      else bySender.delete(sender);
    },
    lack: (sender, bytes) => {
      const left = (sender === undefined ? maxInFlightBytes : total) - used - bytes;
      if (left < 0)
        return `Of the ${maxInFlightBytes} bytes that may be under way to Kafka too few are left; come again.`;
      const held = sender === undefined ? 0 : (bySender.get(sender) ?? 0) + bytes;
      if (held <= left * TIMES_WHAT_IS_LEFT) return undefined;
      return `${sender} has its share of the bytes that may be under way to Kafka (collector.maxInFlightBytes = ${maxInFlightBytes}); come again.`;
    },
  };
}

function reserve(
  budget: Budget,
  { metrics, maxInFlightBytes: most }: IntakeOptions,
  { input, sender }: { readonly input: string; readonly sender: string | undefined },
): Reservation {
  let own = 0;
  const grow = (bytes: number, events: number): void => {
    if (own + bytes > most)
      throw new Oversized(
        `This alone takes more than the ${most} bytes that may be under way (collector.maxInFlightBytes); send fewer events a request.`,
      );
    const lack = budget.lack(sender, bytes);
    if (lack !== undefined) {
      metrics.eventsReceived.inc({ input, outcome: 'overloaded' }, events);
      throw new Overloaded(lack);
    }
    own += bytes;
    budget.change(sender, bytes);
  };
  return {
    // A body that is refused unread has one event at least.
    grow: (bytes) => grow(bytes, 1),
    growByEvents: (count, ownBytes = 0) => grow(count * (EVENT_OVERHEAD_BYTES + ownBytes), count),
    release: () => {
      budget.change(sender, -own);
      own = 0;
    },
  };
}

async function deliver(
  options: IntakeOptions,
  events: readonly RawEvent[],
  reservation: Reservation,
): Promise<readonly Receipt[]> {
  const { metrics } = options;
  const refusals = events.map((event) => refusalOf(event, options.maxRecordBytes));
  const taken = events.filter((_, index) => refusals[index] === undefined);
  const sending = send(options.producer, taken);
  void sending.then(reservation.release, reservation.release);
  const { deliverTimeoutMs } = options;
  const late = () => new Unavailable('Kafka', `no confirmation within ${deliverTimeoutMs} ms`, { code: 'timeout' });
  const receipts = await settledWithin(sending, deliverTimeoutMs, late).catch((error: unknown) => {
    if (error instanceof Unavailable) countAll(metrics, events, 'unavailable');
    throw error;
  });
  for (const [index, { input, bytes, isRefused }] of taken.entries()) {
    // Counted as refused by the input.
    if (receipts[index]?.kind !== 'stored' || isRefused === true) continue;
    metrics.eventsReceived.inc({ input, outcome: 'stored' });
    metrics.eventBytes.inc({ input }, bytes.length);
  }
  let next = 0;
  return refusals.map((refusal) => refusal ?? (receipts[next++] as Receipt));
}

async function send(producer: IntakeOptions['producer'], taken: readonly RawEvent[]): Promise<readonly Receipt[]> {
  try {
    const positions = await producer.send(taken.map(encodeRawEvent));
    return positions.map((position) => ({ kind: 'stored', position }));
  } catch (error) {
    if (!(error instanceof RecordsTooLarge)) throw error;
    const detail = 'Kafka refuses the event for its size: its topic takes less than collector.maxRecordBytes allows';
    return error.positions.map((position) =>
      position === undefined ? { kind: 'refused', reason: 'too_large', detail } : { kind: 'stored', position },
    );
  }
}

function countAll(metrics: CollectorMetrics, events: readonly RawEvent[], outcome: string): void {
  for (const { input } of events) metrics.eventsReceived.inc({ input, outcome });
}

function refusalOf({ bytes }: RawEvent, maxRecordBytes: number): Receipt | undefined {
  if (bytes.length <= maxRecordBytes) return undefined;
  const detail = `the event has ${bytes.length} bytes; collector.maxRecordBytes allows ${maxRecordBytes}`;
  return { kind: 'refused', reason: 'too_large', detail };
}
