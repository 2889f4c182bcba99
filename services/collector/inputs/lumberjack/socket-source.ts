// The chunks of a connection, as long as it does not stop: a client that holds a window open and
// sends next to nothing is sent away.
import type { Socket } from 'node:net';
import { ConnectionFault } from '../connection-fault.ts';

const STEADY_BYTES = 1024;

/** How long a client may take. */
export interface TimeLimits {
  /** For each further KiB of a window that has begun. */
  readonly stallMs: number;
  /** For the next window. */
  readonly idleMs: number;
}

/** Reads a socket. Time counts only while it is read from. */
export class SocketSource {
  readonly #socket: Socket;
  readonly #chunks: AsyncIterator<Buffer>;
  readonly #limits: TimeLimits;
  #isInWindow = false;
  #leftMs: number;
  #arrived = 0;
  #isStopped = false;
  #endWait: (() => void) | undefined;

  constructor(socket: Socket, limits: TimeLimits) {
    this.#socket = socket;
    this.#limits = limits;
    this.#leftMs = limits.idleMs;
    this.#chunks = (socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  }

  /** A window begins or ends here: it has another measure of time. */
  setInWindow(isInWindow: boolean): void {
    this.#isInWindow = isInWindow;
    this.#renew();
    if (this.#isStopped && !isInWindow) this.#endWait?.();
  }

  /** Ends the stream as soon as no window is open. */
  stop(): void {
    this.#isStopped = true;
    if (!this.#isInWindow) this.#endWait?.();
  }

  /**
   * The next chunk, or undefined at the end. Throws ConnectionFault for a client that stopped, and
   * what the connection died of.
   */
  async next(): Promise<Buffer | undefined> {
    if (this.#isStopped && !this.#isInWindow) return undefined;
    const began = performance.now();
    const timer = setTimeout(() => this.#socket.destroy(this.#fault()), Math.max(0, this.#leftMs));
    try {
      const chunk = await new Promise<Buffer | undefined>((resolve, reject) => {
        this.#endWait = () => resolve(undefined);
        this.#chunks.next().then(({ done, value }) => resolve(done === true ? undefined : value), reject);
      });
      this.#leftMs -= performance.now() - began;
      this.#arrived += chunk?.length ?? 0;
      if (this.#arrived >= STEADY_BYTES) this.#renew();
      return chunk;
    } finally {
      clearTimeout(timer);
      this.#endWait = undefined;
    }
  }

  /** Throws away what still comes, until the connection is closed. */
  async drain(): Promise<void> {
    try {
      while ((await this.#chunks.next()).done !== true);
    } catch {
      // However it ended, it has.
    }
  }

  #renew(): void {
    this.#leftMs = this.#isInWindow ? this.#limits.stallMs : this.#limits.idleMs;
    this.#arrived = 0;
  }

  #fault(): ConnectionFault {
    const { stallMs, idleMs } = this.#limits;
    return this.#isInWindow
      ? new ConnectionFault(
          'stalled',
          `A window stopped: less than ${STEADY_BYTES} bytes came in ${stallMs} ms (collector.lumberjack.stallMs).`,
        )
      : new ConnectionFault('idle', `No window came in ${idleMs} ms (collector.lumberjack.idleMs).`);
  }
}
