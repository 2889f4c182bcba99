// A server of HTTP or of bare TCP, with or without TLS: when it may listen beyond this machine, its
// certificates, its time limits and its stop.
import { createServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createTcpServer, type Server as TcpServer } from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer, type TlsOptions } from 'node:tls';
import { ConfigError } from '../runtime/errors.ts';
import { isLoopback } from './cross-site.ts';
import { readCertificates, type TlsFiles, type TlsReports, watchCertificates } from './tls-files.ts';

/** Where a server listens. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** The settings that a listener is made of. */
export interface ListenerSettings extends ListenAddress, TlsFiles {
  readonly allowInsecure: boolean;
}

/** What a listener needs beside its settings. */
export interface ListenerOptions {
  /** Where the settings stand, for messages, e.g. `console.http`. */
  readonly section: string;
  /** Whether everybody has to log in. */
  readonly needsLogIn: boolean;
  /** The settings by which that is asked for, e.g. `tokens`; one is enough. */
  readonly logInSettings: readonly string[];
  readonly tlsReports: TlsReports;
}

/** What a listener of HTTP needs beside its settings. */
export interface HttpListenerOptions extends ListenerOptions {
  /** Timeout for the arrival of a request. */
  readonly requestTimeoutMs: number;
}

const HEADERS_TIMEOUT_MS = 15_000;
const HANDSHAKE_TIMEOUT_MS = 10_000;
const TIMEOUT_CHECK_MS = 2000;
const IDLE_CHECK_MS = 100;
/** A client that has sent all may end its side before it is answered. */
const HALF_OPEN = { allowHalfOpen: true };

/**
 * A server of HTTP that does not listen yet. Throws ConfigError for settings that open a door by
 * accident, and for files that cannot be used.
 */
export function createListener(settings: ListenerSettings, options: HttpListenerOptions): Server {
  requireAuthBeyondLoopback(settings, options);
  const checks = { connectionsCheckingInterval: TIMEOUT_CHECK_MS };
  const server = withTls(settings, options, {
    plain: () => createServer(checks),
    tls: (files) => createHttpsServer({ ...checks, ...files }),
  });
  server.requestTimeout = options.requestTimeoutMs;
  server.headersTimeout = Math.min(HEADERS_TIMEOUT_MS, options.requestTimeoutMs);
  return server;
}

/** The same for bare TCP. */
export function createTcpListener(settings: ListenerSettings, options: ListenerOptions): TcpServer {
  requireAuthBeyondLoopback(settings, options);
  return withTls(settings, options, {
    plain: () => createTcpServer(HALF_OPEN),
    tls: (files) => createTlsServer({ ...HALF_OPEN, ...files }),
  });
}

/** Listens on an address; throws ConfigError that names it when that cannot be done. */
export async function listen(server: TcpServer, { host, port }: ListenAddress): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(new ConfigError(`Cannot listen on ${host}:${port}: ${error.message}`)));
    server.listen(port, host, resolve);
  });
}

/**
 * Takes no new connection, waits for the answers under way, and breaks what is left when `deadline`
 * aborts.
 */
export async function drain(server: Server, deadline: AbortSignal): Promise<void> {
  const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
  // A kept-alive connection would stay open for as long as its client likes.
  const sweeping = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS);
  const cut = (): void => server.closeAllConnections();
  if (deadline.aborted) cut();
  else deadline.addEventListener('abort', cut, { once: true });
  await closed;
  clearInterval(sweeping);
  deadline.removeEventListener('abort', cut);
}

function withTls<S extends TcpServer>(
  settings: ListenerSettings,
  { section, tlsReports }: ListenerOptions,
  make: { readonly plain: () => S; readonly tls: (options: TlsOptions) => S & TlsServer },
): S {
  const { tlsCert, clientCaFile = '' } = settings;
  if (tlsCert === '') return make.plain();
  const first = readCertificates(settings, section);
  // A client without a valid certificate gets an answer or a log line that says so, and may have
  // a token.
  const clients = clientCaFile === '' ? {} : { requestCert: true, rejectUnauthorized: false };
  const limits = { minVersion: 'TLSv1.2', handshakeTimeout: HANDSHAKE_TIMEOUT_MS } as const;
  const server = make.tls({ ...clients, ...limits, ...first.options });
  watchCertificates(server, { files: settings, section, first }, tlsReports);
  return server;
}

function requireAuthBeyondLoopback(
  { host, tlsCert, allowInsecure }: ListenerSettings,
  { section, needsLogIn, logInSettings }: ListenerOptions,
): void {
  if (isLoopback(host) || allowInsecure) return;
  const lacks = [
    ...(needsLogIn ? [] : [logInSettings.map((name) => `${section}.${name}`).join(' or ')]),
    ...(tlsCert === '' ? [`${section}.tlsCert and tlsKey`] : []),
  ];
  if (lacks.length > 0)
    throw new ConfigError(
      `${section}.host = ${host} is reachable from outside. Set ${lacks.join(', and ')}; or ${section}.allowInsecure = true if others guard the door.`,
    );
}
