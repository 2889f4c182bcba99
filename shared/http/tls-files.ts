// The certificates of a server: read from their files, and again when these change, without a
// restart. What cannot be used leaves those before in force.
import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContextOptions, type Server } from 'node:tls';
import { ConfigError, errorText } from '../runtime/errors.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Metrics } from '../runtime/metrics.ts';

/** The metrics of every server with TLS. */
export const TLS_METRICS = {
  tlsLastReloadSuccessful: {
    name: 'foghorn_tls_last_reload_successful',
    kind: 'gauge',
    help: 'Whether the certificates in use are those of the files: 0 while these cannot be used.',
    labels: ['section'],
  },
  tlsCertificateExpirySeconds: {
    name: 'foghorn_tls_certificate_expiry_timestamp_seconds',
    kind: 'gauge',
    help: 'When the certificate in use expires.',
    labels: ['section'],
  },
} as const;

/** The files. */
export interface TlsFiles {
  readonly tlsCert: string;
  readonly tlsKey: string;
  /** Empty for no client certificates. */
  readonly clientCaFile?: string;
}

/** Where a server reports what became of its certificates. */
export interface TlsReports {
  readonly log: Logger;
  readonly metrics: Metrics<typeof TLS_METRICS>;
}

/** Certificates as they were read. */
export interface Certificates {
  readonly options: SecureContextOptions;
  /** Differs as soon as one of the files does. */
  readonly mark: string;
  /** When the server's own certificate expires, epoch milliseconds. */
  readonly expiresMs: number;
}

const CHECK_MS = 2000;

/**
 * Reads and checks the files. Throws ConfigError, naming the settings, for files that cannot be
 * used.
 */
export function readCertificates(files: TlsFiles, section: string): Certificates {
  try {
    return checked(contentsOf(files));
  } catch (error) {
    throw new ConfigError(`${section}.${namesOf(files)} cannot be used: ${errorText(error)}`);
  }
}

/**
 * Looks at the files every `everyMs` and gives the server what they hold as soon as two looks find
 * the same, so that nothing half-written counts. Connections that are open keep what they have.
 */
export function watchCertificates(
  server: Server,
  { files, section, first, everyMs = CHECK_MS }: Watched,
  { log, metrics }: TlsReports,
): void {
  let inUse = first.mark;
  let seen = first.mark;
  let said = first.mark;
  const taken = ({ expiresMs }: Certificates): void => {
    metrics.tlsLastReloadSuccessful.set({ section }, 1);
    metrics.tlsCertificateExpirySeconds.set({ section }, expiresMs / 1000);
  };
  taken(first);
  const refuse = (mark: string, error: unknown): void => {
    metrics.tlsLastReloadSuccessful.set({ section }, 0);
    if (said !== mark)
      log.error(
        { section, detail: errorText(error) },
        `the changed files ${namesOf(files)} cannot be used: going on with the certificates before`,
      );
    said = mark;
  };
  const look = (): void => {
    const found = attempt(() => contentsOf(files));
    const mark = found.kind === 'value' ? markOf(found.value) : errorText(found.error);
    const isStable = mark === seen;
    seen = mark;
    if (!isStable) return;
    if (found.kind === 'error') return refuse(mark, found.error);
    if (mark === inUse) {
      metrics.tlsLastReloadSuccessful.set({ section }, 1);
      return;
    }
    const read = attempt(() => checked(found.value));
    if (read.kind === 'error') return refuse(mark, read.error);
    server.setSecureContext(read.value.options);
    inUse = mark;
    said = mark;
    taken(read.value);
    log.info({ section, expires: new Date(read.value.expiresMs).toISOString() }, 'the changed certificates are in use');
  };
  const looking = setInterval(look, everyMs);
  looking.unref();
  server.once('close', () => clearInterval(looking));
}

interface Watched {
  readonly files: TlsFiles;
  /** Where the settings stand, e.g. `collector.http`. */
  readonly section: string;
  /** What the server was made with. */
  readonly first: Certificates;
  readonly everyMs?: number;
}

interface Contents {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly ca?: Buffer;
}

function contentsOf({ tlsCert, tlsKey, clientCaFile = '' }: TlsFiles): Contents {
  const ca = clientCaFile === '' ? {} : { ca: readFileSync(clientCaFile) };
  return { cert: readFileSync(tlsCert), key: readFileSync(tlsKey), ...ca };
}

/** Throws for what TLS could not use: a key of another certificate, an authority that is none. */
function checked(contents: Contents): Certificates {
  const { cert, key, ca } = contents;
  if (ca !== undefined) void new X509Certificate(ca);
  createSecureContext(contents);
  const { validTo } = new X509Certificate(cert);
  return {
    options: { cert, key, ...(ca === undefined ? {} : { ca }) },
    mark: markOf(contents),
    expiresMs: Date.parse(validTo),
  };
}

function markOf({ cert, key, ca }: Contents): string {
  const hash = createHash('sha256');
  for (const part of [cert, key, ca ?? '']) hash.update(`${part.length} `).update(part);
  return hash.digest('base64url');
}

function namesOf({ clientCaFile = '' }: TlsFiles): string {
  return clientCaFile === '' ? 'tlsCert and tlsKey' : 'tlsCert, tlsKey and clientCaFile';
}

function attempt<T>(
  work: () => T,
): { readonly kind: 'value'; readonly value: T } | { readonly kind: 'error'; readonly error: unknown } {
  try {
    return { kind: 'value', value: work() };
  } catch (error) {
    return { kind: 'error', error };
  }
}
