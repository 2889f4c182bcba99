// Between the inputs and Kafka: one budget of bytes under way for all of them, and one receipt for
// each event.
import { encodeRawEvent, type RawEvent } from '../../shared/contracts/raw-event.ts';
import type { RecordProducer } from '../../shared/kafka/producer.ts';
import { RecordsTooLarge } from '../../shared/kafka/record-size.ts';
import { backoffMs, sleep } from '../../shared/runtime/backoff.ts';
import { Unavailable } from '../../shared/runtime/errors.ts';
import { settledWithin } from '../../shared/runtime/within.ts';
import { type Intake, Overloaded, Oversized, type Receipt, type Reservation } from './inputs/input.ts';
import type { CollectorMetrics } from './metrics.ts';

/** What the intake works with. */
interface IntakeOptions {
  readonly producer: Pick<RecordProducer, 'send'>;
  readonly metrics: CollectorMetrics;
  readonly maxInFlightBytes: number;
  readonly maxRecordBytes: number;
  readonly deliverTimeoutMs: number;
}

/**
 * What an event takes in memory beside its bytes until Kafka has it: without it, a flood of tiny
 * events would pass for next to nothing.
 */
const EVENT_OVERHEAD_BYTES = 1024;

/**
 * A sender may hold so many times what is left over, of a total in which that is the configured
 * number of bytes for one that is alone: two that want all they can get have four sevenths of it
 * each, and so on; something always is left for one that comes next. Source: Choudhury and Hahne,
 * Dynamic queue length thresholds for shared-memory packet switches, 1998.
 */
const TIMES_WHAT_IS_LEFT = 3;

/** Opens the intake. */
export function createIntake(options: IntakeOptions): Intake {
  const budget = createBudget(options);
  return {
    reserve: (input = 'unknown', sender) => reserve(budget, options, { input, sender }),
    maxRecordBytes: options.maxRecordBytes,
    deliver: (events, reservation) => deliver(options, events, { reservation }),
    deliverWithRetries: (events, reservation, signal) => deliver(options, events, { reservation, signal }),
    untilFreed: (signal) => budget.untilFreed(signal),
  };
}

/** Bytes under way, of all and of each sender. */
interface Budget {
  change(sender: string | undefined, bytes: number): void;
  /** Why so many more bytes do not fit now, or undefined. */
  lack(sender: string | undefined, bytes: number): string | undefined;
  untilFreed(signal: AbortSignal): Promise<void>;
}

function createBudget({ metrics, maxInFlightBytes }: IntakeOptions): Budget {
  const total = Math.floor((maxInFlightBytes * (TIMES_WHAT_IS_LEFT + 1)) / TIMES_WHAT_IS_LEFT);
  let used = 0;
  const bySender = new Map<string, number>();
  const waiting = new Set<() => void>();
  return {
    change: (sender, bytes) => {
      used += bytes;
      if (bytes < 0) for (const wake of waiting) wake();
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
    untilFreed: async (signal) => {
      if (signal.aborted) return;
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          waiting.delete(wake);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        waiting.add(wake);
        signal.addEventListener('abort', wake);
      });
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
    if (own + bytes > most) throw oversized(most);
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
    tryGrow: (eventBytes, ownBytes = 0) => {
      const bytes = eventBytes + EVENT_OVERHEAD_BYTES + ownBytes;
      if (bytes > most) throw oversized(most);
      if (own + bytes > most || budget.lack(sender, bytes) !== undefined) return false;
      own += bytes;
      budget.change(sender, bytes);
      return true;
    },
    release: () => {
      budget.change(sender, -own);
      own = 0;
    },
  };
}

function oversized(most: number): Oversized {
  return new Oversized(
    `This alone takes more than the ${most} bytes that may be under way (collector.maxInFlightBytes); send fewer events a request.`,
  );
}

/** Until `signal` aborts where there is one, else within the time that the settings give. */
async function deliver(
  options: IntakeOptions,
  events: readonly RawEvent[],
  { reservation, signal }: { readonly reservation: Reservation; readonly signal?: AbortSignal },
): Promise<readonly Receipt[]> {
  const { metrics } = options;
  const refusals = events.map((event) => refusalOf(event, options.maxRecordBytes));
  const taken = events.filter((_, index) => refusals[index] === undefined);
  const sending = signal === undefined ? send(options.producer, taken) : sendUntil(signal, options.producer, taken);
  void sending.then(reservation.release, reservation.release);
  const { deliverTimeoutMs } = options;
  const late = () => new Unavailable('Kafka', `no confirmation within ${deliverTimeoutMs} ms`, { code: 'timeout' });
  const settling = signal === undefined ? settledWithin(sending, deliverTimeoutMs, late) : sending;
  const receipts = await settling.catch((error: unknown) => {
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

const BACKOFF = { minMs: 100, maxMs: 5000 };

async function sendUntil(
  signal: AbortSignal,
  producer: IntakeOptions['producer'],
  taken: readonly RawEvent[],
): Promise<readonly Receipt[]> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await send(producer, taken);
    } catch (error) {
      if (!(error instanceof Unavailable) || signal.aborted) throw error;
      await sleep(backoffMs(BACKOFF, attempt, Math.random), signal);
      if (signal.aborted) throw error;
    }
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
