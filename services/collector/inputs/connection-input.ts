// An input whose protocol is its own, over bare TCP or TLS: who may connect, one session for each
// connection, what is counted and logged about its end.
import { createFailedLogins } from '../../../shared/http/failed-logins.ts';
import { networkOf } from '../../../shared/http/network-of.ts';
import type { ConnectionLimits } from '../../../shared/http/connections.ts';
import type { ListenerSettings } from '../../../shared/http/listener.ts';
import { startTcpServer, type TcpConnection, type TcpServer } from '../../../shared/http/tcp-server.ts';
import { Unavailable } from '../../../shared/runtime/errors.ts';
import { rateLimited, type RateLimitedLog } from '../../../shared/runtime/rate-limited-log.ts';
import type { Running } from '../../../shared/runtime/running.ts';
import { ConnectionFault } from './connection-fault.ts';
import { type ConnectionLog, createConnectionLog, type Tally } from './connection-log.ts';
import { type Account, type InputParts, Overloaded, Oversized, type Receipt, type RefusalReason } from './input.ts';
import {
  accountOf,
  addressOf,
  type CertificateSettings,
  checkCertificateSettings,
  type Origin,
  originOf,
  type Sender,
  senderOfCertificate,
} from './senders.ts';

/** What was refused for good. */
export type Refused = Extract<Receipt, { readonly kind: 'refused' }>;

/** One connection while it is served. */
export interface ConnectionSession {
  /**
   * Resolves when the connection has ended as it should. Rejects with ConnectionFault, Oversized,
   * Overloaded, Unavailable or what the connection died of.
   */
  run(): Promise<void>;
  /** Takes nothing further; `run` resolves when Kafka has what was taken. */
  stop(): void;
}

/** What a session gets beside its settings. */
export interface SessionContext extends Omit<InputParts, 'log'> {
  readonly input: string;
  readonly origin: Origin;
  readonly account: Account;
  /** Is called about each event that becomes a dead letter. */
  onRefused(reason: RefusalReason): void;
  /** Is called about each event that Kafka does not take. */
  onLost(refused: Refused): void;
}

/** The settings that every such input has. */
type ConnectionSettings = ListenerSettings & ConnectionLimits & CertificateSettings;

/** What an input of this kind consists of. */
export interface ConnectionInput {
  readonly kind: string;
  /** As in messages, e.g. `the Lumberjack input`. */
  readonly name: string;
  readonly settings: ConnectionSettings;
  open(connection: TcpConnection, context: SessionContext): ConnectionSession;
}

/** An input that listens. */
interface RunningConnections extends Running {
  readonly address: TcpServer['address'];
}

/** Listens. Throws ConfigError when it may not or cannot. */
export async function startConnections(input: ConnectionInput, parts: InputParts): Promise<RunningConnections> {
  const { kind, settings } = input;
  const section = sectionOf(input);
  checkCertificateSettings(section, settings);
  const sessions = new Set<ConnectionSession>();
  const connections = createConnectionLog(kind, parts);
  const reports = createReports(kind, parts);
  const context: Context = { input, parts, connections, ...reports, isListening: () => server.isListening() };
  const server: TcpServer = await startTcpServer(
    settings,
    {
      section,
      needsLogIn: settings.clientCaFile !== '',
      logInSettings: ['clientCaFile'],
      tlsReports: parts,
      events: connections.events,
      onTlsError: (message, address) =>
        context.logLimited('tls', { address, detail: message }, 'a TLS handshake failed'),
    },
    (connection) => void serve(context, connection, sessions),
  );
  parts.log.info({ input: kind, address: server.address, tls: settings.tlsCert !== '' }, 'listening');
  return {
    address: server.address,
    ready: () => Promise.resolve(missing(server, input)),
    stop: async (deadline) => {
      const stopped = server.stop(deadline);
      for (const session of sessions) session.stop();
      await stopped;
    },
  };
}

function sectionOf({ kind }: ConnectionInput): string {
  return `collector.${kind}`;
}

function missing(server: TcpServer, input: ConnectionInput): string | undefined {
  if (!server.isListening()) return `${input.name} does not listen`;
  return server.isFull()
    ? `all ${input.settings.maxConnections} connections of ${input.name} are at work (${sectionOf(input)}.maxConnections)`
    : undefined;
}

