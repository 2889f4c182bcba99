// Puts our own encoder of produce requests behind kafkajs. kafkajs' makes six buffers a record and
// copies a batch eight times, which takes ten times as much CPU. It has no interface for that, so
// its modules are replaced, in the very version whose source was read, and before kafkajs loads
// them.
import { createRequire } from 'node:module';
import { encodeProduce, type ProduceRequest, ROOM } from './produce-request.ts';

/** A request behind room for the head of its frame; kafkajs uses `buf`, `buffer` and `size`. */
class Encoded {
  readonly buf: Buffer;
  readonly buffer: Buffer;

  constructor(whole: Buffer, from: number) {
    this.buf = whole;
    this.buffer = whole.subarray(from);
  }

  size(): number {
    return this.buffer.length;
  }
}

interface Request {
  readonly apiKey: number;
  readonly apiVersion: number;
  encode(): Promise<object>;
}

interface Framed {
  readonly correlationId: number;
  readonly clientId: string | null;
  readonly request: Request;
}

interface Grouping {
  readonly topic: string;
  readonly partitionMetadata: readonly object[];
  readonly messages: readonly object[];
  partitioner(choice: { topic: string; partitionMetadata: readonly object[]; message: object }): number;
}

interface KafkaJsCodec {
  compress(encoder: { readonly buffer: Buffer }): Promise<Buffer>;
}

const VERSION = '2.2.4';
/** A frame's head without the client's name: length, key, version, correlation, name's length. */
const FRAME_HEAD_BYTES = 14;
const require = createRequire(import.meta.url);
/** Undefined: it is in place. */
const missing = install();

/** Why kafkajs encodes by itself, for the log; undefined when it does not. */
export function whyNotInstalled(): string | undefined {
  return missing;
}

/** Why the modules may not be replaced in this version, or so late; undefined when they may. */
export function reasonAgainst(version: string, isInUse: boolean): string | undefined {
  if (version !== VERSION)
    return `kafkajs ${version} encodes record batches by itself, for our encoder was made for ${VERSION}: sending takes more CPU`;
  return isInUse ? 'kafkajs encodes record batches by itself, for it was loaded before our encoder' : undefined;
}

function install(): string | undefined {
  try {
    const { version } = require('kafkajs/package.json') as { readonly version: string };
    const reason = reasonAgainst(
      version,
      require.cache[require.resolve('kafkajs/src/network/connection')] !== undefined,
    );
    if (reason !== undefined) return reason;
    replace('protocol/requests/produce/v3/request', produceRequest);
    replace('protocol/request', framed);
    replace('producer/groupMessagesPerPartition', () => byPartition);
    return undefined;
  } catch (error) {
    return `kafkajs encodes record batches by itself: ${String(error)}`;
  }
}

function replace<T>(path: string, make: (original: T) => T): void {
  const name = `kafkajs/src/${path}`;
  const original = require(name) as T;
  const module = require.cache[require.resolve(name)];
  if (module === undefined) throw new Error(`its module ${path} was not found`);
  module.exports = make(original);
}

function produceRequest(original: (request: ProduceRequest) => Request): (request: ProduceRequest) => Request {
  const { lookupCodec } = require('kafkajs/src/protocol/message/compression') as {
    lookupCodec(codec: number): KafkaJsCodec;
  };
  return (request) => {
    const older = original(request);
    return {
      ...older,
      encode: async () => {
        const whole = await encodeProduce(request, (codec, buffer) => lookupCodec(codec).compress({ buffer }));
        return whole === undefined ? await older.encode() : new Encoded(whole, ROOM);
      },
    };
  };
}

/** Writes the head of the frame (Kafka protocol, "Request Header" 1) in front of our requests. */
function framed(original: (framed: Framed) => Promise<object>): (framed: Framed) => Promise<object> {
  return async (frame) => {
    const { correlationId, clientId, request } = frame;
    const payload = await request.encode();
    const name = Buffer.from(clientId ?? '');
    const start = ROOM - FRAME_HEAD_BYTES - name.length;
    if (!(payload instanceof Encoded) || start < 0)
      return await original({ ...frame, request: { ...request, encode: async () => payload } });
    const { buf } = payload;
    let at = buf.writeInt32BE(buf.length - start - 4, start);
    at = buf.writeInt16BE(request.apiKey, at);
    at = buf.writeInt16BE(request.apiVersion, at);
    at = buf.writeInt32BE(correlationId, at);
    at = buf.writeInt16BE(clientId === null ? -1 : name.length, at);
    buf.set(name, at);
    return new Encoded(buf, start);
  };
}

/** kafkajs copies the list of a partition for each record. */
function byPartition({ topic, partitionMetadata, messages, partitioner }: Grouping): Record<number, object[]> {
  const groups: Record<number, object[]> = {};
  if (partitionMetadata.length === 0) return groups;
  for (const message of messages) {
    const partition = partitioner({ topic, partitionMetadata, message });
    (groups[partition] ??= []).push(message);
  }
  return groups;
}
