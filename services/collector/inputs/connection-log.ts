// What an input counts and logs about its connections: one line for the life of each, of which a
// network that connects again and again gets one a minute.
import type { Socket } from 'node:net';
import type { RawEvent } from '../../../shared/contracts/raw-event.ts';
import { certificateNames } from '../../../shared/http/client-certificates.ts';
import type { ClosedConnection, ConnectionEvents } from '../../../shared/http/connections.ts';
import { networkOf } from '../../../shared/http/network-of.ts';
import { rateLimited } from '../../../shared/runtime/rate-limited-log.ts';
import type { InputParts, Intake, Receipt } from './input.ts';

/** What one connection did so far. */
export class Tally {
  readonly #certificate: string | undefined;
  readonly #write: (tally: Tally, closed: ClosedConnection) => void;
  #held = 0;
  #closed: ClosedConnection | undefined;
  /** Who it was let in as. */
  sender: string | undefined;
  stored = 0;
  refused = 0;
  /** The status of the last answer, where the protocol has one. */
  status: number | undefined;
  /** Why this side ended it. */
  fault: { readonly reason: string; readonly detail: string } | undefined;

  constructor(socket: Socket, write: (tally: Tally, closed: ClosedConnection) => void) {
    this.#certificate = certificateNames(socket)[0];
    this.#write = write;
  }

  /** Keeps the line until the function that it gives is called: more may be counted. */
  hold(): () => void {
    this.#held += 1;
    return () => {
      this.#held -= 1;
      this.#end();
    };
  }

  /** Notes that the connection has ended. */
  close(closed: ClosedConnection): void {
    this.#closed = closed;
    this.#end();
  }

  /** Counts what became of events. */
  add(events: readonly RawEvent[], receipts: readonly Receipt[]): void {
    for (const [index, receipt] of receipts.entries())
      if (receipt.kind === 'stored' && events[index]?.isRefused !== true) this.stored += 1;
      else this.refused += 1;
  }

  /** An intake whose receipts are counted here. */
  counting(intake: Intake): Intake {
    const counted = async (events: readonly RawEvent[], delivery: Promise<readonly Receipt[]>) => {
      const receipts = await delivery;
      this.add(events, receipts);
      return receipts;
    };
    return {
      ...intake,
      deliver: async (events, reservation) => await counted(events, intake.deliver(events, reservation)),
      deliverWithRetries: async (events, ...more) => await counted(events, intake.deliverWithRetries(events, ...more)),
    };
  }

  /** The fields of the line. */
  fields(): Readonly<Record<string, unknown>> {
    const { sender, stored, refused, status } = this;
    return { sender, certificate: this.#certificate, stored, refused, status };
  }

  #end(): void {
    if (this.#held === 0 && this.#closed !== undefined) this.#write(this, this.#closed);
  }
}

/** The log of an input's connections. */
export interface ConnectionLog {
  readonly events: ConnectionEvents;
  /** The same for a connection whatever it is asked by: the TLS socket, where there is one. */
  of(socket: Socket): Tally;
}

/** Without any connection yet. */
export function createConnectionLog(input: string, { metrics, log, now }: Omit<InputParts, 'intake'>): ConnectionLog {
  const limited = rateLimited(log, now);
  const tallies = new WeakMap<Socket, Tally>();
  const write = (tally: Tally, { socket, address, openMs, end }: ClosedConnection): void => {
    const { reason, detail } = tally.fault ?? { reason: end ?? endOf(socket) };
    const line = {
      input,
      address,
      ...tally.fields(),
      receivedBytes: socket.bytesRead,
      sentBytes: socket.bytesWritten,
      seconds: Math.round(openMs) / 1000,
      reason,
      detail,
    };
    const network = networkOf(address);
    const isFault = tally.fault !== undefined || end !== undefined;
    if (isFault) limited.warn(`${reason} ${network}`, line, 'a connection was closed by this side');
    else limited.info(network, line, 'a connection ended');
  };
  const of = (socket: Socket): Tally => {
    const known = tallies.get(socket) ?? new Tally(socket, write);
    tallies.set(socket, known);
    return known;
  };
  return {
    of,
    events: {
      onCount: (count) => metrics.connections.set({ input }, count),
      onEnd: (reason, address) => {
        metrics.connectionsEnded.inc({ input, reason });
        if (reason === 'made_room' || reason === 'silent') return;
        limited.warn(`${reason} ${address}`, { input, reason, address }, 'a connection was turned away');
      },
      onClosed: (closed) => of(closed.socket).close(closed),
    },
  };
}

/** Why a connection ended of which neither limits nor the protocol were the reason. */
function endOf(socket: Socket): string {
  if (socket.errored !== null) return 'broken';
  return socket.readableEnded ? 'ended_by_sender' : 'ended_here';
}
