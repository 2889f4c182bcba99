// What is under way to Kafka, of all connections and datagrams: it is tried again until Kafka has
// it or the stop has to end, and what is lost then is counted.
import { setMaxListeners } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RawEvent } from '../../../../shared/contracts/raw-event.ts';
import { Unavailable } from '../../../../shared/runtime/errors.ts';
import type { Logger } from '../../../../shared/runtime/logger.ts';
import type { Refused } from '../connection-input.ts';
import type { InputParts, Intake, Reservation } from '../input.ts';

/** How events are delivered. */
interface Way {
  readonly intake: Intake;
  readonly reservation: Reservation;
  /** Is called about each event that Kafka does not take. */
  onRefused(refused: Refused): void;
}

/** Delivers the events of the syslog input. */
export class Deliveries {
  readonly #log: Logger;
  readonly #end = new AbortController();
  readonly #open = new Map<Promise<void>, number>();
  #lost = 0;

  constructor({ log }: Pick<InputParts, 'log'>) {
    this.#log = log;
    // Each connection and each batch under way listens to it.
    setMaxListeners(0, this.#end.signal);
  }

  /** Aborts when the stop may wait no longer. */
  get ending(): AbortSignal {
    return this.#end.signal;
  }

  /** Counts events that were read and are given up. */
  countLost(events: number): void {
    this.#lost += events;
  }

  /** Resolves when Kafka has the events, or when they are given up. */
  deliver(events: readonly RawEvent[], way: Way): Promise<void> {
    const delivery = this.#deliver(events, way);
    this.#open.set(delivery, events.length);
    const settled = (): void => void this.#open.delete(delivery);
    void delivery.then(settled);
    return delivery;
  }

  /** Ends the retries: what is under way is lost. */
  giveUp(): void {
    this.#end.abort();
  }

  /** Waits for what is under way, until it is given up, and logs what was lost. */
  async settle(): Promise<void> {
    await Promise.race([Promise.allSettled(this.#open.keys()), aborted(this.ending)]);
    // Whatever waited for Kafka or for room counts what it gives up.
    await nextTurn();
    for (const events of this.#open.values()) this.#lost += events;
    if (this.#lost === 0) return;
    this.#log.error(
      { input: 'syslog', events: this.#lost },
      'events are lost: Kafka did not take them before the stop had to end',
    );
  }

  async #deliver(events: readonly RawEvent[], { intake, reservation, onRefused }: Way): Promise<void> {
    try {
      const receipts = await intake.deliverWithRetries(events, reservation, this.ending);
      for (const receipt of receipts) if (receipt.kind === 'refused') onRefused(receipt);
    } catch (error) {
      // Only a stop ends the retries.
      if (error instanceof Unavailable) this.countLost(events.length);
      else this.#log.error({ err: error, events: events.length }, 'a bug in delivering events: they are lost');
    }
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
