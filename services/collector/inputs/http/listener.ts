// The HTTP or HTTPS server that the input listens with, and when it may listen beyond this machine.
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { ConfigError, errorText } from '../../../../shared/runtime/errors.ts';
import { isLoopback } from '../../../../shared/runtime/web-pages.ts';
import type { HttpConfig } from '../../config.ts';
import { needsLogIn } from './authenticate.ts';

const HEADERS_TIMEOUT_MS = 15_000;
const HANDSHAKE_TIMEOUT_MS = 10_000;
const TIMEOUT_CHECK_MS = 2000;

/** A server that does not listen yet. Throws ConfigError for settings that open a door by accident, and for files that cannot be used. */
export function createListener(settings: HttpConfig): Server {
  refuseOpenDoor(settings);
  const server = createPlainOrTls(settings);
  server.requestTimeout = settings.bodyTimeoutMs;
  server.headersTimeout = Math.min(HEADERS_TIMEOUT_MS, settings.bodyTimeoutMs);
  return server;
}

function createPlainOrTls({ tlsCert, tlsKey, clientCaFile }: HttpConfig): Server {
  const options = { connectionsCheckingInterval: TIMEOUT_CHECK_MS };
  if (tlsCert === '') return createServer(options);
  try {
    // Who shows no certificate, or a wrong one, gets an answer that says so, and may have a token.
    const clients =
      clientCaFile === '' ? {} : { ca: readFileSync(clientCaFile), requestCert: true, rejectUnauthorized: false };
    return createTlsServer({
      ...options,
      ...clients,
      cert: readFileSync(tlsCert),
      key: readFileSync(tlsKey),
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    });
  } catch (error) {
    throw new ConfigError(
      `collector.http.tlsCert, tlsKey${clientCaFile === '' ? '' : ' and clientCaFile'} cannot be used: ${errorText(error)}`,
    );
  }
}

function refuseOpenDoor(settings: HttpConfig): void {
  const { host, tlsCert, clientCaFile, clientCertificates, allowInsecure } = settings;
  if (clientCaFile !== '' && tlsCert === '')
    throw new ConfigError(
      'collector.http.clientCaFile needs collector.http.tlsCert and tlsKey: certificates come by TLS.',
    );
  if (clientCaFile === '' && clientCertificates.length > 0)
    throw new ConfigError(
      'collector.http.clientCertificates needs collector.http.clientCaFile, which says who signs them.',
    );
  if (isLoopback(host) || allowInsecure) return;
  const lacks = [needsLogIn(settings) ? '' : 'tokens', tlsCert === '' ? 'tlsCert' : ''].filter(Boolean);
  if (lacks.length > 0)
    throw new ConfigError(
      `collector.http.host = ${host} is reachable from outside, but collector.http.${lacks.join(' and collector.http.')} is not set. Set it, or collector.http.allowInsecure = true if others guard the door.`,
    );
}
