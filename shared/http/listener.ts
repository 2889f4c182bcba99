// A server of HTTP or of bare TCP, with or without TLS: when it may listen beyond this machine, its
// certificates, its time limits and its stop.
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createTcpServer, type Server as TcpServer } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { ConfigError, errorText } from '../runtime/errors.ts';
import { isLoopback } from './cross-site.ts';

/** Where a server listens. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** The settings that a listener is made of. */
export interface ListenerSettings extends ListenAddress {
  /** Files in PEM form; empty for plain HTTP. */
  readonly tlsCert: string;
  readonly tlsKey: string;
  /** The file with the authority of client certificates; empty for none. */
  readonly clientCaFile?: string;
  readonly allowInsecure: boolean;
}

/** What a listener needs beside its settings. */
export interface ListenerOptions {
  /** Where the settings stand, for messages, e.g. `console.http`. */
  readonly section: string;
  /** Whether everybody has to log in. */
  readonly needsLogIn: boolean;
  /** The setting by which that is asked for; `tokens` where it is not given. */
  readonly logInSetting?: string;
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

function withTls<S>(
  { tlsCert, tlsKey, clientCaFile = '' }: ListenerSettings,
  { section }: ListenerOptions,
  make: { readonly plain: () => S; readonly tls: (files: TlsOptions) => S },
): S {
  if (tlsCert === '') return make.plain();
  try {
    // A client without a valid certificate gets an answer or a log line that says so, and may have
    // a token.
    const clients =
      clientCaFile === '' ? {} : { ca: readFileSync(clientCaFile), requestCert: true, rejectUnauthorized: false };
    return make.tls({
      ...clients,
      cert: readFileSync(tlsCert),
      key: readFileSync(tlsKey),
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    });
  } catch (error) {
    const files = clientCaFile === '' ? 'tlsCert and tlsKey' : 'tlsCert, tlsKey and clientCaFile';
    throw new ConfigError(`${section}.${files} cannot be used: ${errorText(error)}`);
  }
}

function requireAuthBeyondLoopback(
  { host, tlsCert, allowInsecure }: ListenerSettings,
  { section, needsLogIn, logInSetting = 'tokens' }: ListenerOptions,
): void {
  if (isLoopback(host) || allowInsecure) return;
  const lacks = [needsLogIn ? '' : logInSetting, tlsCert === '' ? 'tlsCert' : ''].filter(Boolean);
  if (lacks.length > 0)
    throw new ConfigError(
      `${section}.host = ${host} is reachable from outside, but ${section}.${lacks.join(` and ${section}.`)} is not set. Set it, or ${section}.allowInsecure = true if others guard the door.`,
    );
}
