// Datagrams: one message each. There is nobody to keep waiting: what has no room is dropped and
// counted, as the kernel counts what the socket had no room for.
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { RawEvent } from '../../../../shared/contracts/raw-event.ts';
import { allowedBy } from '../../../../shared/http/connections.ts';
import { plainAddress } from '../../../../shared/http/network-of.ts';
import { ConfigError, errorText } from '../../../../shared/runtime/errors.ts';
import { rateLimited } from '../../../../shared/runtime/rate-limited-log.ts';
import { createReports, type Refused } from '../connection-input.ts';
import { type InputParts, Oversized, type Reservation } from '../input.ts';
import type { Deliveries } from './deliveries.ts';
import { eventOfMessage } from './event.ts';
import { kernelDrops } from './kernel-drops.ts';
import type { Message } from './message-reader.ts';
import type { SyslogConfig } from './settings.ts';

const [NUL, LINE_FEED, RETURN] = [0x00, 0x0a, 0x0d];
const BATCH_EVENTS = 1000;
const BATCH_MS = 20;
const DROPS_MS = 10_000;
/** Addresses of datagrams can be made up: all of them share one sender's part of the room. */
const ACCOUNT = { sender: 'syslog by UDP', address: '' };

/** What takes datagrams. */
interface UdpOptions {
  readonly input: string;
  readonly settings: SyslogConfig;
  readonly parts: InputParts;
  readonly deliveries: Deliveries;
}

/** A socket that takes datagrams. */
interface Datagrams {
  /** Takes no more; what was taken is on its way. */
  stop(): Promise<void>;
}

/** Listens for datagrams at a port. Throws ConfigError when that cannot be done. */
export async function startUdp(port: number, options: UdpOptions): Promise<Datagrams> {
  const { settings, parts, input } = options;
  const socket = createSocket({ type: settings.host.includes(':') ? 'udp6' : 'udp4' });
  const batch = new Batch(options);
  const isAllowed = allowedBy(settings.allowedNetworks);
  const limited = rateLimited(parts.log, parts.now);
  socket.on('message', (bytes: Buffer, { address }: RemoteInfo) => {
    if (isAllowed(plainAddress(address)) && batch.take(bytes, address)) return;
    parts.metrics.eventsReceived.inc({ input, outcome: 'dropped' });
    limited.warn('dropped', { input, address }, 'a datagram was dropped: no room, or its address is not allowed');
  });
  await bind(socket, port, settings);
  socket.on('error', (error) => parts.log.error({ err: error, input }, 'the socket for datagrams failed'));
  const counting = setInterval(() => void countDrops(socket, options), DROPS_MS);
  counting.unref();
  const receiveBufferBytes = socket.getRecvBufferSize();
  parts.log.info({ input, address: socket.address(), receiveBufferBytes }, 'listening for datagrams');
  let isOpen = true;
  return {
    stop: async () => {
      if (!isOpen) return;
      isOpen = false;
      clearInterval(counting);
      const closed = once(socket, 'close');
      socket.close();
      await closed;
      batch.flush();
    },
  };
}

async function bind(socket: Socket, port: number, settings: SyslogConfig): Promise<void> {
  const { host, udpReceiveBufferBytes } = settings;
  try {
    const listening = once(socket, 'listening');
    socket.bind(port, host);
    await listening;
    socket.setRecvBufferSize(udpReceiveBufferBytes);
  } catch (error) {
    throw new ConfigError(`Cannot listen for datagrams on ${host}:${port}: ${errorText(error)}`);
  }
}

async function countDrops(socket: Socket, { parts, input }: UdpOptions): Promise<void> {
  const { port, family } = socket.address();
  const table = await readFile(family === 'IPv6' ? '/proc/net/udp6' : '/proc/net/udp', 'latin1').catch(() => '');
  const drops = kernelDrops(table, port);
  if (drops !== undefined) parts.metrics.datagramsDropped.set({ input }, drops);
}

/** Framing is for streams; senders that use one text for both leave its end here. */
function messageOf(bytes: Buffer, maxBytes: number): Message {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === LINE_FEED || bytes[end - 1] === RETURN || bytes[end - 1] === NUL)) end -= 1;
  return end > maxBytes
    ? { bytes: bytes.subarray(0, maxBytes), fault: 'too_large' }
    : { bytes: bytes.subarray(0, end) };
}

class Batch {
  readonly #options: UdpOptions;
  readonly #reports: ReturnType<typeof createReports>;
  #events: RawEvent[] = [];
  #reservation: Reservation;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: UdpOptions) {
    this.#options = options;
    this.#reports = createReports(options.input, options.parts);
    this.#reservation = this.#reserve();
  }

  /** Takes a datagram; false when there is no room. */
  take(bytes: Buffer, address: string): boolean {
    const { parts, input } = this.#options;
    const message = messageOf(bytes, parts.intake.maxRecordBytes);
    if (message.bytes.length === 0) return true;
    if (!this.#tryGrow(message.bytes.length)) return false;
    if (message.fault !== undefined) this.#reports.onRefused(message.fault, address);
    this.#events.push(eventOfMessage(message, { input, sender: address, receivedAtMs: parts.now() }));
    this.#timer ??= setTimeout(() => this.flush(), BATCH_MS);
    if (this.#events.length >= BATCH_EVENTS) this.flush();
    return true;
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#events.length === 0) return;
    const { parts, deliveries } = this.#options;
    const onRefused = (refused: Refused): void => this.#reports.onLost(refused, 'UDP');
    void deliveries.deliver(this.#events, { intake: parts.intake, reservation: this.#reservation, onRefused });
    this.#events = [];
    this.#reservation = this.#reserve();
  }

  #tryGrow(bytes: number): boolean {
    try {
      return this.#reservation.tryGrow(bytes);
    } catch (error) {
      if (error instanceof Oversized) return false;
      throw error;
    }
  }

  #reserve(): Reservation {
    return this.#options.parts.intake.reserve(this.#options.input, ACCOUNT);
  }
}
