// One connection: windows in, events to the intake in batches, an acknowledgement when Kafka has
// all of a window.
import { once } from 'node:events';
import type { TcpConnection } from '../../../../shared/http/tcp-server.ts';
import { settledWithin, within } from '../../../../shared/runtime/within.ts';
import type { SessionContext } from '../connection-input.ts';
import { Overloaded, type Reservation } from '../input.ts';
import { ByteReader, type Holding } from './byte-reader.ts';
import { Copies } from './copies.ts';
import { type Arrival, eventOfFrame, type ReadEvent } from './event.ts';
import { ConnectionFault, cutOff } from '../connection-fault.ts';
import { type Frame, readFrames } from './frames.ts';
import type { LumberjackConfig } from './settings.ts';
import { SocketSource } from './socket-source.ts';

/** What a session works with. */
interface SessionParts extends SessionContext {
  readonly settings: LumberjackConfig;
}

interface Window {
  readonly count: number;
  received: number;
  lastSequence: number;
  readonly copies: Copies;
  readonly deliveries: Promise<void>[];
  readonly end: () => void;
}

interface Batch {
  readonly events: ReadEvent[];
  bytes: number;
  readonly reservation: Reservation;
}

type EventFrame = Extract<Frame, { readonly kind: 'event' }>;

const BATCH_BYTES = 1024 * 1024;
const BATCH_EVENTS = 2048;
/**
 * Batches under way to Kafka for one connection, and windows that wait for their acknowledgement:
 * with more its client waits.
 */
const MAX_BATCHES = 4;
const MAX_WINDOWS = 16;
/**
 * How long a connection waits for room before its client is sent away; clients give up after 30 s.
 */
const MAX_WAIT_MS = 20_000;
/** How long a client may take to read the last acknowledgement. */
const LINGER_MS = 2000;
/**
 * An acknowledgement of no event keeps the client waiting while its window is processed. Clients
 * take any number up to that of their window.
 */
const KEEP_ALIVE = acknowledgement(0);

/** Serves a connection until it ends. */
export class Session {
  readonly #parts: SessionParts;
  readonly #connection: TcpConnection;
  readonly #source: SocketSource;
  readonly #gone = new AbortController();
  readonly #inFlight = new Set<Promise<void>>();
  #batch: Batch;
  #window: Window | undefined;
  #acknowledging = Promise.resolve();
  #unacknowledged = 0;
  #isWaiting = false;
  #isStopped = false;
  #keepAlive: NodeJS.Timeout | undefined;

  constructor(connection: TcpConnection, parts: SessionParts) {
    this.#parts = parts;
    this.#connection = connection;
    this.#source = new SocketSource(connection.socket, parts.settings);
    this.#batch = this.#newBatch();
    connection.socket.once('close', () => this.#gone.abort());
  }

  /**
   * Resolves when the client ended the connection between two windows, or after a stop. Rejects
   * with ConnectionFault, Oversized, Overloaded, Unavailable or what the connection died of.
   */
  async run(): Promise<void> {
    const { settings, intake } = this.#parts;
    const hold = (): Holding => this.#hold();
    const reader = new ByteReader(async () => await this.#source.next(), hold, cutOff);
    const limits = { ...settings, maxEventBytes: intake.maxRecordBytes, hold };
    try {
      for await (const frames of readFrames(reader, limits)) {
        // What its client sent ahead it sends again elsewhere.
        if (frames[0]?.kind === 'window' && this.#isStopped) break;
        await this.#takeAll(frames);
      }
      if (this.#window !== undefined) throw cutOff();
      await this.#acknowledging;
      await this.#leave();
    } finally {
      clearInterval(this.#keepAlive);
      this.#gone.abort();
      this.#batch.reservation.release();
      this.#window?.copies.release();
      this.#connection.socket.destroy();
    }
  }

  /** Takes no further window; `run` resolves when the open ones are acknowledged. */
  stop(): void {
    this.#isStopped = true;
    this.#source.stop();
  }

  async #open(count: number): Promise<void> {
    if (this.#window !== undefined)
      throw new ConnectionFault(
        'window_not_full',
        `A window began after ${this.#window.received} of the ${this.#window.count} events of the one before.`,
      );
    if (this.#unacknowledged >= MAX_WINDOWS) await this.#acknowledging;
    const end = this.#connection.begin();
    if (end === undefined) throw cutOff();
    this.#source.setInWindow(true);
    this.#keepAlive ??= setInterval(() => this.#stayAlive(), this.#parts.settings.keepAliveMs);
    this.#window = { count, received: 0, lastSequence: 0, copies: new Copies(this.#hold()), deliveries: [], end };
    if (count === 0) this.#close(this.#window);
  }

  async #takeAll(frames: readonly Frame[]): Promise<void> {
    const arrival: Arrival = { ...this.#parts.origin, receivedAtMs: this.#parts.now() };
    for (const frame of frames) {
      const waiting = frame.kind === 'window' ? this.#open(frame.count) : this.#take(frame, arrival);
      if (waiting !== undefined) await waiting;
    }
  }

  /** Undefined when the next frame can be read at once. */
  #take(frame: EventFrame, arrival: Arrival): Promise<void> | undefined {
    const window = this.#window;
    if (window === undefined) throw new ConnectionFault('unknown_frame', 'An event came outside of a window.');
    const read = eventOfFrame(frame, arrival, window.copies);
    if (read.refusal !== undefined) this.#parts.onRefused(read.refusal);
    const place = (): Promise<void> | undefined => this.#place(window, frame, read);
    return window.copies.grow()?.then(place) ?? place();
  }

  #place(window: Window, frame: EventFrame, read: ReadEvent): Promise<void> | undefined {
    const { length } = read.event.bytes;
    if (this.#batch.reservation.tryGrow(length, this.#ownBytes())) return this.#add(window, frame, read);
    this.#flush(window);
    return this.#whenFree(length).then(() => this.#add(window, frame, read));
  }

  #ownBytes(): number {
    return this.#parts.origin.senderHosts?.join(' ').length ?? 0;
  }

  #add(window: Window, { sequence }: EventFrame, read: ReadEvent): Promise<void> | undefined {
    this.#batch.events.push(read);
    this.#batch.bytes += read.event.bytes.length;
    window.received += 1;
    window.lastSequence = sequence;
    if (window.received === window.count) this.#close(window);
    else if (this.#batch.bytes >= BATCH_BYTES || this.#batch.events.length >= BATCH_EVENTS) this.#flush(window);
    return this.#inFlight.size < MAX_BATCHES ? undefined : Promise.race(this.#inFlight);
  }

  #close(window: Window): void {
    const { metrics, input } = this.#parts;
    this.#flush(window);
    window.copies.release();
    this.#window = undefined;
    this.#source.setInWindow(false);
    this.#unacknowledged += 1;
    const endTimer = metrics.acceptSeconds.startTimer({ input });
    this.#acknowledging = this.#acknowledging.then(async () => {
      await Promise.all(window.deliveries);
      await this.#write(acknowledgement(window.lastSequence));
      endTimer();
      metrics.requests.inc({ input, status: 'acknowledged' });
      this.#unacknowledged -= 1;
      window.end();
      if (this.#unacknowledged > 0 || this.#window !== undefined) return;
      clearInterval(this.#keepAlive);
      this.#keepAlive = undefined;
    });
    // Whatever it is, the connection dies of it, and `run` rejects with it.
    this.#acknowledging.catch((error: Error) => this.#connection.socket.destroy(error));
  }

  #flush(window: Window): void {
    const { events, reservation } = this.#batch;
    if (events.length === 0) return;
    this.#batch = this.#newBatch();
    const delivery = this.#deliver(events, reservation);
    this.#inFlight.add(delivery);
    const settled = (): void => void this.#inFlight.delete(delivery);
    delivery.then(settled, settled);
    window.deliveries.push(delivery);
  }

  async #deliver(read: readonly ReadEvent[], reservation: Reservation): Promise<void> {
    const events = read.map(({ event }) => event);
    const receipts = await this.#parts.intake.deliverWithRetries(events, reservation, this.#gone.signal);
    for (const receipt of receipts) if (receipt.kind === 'refused') this.#parts.onLost(receipt);
  }

  #newBatch(): Batch {
    const { intake, input, account } = this.#parts;
    return { events: [], bytes: 0, reservation: intake.reserve(input, account) };
  }

