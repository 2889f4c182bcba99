// One connection: messages in, events to the intake in batches. Syslog has no acknowledgement, so
// what was read stays here until Kafka has it, and nothing is read while there is no room.
import type { Socket } from 'node:net';
import type { RawEvent } from '../../../../shared/contracts/raw-event.ts';
import type { TcpConnection } from '../../../../shared/http/tcp-server.ts';
import { ConnectionFault } from '../connection-fault.ts';
import type { ConnectionSession, SessionContext } from '../connection-input.ts';
import { Oversized, type Reservation } from '../input.ts';
import type { Deliveries } from './deliveries.ts';
import { eventOfMessage } from './event.ts';
import { type Message, MessageReader } from './message-reader.ts';
import type { SyslogConfig } from './settings.ts';

/** What a session works with. */
interface SessionParts extends SessionContext {
  readonly settings: SyslogConfig;
  readonly deliveries: Deliveries;
}

/** How the stream went on: a chunk, or why there is none. */
type Next = Buffer | 'ended' | 'stopped' | 'stalled';

/** A batch goes when it has so many bytes, or when no other one is under way. */
const BATCH_BYTES = 1024 * 1024;
/** Batches under way to Kafka for one connection: with more its client waits. */
const MAX_BATCHES = 4;
/** A message that is not complete takes room for all of it from so many bytes on. */
const SMALL_BYTES = 16_384;
const KEEP_ALIVE_MS = 60_000;
/** How long the end of this side may take. */
const LINGER_MS = 2000;

/** Serves a connection until it ends. */
export class Session implements ConnectionSession {
  readonly #parts: SessionParts;
  readonly #connection: TcpConnection;
  readonly #chunks: AsyncIterator<Buffer>;
  readonly #reader: MessageReader;
  readonly #inFlight = new Set<Promise<void>>();
  readonly #hold: Reservation;
  #held = 0;
  #events: RawEvent[] = [];
  #bytes = 0;
  #reservation: Reservation;
  #leftMs: number;
  #isStopped = false;
  #endWait: (() => void) | undefined;

  constructor(connection: TcpConnection, parts: SessionParts) {
    this.#parts = parts;
    this.#connection = connection;
    const { socket } = connection;
    this.#chunks = (socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
    this.#reader = new MessageReader(parts.intake.maxRecordBytes);
    this.#hold = parts.intake.reserve(parts.input, parts.account);
    this.#reservation = parts.intake.reserve(parts.input, parts.account);
    this.#leftMs = parts.settings.messageTimeoutMs;
  }

  /**
   * Resolves when the connection ended and Kafka has all that it brought. Rejects with
   * ConnectionFault, Oversized, or what the connection died of.
   */
  async run(): Promise<void> {
    const { socket } = this.#connection;
    const reset = (): void => resetOf(socket);
    const { ending } = this.#parts.deliveries;
    ending.addEventListener('abort', reset, { once: true });
    // A sender may connect long before its first message, or be gone without a sign.
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    this.#connection.begin()?.();
    try {
      const last = await this.#readAll();
      await this.#settled();
      if (last === 'stalled') throw this.#stalled();
      await this.#leave();
    } catch (error) {
      // Closed in order, it would look as if all was stored.
      reset();
      throw error;
    } finally {
      ending.removeEventListener('abort', reset);
      this.#hold.release();
      this.#reservation.release();
      socket.destroy();
    }
  }

  /** Reads nothing further. */
  stop(): void {
    this.#isStopped = true;
    this.#endWait?.();
  }

  async #readAll(): Promise<Next> {
    let end: (() => void) | undefined;
    try {
      for (;;) {
        const next = await this.#next();
        if (!(next instanceof Buffer)) {
          await this.#takeRest(next === 'ended');
          return next;
        }
        end ??= this.#connection.begin() ?? nothing;
        await this.#read(next);
        if (this.#reader.isWithin) continue;
        const isDone = end;
        end = undefined;
        void this.#settled().then(isDone);
      }
    } catch (error) {
      // The connection died; what it brought is delivered all the same.
      await this.#takeRest(false);
      throw error;
    } finally {
      end?.();
    }
  }

