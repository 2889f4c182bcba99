// Between the inputs and Kafka: one budget of bytes under way for all of them, and one receipt for
// each event.
import { encodeRawEvent, type RawEvent } from '../../shared/contracts/raw-event.ts';
import type { RecordProducer } from '../../shared/kafka/producer.ts';
import { RecordsTooLarge } from '../../shared/kafka/record-size.ts';
import { backoffMs, sleep } from '../../shared/runtime/backoff.ts';
import { Unavailable } from '../../shared/runtime/errors.ts';
import { settledWithin } from '../../shared/runtime/within.ts';
import { type Account, type Intake, Overloaded, Oversized, type Receipt, type Reservation } from './inputs/input.ts';
import type { CollectorMetrics } from './metrics.ts';

/** What the intake works with. */
interface IntakeOptions {
  readonly producer: Pick<RecordProducer, 'send' | 'ready'>;
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
 * A sender may hold so many times what is left over, and an address so many times what is left of
 * that: two that want all they can get have about as much as each other, and something always is
 * left for one that comes next. Source: Choudhury and Hahne, Dynamic queue length thresholds for
 * shared-memory packet switches, 1998.
 */
const TIMES_WHAT_IS_LEFT = 3;
/** Of all, for an address that is alone: what solves both inequalities of `fits`. */
const SHARE_OF_ONE = TIMES_WHAT_IS_LEFT ** 2 / (TIMES_WHAT_IS_LEFT ** 2 + TIMES_WHAT_IS_LEFT + 1);

/** Opens the intake. */
export function createIntake(options: IntakeOptions): Intake {
  const budget = createBudget(options);
  return {
    reserve: (input = 'unknown', account) => reserve(budget, options, { input, account }),
    maxRecordBytes: options.maxRecordBytes,
    ready: () => options.producer.ready(),
    deliver: (events, reservation) => deliver(options, events, { reservation }),
    deliverWithRetries: (events, reservation, signal) => deliver(options, events, { reservation, signal }),
    untilTaken: (take, signal) => budget.untilTaken(take, signal),
  };
}

/** Bytes under way: of all, of each sender, and of each address of a sender. */
interface Budget {
  change(account: Account | undefined, bytes: number): void;
  fits(account: Account | undefined, bytes: number): boolean;
  /** Why so many more bytes do not fit. */
  lack(account: Account | undefined, bytes: number): string;
  untilTaken(take: () => boolean, signal: AbortSignal): Promise<boolean>;
}

function createBudget({ metrics, maxInFlightBytes }: IntakeOptions): Budget {
  const total = Math.ceil(maxInFlightBytes / SHARE_OF_ONE);
  let used = 0;
  const bySender = new Map<string, number>();
  const byAddress = new Map<string, number>();
  const waiting = createWaiting();
  const leftFor = (account: Account | undefined, bytes: number): number =>
    (account === undefined ? maxInFlightBytes : total) - used - bytes;
  return {
    change: (account, bytes) => {
      used += bytes;
      metrics.inFlightBytes.set(used);
      if (account !== undefined) {
        add(bySender, account.sender, bytes);
        add(byAddress, keyOf(account), bytes);
      }
      if (bytes < 0) waiting.offer();
    },
    fits: (account, bytes) => {
      const left = leftFor(account, bytes);
      if (account === undefined || left < 0) return left >= 0;
      const leftOfSender = left * TIMES_WHAT_IS_LEFT - (bySender.get(account.sender) ?? 0) - bytes;
      const held = (byAddress.get(keyOf(account)) ?? 0) + bytes;
      return leftOfSender >= 0 && held <= leftOfSender * TIMES_WHAT_IS_LEFT;
    },
    lack: (account, bytes) =>
      account === undefined || leftFor(account, bytes) < 0
        ? `Of the ${maxInFlightBytes} bytes that may be under way to Kafka too few are left; come again.`
        : `${account.sender} has its share of the bytes that may be under way to Kafka (collector.maxInFlightBytes = ${maxInFlightBytes}); come again.`,
    untilTaken: waiting.untilTaken,
  };
}

function keyOf({ sender, address }: Account): string {
  return `${sender} ${address}`;
}

function add(held: Map<string, number>, key: string, bytes: number): void {
  const sum = (held.get(key) ?? 0) + bytes;
  if (sum > 0) held.set(key, sum);
  else held.delete(key);
}

/** Those who wait for room: it is offered to the one that waits longest, then to the next. */
function createWaiting() {
  const offers = new Set<() => void>();
  return {
    offer: (): void => {
      for (const offer of offers) offer();
    },
    untilTaken: async (take: () => boolean, signal: AbortSignal): Promise<boolean> => {
      if (take()) return true;
      if (signal.aborted) return false;
      return await new Promise<boolean>((resolve, reject) => {
        const settle = (isTaken: boolean): void => {
          offers.delete(offer);
          signal.removeEventListener('abort', giveUp);
          resolve(isTaken);
        };
        const giveUp = (): void => settle(false);
        const offer = (): void => {
          try {
            if (take()) settle(true);
          } catch (error) {
            settle(false);
            reject(error);
          }
        };
        offers.add(offer);
        signal.addEventListener('abort', giveUp);
      });
    },
  };
}

function reserve(
  budget: Budget,
  { metrics, maxInFlightBytes: most }: IntakeOptions,
  { input, account }: { readonly input: string; readonly account: Account | undefined },
): Reservation {
  let own = 0;
  const take = (bytes: number): void => {
    own += bytes;
    budget.change(account, bytes);
  };
  const grow = (bytes: number, events: number): void => {
    if (own + bytes > most) throw oversized(most);
    if (!budget.fits(account, bytes)) {
      metrics.eventsReceived.inc({ input, outcome: 'overloaded' }, events);
      throw new Overloaded(budget.lack(account, bytes));
    }
    take(bytes);
  };
  return {
    // A body that is refused unread has one event at least.
    grow: (bytes) => grow(bytes, 1),
    growByEvents: (count, ownBytes = 0) => grow(count * (EVENT_OVERHEAD_BYTES + ownBytes), count),
    tryGrow: (eventBytes, ownBytes = 0) => {
      const bytes = eventBytes + EVENT_OVERHEAD_BYTES + ownBytes;
      if (bytes > most) throw oversized(most);
      if (own + bytes > most || !budget.fits(account, bytes)) return false;
      take(bytes);
      return true;
    },
    release: () => {
      const held = own;
      own = 0;
      budget.change(account, -held);
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
  // What the input refused it has counted.
  countStored(
    metrics,
    taken.filter(({ isRefused }, index) => isRefused !== true && receipts[index]?.kind === 'stored'),
  );
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

/** All events of a delivery came by one input. */
function countAll(metrics: CollectorMetrics, events: readonly RawEvent[], outcome: string): void {
  const [first] = events;
  if (first !== undefined) metrics.eventsReceived.inc({ input: first.input, outcome }, events.length);
}

function countStored(metrics: CollectorMetrics, events: readonly RawEvent[]): void {
  const [first] = events;
  if (first === undefined) return;
  countAll(metrics, events, 'stored');
  const bytes = events.reduce((sum, event) => sum + event.bytes.length, 0);
  metrics.eventBytes.inc({ input: first.input }, bytes);
}

function refusalOf({ bytes }: RawEvent, maxRecordBytes: number): Receipt | undefined {
  if (bytes.length <= maxRecordBytes) return undefined;
  const detail = `the event has ${bytes.length} bytes; collector.maxRecordBytes allows ${maxRecordBytes}`;
  return { kind: 'refused', reason: 'too_large', detail };
}