  /** Takes room for an event once there is some. */
  async #whenFree(bytes: number): Promise<void> {
    await this.#untilRoom(() => this.#batch.reservation.tryGrow(bytes, this.#ownBytes()));
  }

  #hold(): Holding {
    const { intake, input, account } = this.#parts;
    const reservation = intake.reserve(input, account);
    return {
      grow: async (bytes) => {
        if (reservation.tryGrow(bytes)) return;
        if (this.#window !== undefined) this.#flush(this.#window);
        await this.#untilRoom(() => reservation.tryGrow(bytes));
      },
      release: () => reservation.release(),
    };
  }

  async #untilRoom(tryGrow: () => boolean): Promise<void> {
    this.#isWaiting = true;
    try {
      const { intake } = this.#parts;
      const isTaken = await within(this.#gone.signal, MAX_WAIT_MS, (signal) => intake.untilTaken(tryGrow, signal));
      if (isTaken) return;
      if (this.#gone.signal.aborted) throw cutOff();
      throw new Overloaded(
        `There was no room for ${MAX_WAIT_MS} ms: of the bytes that may be under way to Kafka (collector.maxInFlightBytes) too few are left.`,
      );
    } finally {
      this.#isWaiting = false;
    }
  }

  #stayAlive(): void {
    const { socket } = this.#connection;
    const isWorking = this.#inFlight.size > 0 || this.#isWaiting;
    if (isWorking && socket.writable && socket.writableLength === 0) socket.write(KEEP_ALIVE);
  }

  async #write(bytes: Buffer): Promise<void> {
    const { socket } = this.#connection;
    if (socket.write(bytes)) return;
    const { stallMs } = this.#parts.settings;
    const fault = (): ConnectionFault =>
      new ConnectionFault('stalled', `The client read no acknowledgement for ${stallMs} ms.`);
    await settledWithin(once(socket, 'drain', { signal: this.#gone.signal }), stallMs, fault);
  }

  /**
   * Closed while something is unread, a connection is reset, and the last acknowledgement may be
   * lost.
   */
  async #leave(): Promise<void> {
    const { socket } = this.#connection;
    if (socket.destroyed) return;
    const timer = setTimeout(() => socket.destroy(), LINGER_MS);
    socket.end();
    await this.#source.drain();
    clearTimeout(timer);
  }
}

function acknowledgement(sequence: number): Buffer {
  const bytes = Buffer.from('2A\0\0\0\0', 'latin1');
  bytes.writeUInt32BE(sequence, 2);
  return bytes;
}