interface Reports {
  readonly failedLogin: ReturnType<typeof createFailedLogins>;
  /** Logs a line of a kind, for each network once a minute. */
  logLimited(kind: string, fields: { readonly address: string; readonly detail: string }, message: string): void;
  onRefused(reason: RefusalReason, address: string): void;
  onLost(receipt: Refused, address: string): void;
}

interface Context extends Reports {
  readonly input: ConnectionInput;
  readonly parts: InputParts;
  readonly connections: ConnectionLog;
  /** Not any more once the input stops. */
  isListening(): boolean;
}

/** What an input counts and logs about the events and connections of its senders. */
export function createReports(input: string, { log, now, metrics }: Omit<InputParts, 'intake'>): Reports {
  const limited: RateLimitedLog = rateLimited(log, now);
  const logLimited: Reports['logLimited'] = (kind, fields, message) =>
    limited.warn(`${kind} ${networkOf(fields.address)}`, { input, ...fields }, message);
  return {
    logLimited,
    failedLogin: createFailedLogins({ log, now, count: () => metrics.logInFailures.inc({ input }) }),
    onRefused: (reason, address) => {
      metrics.eventsReceived.inc({ input, outcome: reason });
      logLimited(reason, { address, detail: reason }, 'an event is refused; its bytes become a dead letter');
    },
    onLost: ({ reason, detail }, address) => {
      metrics.eventsReceived.inc({ input, outcome: reason });
      limited.error(`lost ${reason}`, { input, address, detail }, 'an event is lost: raise the limit');
    },
  };
}

async function serve(context: Context, connection: TcpConnection, sessions: Set<ConnectionSession>): Promise<void> {
  const { input, parts, connections, onRefused, onLost } = context;
  const address = addressOf(connection.socket);
  const tally = connections.of(connection.socket);
  const sender = await admit(context, connection, tally);
  if (sender === undefined) return;
  tally.sender = sender.name;
  const isDone = tally.hold();
  const session = input.open(connection, {
    ...parts,
    intake: tally.counting(parts.intake),
    input: input.kind,
    origin: originOf(input.kind, sender, connection.socket),
    account: accountOf(sender, connection.socket),
    onRefused: (reason) => onRefused(reason, address),
    onLost: (refused) => onLost(refused, address),
  });
  sessions.add(session);
  // A TLS handshake may end after the stop began.
  if (!context.isListening()) session.stop();
  try {
    await session.run();
  } catch (error) {
    report(context, error, tally);
  } finally {
    sessions.delete(session);
    isDone();
  }
}

/** Who sends; undefined for a connection that showed no certificate that may, which is closed. */
async function admit(
  { input, failedLogin }: Context,
  { socket }: TcpConnection,
  tally: Tally,
): Promise<Sender | undefined> {
  const { kind, settings } = input;
  const address = addressOf(socket);
  if (settings.clientCaFile === '') return { name: address };
  const sender = senderOfCertificate(socket, settings);
  if (sender !== undefined) return sender;
  const gone = new AbortController();
  socket.once('close', () => gone.abort());
  const reason = `The client showed no certificate that ${sectionOf(input)}.clientCaFile and clientCertificates allow.`;
  tally.fault = { reason: 'not_admitted', detail: reason };
  await failedLogin({ address, route: kind, reason }, gone.signal);
  socket.destroy();
  return undefined;
}

/** Counts why a connection ended; the line about it says so, too. */
function report({ input: { kind: input }, parts }: Context, error: unknown, tally: Tally): void {
  const { metrics, log } = parts;
  const reason = reasonOf(error);
  if (reason === undefined) {
    if (!isGone(error)) log.error({ err: error }, 'a bug in serving a connection: it was closed');
    return;
  }
  metrics.connectionsEnded.inc({ input, reason });
  if (reason !== 'cut_off') tally.fault = { reason, detail: (error as Error).message };
}

function reasonOf(error: unknown): string | undefined {
  if (error instanceof ConnectionFault) return error.code;
  if (error instanceof Overloaded) return 'overloaded';
  if (error instanceof Oversized) return 'oversized';
  return error instanceof Unavailable ? 'unavailable' : undefined;
}

/** What a connection dies of when either side closed it: no bug. */
function isGone(error: unknown): boolean {
  const { code = '', name, syscall } = error as NodeJS.ErrnoException;
  return name === 'AbortError' || syscall !== undefined || /^(?:ERR_STREAM_|ERR_SSL_|EPIPE|ECONN)/u.test(code);
}
