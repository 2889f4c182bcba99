// The output `logstash` of Beats and Elastic Agent: Lumberjack version 2 over TCP or TLS.
import type { RefusalReason } from '../input.ts';
import { createFailedLogins } from '../../../../shared/http/failed-logins.ts';
import { networkOf } from '../../../../shared/http/network-of.ts';
import { startTcpServer, type TcpConnection, type TcpServer } from '../../../../shared/http/tcp-server.ts';
import { Unavailable } from '../../../../shared/runtime/errors.ts';
import { rateLimited, type RateLimitedLog } from '../../../../shared/runtime/rate-limited-log.ts';
import type { Running } from '../../../../shared/runtime/running.ts';
import { connectionEvents } from '../connection-events.ts';
import { type InputParts, type InputType, Overloaded, Oversized } from '../input.ts';
import { addressOf, checkCertificateSettings, type Sender, senderOfCertificate } from '../senders.ts';
import { ConnectionFault } from './fault.ts';
import { type Refused, Session } from './session.ts';
import { type LumberjackConfig, lumberjackSettings } from './settings.ts';

const KIND = 'lumberjack';
const SECTION = `collector.${KIND}`;

/** The Lumberjack input. */
export const lumberjackInput: InputType<typeof KIND, typeof lumberjackSettings> = {
  kind: KIND,
  settings: lumberjackSettings,
  start,
};

async function start(settings: LumberjackConfig, parts: InputParts): Promise<Running> {
  checkCertificateSettings(SECTION, settings);
  const sessions = new Set<Session>();
  const context = createContext(settings, parts, () => server.isListening());
  const server = await startTcpServer(
    settings,
    {
      section: SECTION,
      needsLogIn: settings.clientCaFile !== '',
      logInSetting: 'clientCaFile',
      events: connectionEvents(KIND, parts),
      onTlsError: (message, address) =>
        context.logLimited('tls', { address, detail: message }, 'a TLS handshake failed'),
    },
    (connection) => void serve(context, connection, sessions),
  );
  parts.log.info({ input: KIND, address: server.address, tls: settings.tlsCert !== '' }, 'listening');
  return {
    ready: () => Promise.resolve(missing(server, settings)),
    stop: async (deadline) => {
      const stopped = server.stop(deadline);
      for (const session of sessions) session.stop();
      await stopped;
    },
  };
}

function missing(server: TcpServer, { maxConnections }: LumberjackConfig): string | undefined {
  if (!server.isListening()) return 'the Lumberjack input does not listen';
  return server.isFull()
    ? `all ${maxConnections} connections of the Lumberjack input have a window under way (${SECTION}.maxConnections)`
    : undefined;
}

interface Context {
  readonly settings: LumberjackConfig;
  readonly parts: InputParts;
  readonly failedLogin: ReturnType<typeof createFailedLogins>;
  /** Not any more once the input stops. */
  isListening(): boolean;
  /** Logs a line of a kind, for each network once a minute. */
  logLimited(kind: string, fields: { readonly address: string; readonly detail: string }, message: string): void;
  onRefused(reason: RefusalReason, address: string): void;
  onLost(receipt: Refused, address: string): void;
}

function createContext(settings: LumberjackConfig, parts: InputParts, isListening: () => boolean): Context {
  const { log, now, metrics } = parts;
  const limited: RateLimitedLog = rateLimited(log, now);
  const logLimited: Context['logLimited'] = (kind, fields, message) =>
    limited.warn(`${kind} ${networkOf(fields.address)}`, { input: KIND, ...fields }, message);
  return {
    settings,
    parts,
    logLimited,
    isListening,
    failedLogin: createFailedLogins({ log, now, count: () => metrics.logInFailures.inc({ input: KIND }) }),
    onRefused: (reason, address) => {
      metrics.eventsReceived.inc({ input: KIND, outcome: reason });
      logLimited(reason, { address, detail: reason }, 'an event is refused; its bytes become a dead letter');
    },
    onLost: ({ reason, detail }, address) => {
      metrics.eventsReceived.inc({ input: KIND, outcome: reason });
      limited.error(`lost ${reason}`, { input: KIND, address, detail }, 'an event is lost: raise the limit');
    },
  };
}

async function serve(context: Context, connection: TcpConnection, sessions: Set<Session>): Promise<void> {
  const { settings, parts, onRefused, onLost } = context;
  const address = addressOf(connection.socket);
  const sender = await admit(context, connection);
  if (sender === undefined) return;
  const session = new Session(connection, {
    ...parts,
    input: KIND,
    settings,
    sender,
    // Without certificates a sender is an address, and may have as many of IPv6 as it likes.
    account: networkOf(sender.name),
    onRefused: (reason) => onRefused(reason, address),
    onLost: (refused) => onLost(refused, address),
  });
  sessions.add(session);
  // A TLS handshake may end after the stop began.
  if (!context.isListening()) session.stop();
  try {
    await session.run();
  } catch (error) {
    report(context, error, address);
  } finally {
    sessions.delete(session);
  }
}

/** Who sends; undefined for a connection that showed no certificate that may, which is closed. */
async function admit({ settings, failedLogin }: Context, { socket }: TcpConnection): Promise<Sender | undefined> {
  const address = addressOf(socket);
  if (settings.clientCaFile === '') return { name: address };
  const sender = senderOfCertificate(socket, settings);
  if (sender !== undefined) return sender;
  const gone = new AbortController();
  socket.once('close', () => gone.abort());
  const reason = `The client showed no certificate that ${SECTION}.clientCaFile and clientCertificates allow.`;
  await failedLogin({ address, route: KIND, reason }, gone.signal);
  socket.destroy();
  return undefined;
}

/** Counts why a connection ended, and logs it unless its client just went away. */
function report({ parts, logLimited }: Context, error: unknown, address: string): void {
  const { metrics, log } = parts;
  const reason = reasonOf(error);
  if (reason !== undefined) metrics.connectionsEnded.inc({ input: KIND, reason });
  if (reason === 'cut_off') return;
  if (reason !== undefined)
    logLimited(reason, { address, detail: (error as Error).message }, 'a connection was closed by this side');
  else if (!isGone(error)) log.error({ err: error }, 'a bug in serving a connection: it was closed');
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