  async #read(chunk: Buffer): Promise<void> {
    const wasWithin = this.#reader.isWithin;
    for (const message of this.#reader.read(chunk)) {
      const waiting = this.#take(message);
      if (waiting !== undefined) await waiting;
      this.#leftMs = this.#parts.settings.messageTimeoutMs;
    }
    if (!wasWithin) this.#leftMs = this.#parts.settings.messageTimeoutMs;
    if (this.#inFlight.size === 0 || this.#bytes >= BATCH_BYTES) this.#flush();
    const { heldBytes, expectedBytes } = this.#reader;
    if (heldBytes > SMALL_BYTES && this.#held === 0) {
      await this.#whenFree(this.#hold, expectedBytes);
      this.#held = expectedBytes;
    }
    if (this.#inFlight.size >= MAX_BATCHES) await Promise.race(this.#inFlight);
  }

  async #takeRest(isWhole: boolean): Promise<void> {
    const rest = this.#reader.end(isWhole);
    if (rest !== undefined) await this.#take(rest);
    this.#flush();
  }

  /** Undefined when the next message can be taken at once. */
  #take(message: Message): Promise<void> | undefined {
    const { origin, now, onRefused } = this.#parts;
    const event = eventOfMessage(message, { ...origin, receivedAtMs: now() });
    if (message.fault !== undefined) onRefused(message.fault);
    // What was held is the first to be free.
    this.#hold.release();
    this.#held = 0;
    if (this.#tryGrow(this.#reservation, event.bytes.length)) {
      this.#add(event);
      return undefined;
    }
    this.#flush();
    return this.#whenFree(this.#reservation, event.bytes.length).then((isFree) => {
      if (isFree) this.#add(event);
      else this.#parts.deliveries.countLost(1);
    });
  }

  #tryGrow(reservation: Reservation, bytes: number): boolean {
    try {
      return reservation.tryGrow(bytes, this.#parts.origin.senderHosts?.join(' ').length ?? 0);
    } catch (error) {
      if (error instanceof Oversized)
        this.#parts.onLost({ kind: 'refused', reason: 'too_large', detail: error.message });
      throw error;
    }
  }

  /** False when the stop ended the wait. */
  async #whenFree(reservation: Reservation, bytes: number): Promise<boolean> {
    const { intake, deliveries } = this.#parts;
    return await intake.untilTaken(() => this.#tryGrow(reservation, bytes), deliveries.ending);
  }

  #add(event: RawEvent): void {
    this.#events.push(event);
    this.#bytes += event.bytes.length;
  }

  /** Until Kafka has all that was read, or it is given up. */
  async #settled(): Promise<void> {
    while (this.#inFlight.size > 0) await Promise.all(this.#inFlight);
  }

  #flush(): void {
    if (this.#events.length === 0) return;
    const { deliveries, intake, input, account, onLost } = this.#parts;
    const delivery = deliveries.deliver(this.#events, { intake, reservation: this.#reservation, onRefused: onLost });
    this.#events = [];
    this.#bytes = 0;
    this.#reservation = intake.reserve(input, account);
    this.#inFlight.add(delivery);
    void delivery.then(() => {
      this.#inFlight.delete(delivery);
      this.#flush();
    });
  }

  /** Time counts only while it is read, and only within a message. */
  async #next(): Promise<Next> {
    if (this.#isStopped) return 'stopped';
    const began = performance.now();
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<Next>((resolve, reject) => {
        this.#endWait = () => resolve('stopped');
        if (this.#reader.isWithin) timer = setTimeout(() => resolve('stalled'), Math.max(0, this.#leftMs));
        this.#chunks.next().then(({ done, value }) => resolve(done === true ? 'ended' : value), reject);
      });
    } finally {
      clearTimeout(timer);
      this.#endWait = undefined;
      if (this.#reader.isWithin) this.#leftMs -= performance.now() - began;
    }
  }

  #stalled(): ConnectionFault {
    const { messageTimeoutMs } = this.#parts.settings;
    return new ConnectionFault(
      'stalled',
      `A message was not complete within ${messageTimeoutMs} ms (collector.syslog.messageTimeoutMs).`,
    );
  }

  async #leave(): Promise<void> {
    const { socket } = this.#connection;
    if (socket.destroyed) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, LINGER_MS);
      socket.end(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}

function nothing(): void {
  // A connection that was given up has nothing to end.
}

/** Resets the connection where the platform can do so, so that its client notices. */
function resetOf(socket: Socket): void {
  if (socket.destroyed) return;
  if ('encrypted' in socket) socket.destroy();
  else socket.resetAndDestroy();
}
