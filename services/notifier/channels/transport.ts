// One HTTP exchange, directly or by a proxy, with the certificates of a receiver. A failure says
// whether the request may have left.
import { readFileSync } from 'node:fs';
import { lookup } from 'node:dns/promises';
import { Agent as HttpAgent, type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { HttpProxyAgent } from 'http-proxy-agent';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { z } from 'zod';
import { ConfigError, errorText } from '../../../shared/runtime/errors.ts';
import { readableFile } from '../../../shared/runtime/settings.ts';
import { isPrivateAddress, PrivateAddress, publicLookup, refusal, refusePrivateHost } from './private-address.ts';
import { type ProxySettings, proxyFor } from './proxy.ts';

/**
 * The settings of receivers reached by https: the authorities to trust, and the client's
 * certificate.
 */
export const tlsSettings = {
  /** A PEM file with the certificate authorities of the server; empty: those of the system. */
  caFile: readableFile(z.string().default('')),
  /** PEM files with the client's certificate and its key, where the server demands one. */
  certFile: readableFile(z.string().default('')),
  keyFile: readableFile(z.string().default('')),
};

/** The way to a receiver. */
export interface TransportOptions {
  readonly allowPrivate: boolean;
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  readonly proxy?: ProxySettings | undefined;
}

/** The request. */
export interface TransportRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Ends the exchange. */
  readonly signal: AbortSignal;
  /** The rest of a longer answer is not read. */
  readonly maxAnswerBytes: number;
}

/** The answer. */
export interface TransportAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  /** The beginning of the body. */
  readonly text: string;
  /** The body is longer, or the connection broke off. */
  readonly isCut: boolean;
}

/** No answer came. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  /** Whether the receiver may have the request. */
  readonly hasLeft: boolean;

  constructor(cause: unknown, hasLeft: boolean) {
    super(errorText(cause), { cause });
    this.hasLeft = hasLeft;
  }
}

/** A way to one address, with connections of its own. */
export interface Transport {
  /** Posts. Throws PrivateAddress, else NoAnswer. */
  post(request: TransportRequest): Promise<TransportAnswer>;
  close(): void;
}

const MAX_SOCKETS = 16;

/**
 * Opens the way to the host of `url`. Throws ConfigError when a file that is named cannot be read,
 * or a certificate has no key.
 */
export function createTransport(url: string, options: TransportOptions): Transport {
  const isTls = new URL(url).protocol === 'https:';
  const tls = readTls(options);
  const proxy = options.proxy === undefined ? undefined : proxyFor(url, options.proxy);
  const agent = agentFor({ isTls, proxy, tls });
  return {
    post: async (request) => {
      if (!options.allowPrivate) await refusePrivate(request.url, proxy !== undefined);
      // The proxy's own address may be private: only a direct connection checks the address that it
      // connects to.
      const checked = options.allowPrivate || proxy !== undefined ? {} : { lookup: publicLookup };
      return await exchange(request, { agent, isTls, options: { ...tls, ...checked } });
    },
    close: () => agent.destroy(),
  };
}

interface Tls {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

function agentFor({
  isTls,
  proxy,
  tls,
}: {
  readonly isTls: boolean;
  readonly proxy: string | undefined;
  readonly tls: Tls;
}): HttpAgent {
  const options = { keepAlive: true, maxSockets: MAX_SOCKETS };
  if (proxy === undefined) return isTls ? new HttpsAgent({ ...options, ...tls }) : new HttpAgent(options);
  return isTls ? new HttpsProxyAgent(proxy, options) : new HttpProxyAgent(proxy, options);
}

function readTls({ caFile = '', certFile = '', keyFile = '' }: TransportOptions): Tls {
  if ((certFile === '') !== (keyFile === ''))
    throw new ConfigError('certFile and keyFile of a receiver belong together; one of them is missing.');
  return {
    ...(caFile === '' ? {} : { ca: readPem('caFile', caFile) }),
    ...(certFile === '' ? {} : { cert: readPem('certFile', certFile), key: readPem('keyFile', keyFile) }),
  };
}

function readPem(setting: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new ConfigError(`${setting} ${file} of a receiver cannot be read: ${errorText(error)}`);
  }
}

/**
 * A proxy looks the name up itself, perhaps to another address: only the addresses found here can
 * be checked, and a name that is unknown here goes to the proxy.
 */
async function refusePrivate(url: string, isByProxy: boolean): Promise<void> {
  const { hostname } = new URL(url);
  refusePrivateHost(hostname);
  if (!isByProxy) return;
  const found = await lookup(hostname, { all: true }).catch(() => []);
  const inside = found.find(({ address }) => isPrivateAddress(address));
  if (inside !== undefined) throw new PrivateAddress(refusal(`${hostname} (${inside.address})`));
}

interface Wire {
  readonly agent: HttpAgent;
  readonly isTls: boolean;
  readonly options: Tls & { readonly lookup?: typeof publicLookup };
}

async function exchange(
  { url, headers, body, signal, maxAnswerBytes }: TransportRequest,
  { agent, isTls, options }: Wire,
): Promise<TransportAnswer> {
  return await new Promise((resolve, reject) => {
    const request = (isTls ? httpsRequest : httpRequest)(url, {
      method: 'POST',
      agent,
      signal,
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      ...options,
    });
    const progress = { hasLeft: false };
    request.on('socket', (socket) =>
      onceOpen(socket, isTls, () => {
        progress.hasLeft = true;
      }),
    );
    request.on('error', (error) => {
      const cause = signal.aborted ? signal.reason : error;
      reject(error instanceof PrivateAddress ? error : new NoAnswer(cause, progress.hasLeft));
    });
    request.on('response', (response) => void readAnswer(response, request, maxAnswerBytes).then(resolve));
    request.end(body);
  });
}

/**
 * On a kept connection the receiver may have the request although it closed in the same moment. By
 * a proxy the connection is open before it is encrypted.
 */
function onceOpen(socket: Socket & { readonly secureConnecting?: boolean }, isTls: boolean, open: () => void): void {
  if (isTls && (socket.connecting || socket.secureConnecting === true)) socket.once('secureConnect', open);
  else if (socket.connecting) socket.once('connect', open);
  else open();
}

async function readAnswer(
  response: IncomingMessage,
  request: ClientRequest,
  maxBytes: number,
): Promise<TransportAnswer> {
  const chunks: Buffer[] = [];
  let length = 0;
  let isCut = false;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      isCut = length > maxBytes;
      if (isCut) break;
    }
  } catch {
    // The status came; the caller decides whether the rest matters.
    isCut = true;
    request.destroy();
  }
  const text = Buffer.concat(chunks).subarray(0, maxBytes).toString('utf8');
  return { status: response.statusCode ?? 0, headers: response.headers, text, isCut };
}
