// Which connections are kept: those from allowed networks and, when there are too many, those with
// a request before idle ones, so that idle connections keep nobody out.
import type { Server, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { parseAddressRanges } from '../matchers/address-range.ts';
import { networkOf, plainAddress } from './network-of.ts';

/** Which connections there may be. */
export interface ConnectionLimits {
  readonly maxConnections: number;
  /** 0: half of all. */
  readonly maxConnectionsPerAddress: number;
  /** Address ranges; none: every address. */
  readonly allowedNetworks?: readonly string[];
}

/** Why a connection was ended by this side: turned away, or given up. */
export type ConnectionEnd = 'not_allowed' | 'full' | 'address_limit' | 'made_room' | 'silent';

/** A connection that was let in and has closed. */
export interface ClosedConnection {
  /** The TLS socket where there was one. */
  readonly socket: Socket;
  readonly address: string;
  /** How long it was open. */
  readonly openMs: number;
  /** Why this side ended it, if it did for the sake of others. */
  readonly end: ConnectionEnd | undefined;
}

/** Is called about connections. */
export interface ConnectionEvents {
  onCount(count: number): void;
  onEnd(end: ConnectionEnd, address: string): void;
  onClosed?(closed: ClosedConnection): void;
}

/** Limits the connections of a server. */
interface Connections {
  /** Whether all are taken by requests, so that a new connection is turned away. */
  isFull(): boolean;
  /**
   * Notes that a request is under way, until the function that it gives is called; undefined when
   * the connection was given up and must not be served.
   */
  begin(socket: Socket): (() => void) | undefined;
  close(): void;
}

interface Connection {
  /** Of IPv6 the network. */
  readonly address: string;
  readonly openedMs: number;
  /** What to end: the TLS socket where there is one by now. */
  socket: Socket;
  requests: number;
  end: ConnectionEnd | undefined;
}

/** How long a connection may take for the headers of its first request, TLS included. */
const FIRST_REQUEST_MS = 15_000;
const SWEEP_MS = 1000;
const TURNED_AWAY_MS = 500;
/** The most connections at a time that wait to read why they were turned away. */
const MAX_TURNED_AWAY = 100;

/** The parts that limiting needs besides the limits. */
interface WatchOptions {
  readonly events: ConnectionEvents;
  /** What a connection gets that is turned away for want of room; empty for nothing. */
  readonly fullAnswer: string;
}

/**
 * Begins to limit. The server's own `maxConnections` stays unset, because it would turn new
 * connections away before idle ones are ended.
 */
export function watchConnections(server: Server, limits: ConnectionLimits, options: WatchOptions): Connections {
  const watch = new Watch(limits, options);
  server.on('connection', (socket: Socket) => watch.open(socket));
  server.on('secureConnection', (socket: TLSSocket) => watch.secured(socket));
  const sweeping = setInterval(() => watch.sweep(), SWEEP_MS);
  sweeping.unref();
  return {
    isFull: () => watch.isFull(),
    begin: (socket) => watch.begin(socket),
    close: () => clearInterval(sweeping),
  };
}

class Watch {
  readonly #limits: ConnectionLimits;
  readonly #events: ConnectionEvents;
  readonly #fullAnswer: string;
  readonly #isAllowed: (address: string) => boolean;
  readonly #all = new Map<string, Connection>();
  readonly #byAddress = new Map<string, Set<Connection>>();
  /** In the order in which they became idle; the first is the oldest. */
  readonly #silent = new Set<Connection>();
  readonly #idle = new Set<Connection>();
  #turnedAway = 0;

  constructor(limits: ConnectionLimits, { events, fullAnswer }: WatchOptions) {
    this.#limits = limits;
    this.#events = events;
    this.#fullAnswer = fullAnswer;
    this.#isAllowed = allowedBy(limits.allowedNetworks ?? []);
  }

  isFull(): boolean {
    return this.#all.size >= this.#limits.maxConnections && this.#silent.size + this.#idle.size === 0;
  }

  open(socket: Socket): void {
    const own = socket.remoteAddress ?? 'unknown';
    const address = networkOf(own);
    if (!this.#isAllowed(plainAddress(own))) {
      this.#events.onEnd('not_allowed', address);
      return void socket.destroy();
    }
    const ofAddress = this.#byAddress.get(address);
    const { maxConnections, maxConnectionsPerAddress } = this.#limits;
    const perAddress = maxConnectionsPerAddress || Math.max(1, Math.ceil(maxConnections / 2));
    if (ofAddress !== undefined && ofAddress.size >= perAddress && !this.#makeRoom(waiting(ofAddress)))
      return this.#turnAway(socket, 'address_limit', address);
    if (this.#all.size >= maxConnections && !this.#makeRoom(first(this.#silent) ?? first(this.#idle)))
      return this.#turnAway(socket, 'full', address);
    const connection: Connection = { address, openedMs: performance.now(), socket, requests: 0, end: undefined };
    const key = keyOf(socket);
    this.#all.set(key, connection);
    this.#silent.add(connection);
    this.#ofAddress(address).add(connection);
    this.#events.onCount(this.#all.size);
    socket.once('close', () => {
      this.#remove(key, connection);
      const openMs = performance.now() - connection.openedMs;
      this.#events.onClosed?.({ socket: connection.socket, address: own, openMs, end: connection.end });
    });
  }

  secured(socket: TLSSocket): void {
    const connection = this.#all.get(keyOf(socket));
    if (connection !== undefined) connection.socket = socket;
  }

  begin(socket: Socket): (() => void) | undefined {
    const key = keyOf(socket);
    const connection = this.#all.get(key);
    if (connection === undefined) return undefined;
    connection.requests += 1;
    this.#silent.delete(connection);
    this.#idle.delete(connection);
    return () => {
      connection.requests -= 1;
      if (connection.requests === 0 && this.#all.get(key) === connection) this.#idle.add(connection);
    };
  }

  sweep(): void {
    const before = performance.now() - FIRST_REQUEST_MS;
    for (const connection of this.#silent) {
      if (connection.openedMs > before) return;
      this.#end(connection, 'silent');
    }
  }

  #makeRoom(connection: Connection | undefined): boolean {
    if (connection === undefined) return false;
    this.#end(connection, 'made_room');
    return true;
  }

  #end(connection: Connection, why: ConnectionEnd): void {
    const { socket, address } = connection;
    connection.end = why;
    this.#remove(keyOf(socket), connection);
    this.#events.onEnd(why, address);
    socket.destroy();
  }

  #remove(key: string, connection: Connection): void {
    if (this.#all.get(key) === connection) this.#all.delete(key);
    this.#silent.delete(connection);
    this.#idle.delete(connection);
    const ofAddress = this.#byAddress.get(connection.address);
    ofAddress?.delete(connection);
    if (ofAddress?.size === 0) this.#byAddress.delete(connection.address);
    this.#events.onCount(this.#all.size);
  }

  #ofAddress(address: string): Set<Connection> {
    const present = this.#byAddress.get(address);
    if (present !== undefined) return present;
    const made = new Set<Connection>();
    this.#byAddress.set(address, made);
    return made;
  }

  /**
   * Answers why, unless too many wait to read that. Before a TLS handshake the answer is not
   * understood.
   */
  #turnAway(socket: Socket, why: ConnectionEnd, address: string): void {
    this.#events.onEnd(why, address);
    if (this.#turnedAway >= MAX_TURNED_AWAY) return void socket.destroy();
    this.#turnedAway += 1;
    const timer = setTimeout(() => socket.destroy(), TURNED_AWAY_MS);
    socket.once('close', () => {
      clearTimeout(timer);
      this.#turnedAway -= 1;
    });
    socket.on('error', () => socket.destroy());
    socket.end(this.#fullAnswer);
  }
}

/**
 * Whether an address is in one of the networks; every one is where there are none. The settings'
 * schema lets no text through that is no range.
 */
export function allowedBy(networks: readonly string[]): (address: string) => boolean {
  const ranges = parseAddressRanges(networks);
  return networks.length > 0 && ranges.kind === 'range' ? ranges.contains : () => true;
}

/**
 * The end points identify a connection, and are the same on a TLS socket and on the one below it.
 */
function keyOf({ remoteAddress, remotePort, localAddress }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress}`;
}

function first(connections: ReadonlySet<Connection>): Connection | undefined {
  for (const connection of connections) return connection;
  return undefined;
}

/** The oldest of an address that has no request under way. */
function waiting(connections: ReadonlySet<Connection>): Connection | undefined {
  for (const connection of connections) if (connection.requests === 0) return connection;
  return undefined;
}
