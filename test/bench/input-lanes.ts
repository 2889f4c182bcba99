// How each input is fed: what a batch of documents is on the wire, and a connection that brings one
// after the other and says when each is stored.
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { deflateSync, gzipSync } from 'node:zlib';
import type { ListeningKind } from '../../services/collector/inputs/inputs.ts';
import { eventFrame, frame } from '../support/lumberjack.ts';
import { protobufRequest } from '../support/otlp.ts';
import { counted } from '../support/syslog.ts';

/** A connection to an input. */
export interface Lane {
  /**
   * Resolves when the batch is stored, or taken where the protocol has no answer: false when it has
   * to come again.
   */
  send(batch: Buffer): Promise<boolean>;
  /** Resolves when everything is stored. */
  close(): Promise<void>;
}

/** One way to send to an input. */
export interface Feed {
  readonly kind: ListeningKind;
  readonly name: string;
  encode(documents: readonly string[]): Buffer;
  /** `from` is the address of this machine to connect from. */
  open(port: number, from: string): Promise<Lane>;
}

const BEATS_LEVEL = 3;
const ACKNOWLEDGEMENT_BYTES = 6;

/** All ways, the one that others are compared with first. */
export const FEEDS: readonly Feed[] = [
  { kind: 'http', name: 'http', encode: lines, open: httpLane('/v1/events') },
  {
    kind: 'http',
    name: 'http, gzip',
    encode: (documents) => gzipSync(lines(documents), { level: BEATS_LEVEL }),
    open: httpLane('/v1/events', { 'content-encoding': 'gzip' }),
  },
  {
    kind: 'hec',
    name: 'hec',
    encode: (documents) => Buffer.from(documents.map((document) => `{"event":${document}}`).join('')),
    open: httpLane('/services/collector/event'),
  },
  {
    kind: 'bulk',
    name: 'bulk',
    encode: (documents) => Buffer.from(documents.map((document) => `{"create":{}}\n${document}\n`).join('')),
    open: httpLane('/_bulk'),
  },
  {
    kind: 'otlp',
    name: 'otlp, protobuf',
    encode: (documents) => protobufRequest(documents.map((body) => ({ body }))),
    open: httpLane('/v1/logs', { 'content-type': 'application/x-protobuf' }),
  },
  {
    kind: 'lumberjack',
    name: 'lumberjack, as Beats compress it',
    encode: (documents) => {
      const packed = deflateSync(Buffer.concat(framesOf(documents)), { level: BEATS_LEVEL });
      return Buffer.concat([frame('W', [documents.length]), frame('C', [packed.length], packed)]);
    },
    open: lumberjackLane,
  },
  {
    kind: 'lumberjack',
    name: 'lumberjack, not compressed',
    encode: (documents) => Buffer.concat([frame('W', [documents.length]), ...framesOf(documents)]),
    open: lumberjackLane,
  },
  {
    kind: 'syslog',
    name: 'syslog, TCP',
    encode: (documents) => Buffer.concat(documents.map((document) => counted(`${SYSLOG_HEADER} ${document}`))),
    open: syslogLane,
  },
];

const SYSLOG_HEADER = '<13>1 2026-03-01T00:00:00.000Z relay winlogbeat - - -';

function lines(documents: readonly string[]): Buffer {
  return Buffer.from(documents.join('\n'));
}

function framesOf(documents: readonly string[]): readonly Buffer[] {
  return documents.map((document, index) => eventFrame(index + 1, document));
}

function httpLane(path: string, more: Readonly<Record<string, string>> = {}): Feed['open'] {
  return async (port, from) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1, localAddress: from });
    const send = async (batch: Buffer): Promise<boolean> =>
      await new Promise((resolve, reject) => {
        const headers = { 'content-length': batch.length, ...more };
        const call = request({ port, host: '127.0.0.1', path, method: 'POST', agent, headers }, (response) => {
          response.resume();
          response.on('error', reject);
          response.on('end', () => {
            const { statusCode: status = 0 } = response;
            if (status === 200 || status === 429 || status === 503) resolve(status === 200);
            else reject(new Error(`${path} answered ${status}`));
          });
        });
        call.on('error', reject);
        call.end(batch);
      });
    return await Promise.resolve({
      send,
      close: async () => {
        await Promise.resolve(agent.destroy());
      },
    });
  };
}

async function connected(port: number, from: string): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', localAddress: from });
  await once(socket, 'connect');
  return socket;
}

async function lumberjackLane(port: number, from: string): Promise<Lane> {
  const socket = await connected(port, from);
  let answers: Buffer = Buffer.alloc(0);
  let acknowledged = (): void => undefined;
  let cut: (error: Error) => void = () => undefined;
  socket.on('close', () => cut(new Error('the connection was closed')));
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => {
    answers = Buffer.concat([answers, chunk]);
    for (; answers.length >= ACKNOWLEDGEMENT_BYTES; answers = answers.subarray(ACKNOWLEDGEMENT_BYTES))
      if (answers.readUInt32BE(2) > 0) acknowledged();
  });
  return {
    send: async (batch) =>
      await new Promise((resolve, reject) => {
        acknowledged = () => resolve(true);
        cut = reject;
        if (socket.destroyed) reject(new Error('the connection was closed'));
        socket.write(batch);
      }),
    close: async () => {
      await Promise.resolve(socket.destroy());
    },
  };
}

async function syslogLane(port: number, from: string): Promise<Lane> {
  const socket = await connected(port, from);
  socket.resume();
  return {
    send: async (batch) => {
      if (!socket.write(batch)) await once(socket, 'drain');
      return true;
    },
    // The other side ends when everything is stored.
    close: async () => {
      const closed = once(socket, 'close');
      socket.end();
      await closed;
    },
  };
}
