// Between the inputs and Kafka: one budget of bytes under way for all of them, and one receipt for each event.
import { encodeRawEvent, type RawEvent } from '../../shared/contracts/raw-event.ts';
import type { RecordPosition } from '../../shared/contracts/record.ts';
import type { RecordProducer } from '../../shared/kafka/producer.ts';
import { Unavailable } from '../../shared/runtime/errors.ts';
import { type Intake, Overloaded, type Receipt, type Reservation } from './inputs/input.ts';
import type { CollectorMetrics } from './metrics.ts';

/** What the intake works with. */
export interface IntakeOptions {
  readonly producer: Pick<RecordProducer, 'send'>;
  readonly metrics: CollectorMetrics;
  readonly maxInFlightBytes: number;
  readonly maxRecordBytes: number;
  readonly deliverTimeoutMs: number;
}

/** Opens the intake. */
export function createIntake(options: IntakeOptions): Intake {
  let used = 0;
  const { metrics, maxInFlightBytes } = options;
  const change = (bytes: number): void => {
    used += bytes;
    metrics.inFlightBytes.set(used);
  };
  return {
    reserve: () => {
      let own = 0;
      return {
        grow: (bytes) => {
          if (used + bytes > maxInFlightBytes)
            throw new Overloaded(`${maxInFlightBytes} bytes are under way to Kafka already; come again.`);
          own += bytes;
          change(bytes);
        },
        release: () => {
          change(-own);
          own = 0;
        },
      };
    },
    deliver: async (events, reservation) => await deliver(options, events, reservation),
  };
}

async function deliver(
  options: IntakeOptions,
  events: readonly RawEvent[],
  reservation: Reservation,
): Promise<readonly Receipt[]> {
  const refusals = events.map((event) => refusalOf(event, options.maxRecordBytes));
  const taken = events.filter((_, index) => refusals[index] === undefined);
  const sending = options.producer.send(taken.map(encodeRawEvent));
  void sending.then(reservation.release, reservation.release);
  const positions = await inTime(sending, options.deliverTimeoutMs);
  for (const { input, bytes } of taken) {
    options.metrics.eventsReceived.inc({ input, outcome: 'stored' });
    options.metrics.eventBytes.inc({ input }, bytes.length);
  }
  let next = 0;
  return refusals.map((refusal) => refusal ?? { kind: 'stored', position: positions[next++] as RecordPosition });
}

function refusalOf({ bytes }: RawEvent, maxRecordBytes: number): Receipt | undefined {
  if (bytes.length <= maxRecordBytes) return undefined;
  const detail = `the event has ${bytes.length} bytes; collector.maxRecordBytes allows ${maxRecordBytes}`;
  return { kind: 'refused', reason: 'too_large', detail };
}

async function inTime<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Unavailable('Kafka', `no confirmation within ${timeoutMs} ms`, { code: 'timeout' })),
      timeoutMs,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
