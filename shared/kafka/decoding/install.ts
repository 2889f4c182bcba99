// Puts our own decoder of record batches behind kafkajs. kafkajs' stops a consumer with all its
// partitions at a batch that it cannot decode, takes time with the square of a record's headers,
// checks no CRC, knows no limit, and asks for ever for what compaction has emptied. It has no
// interface for that, so its module is replaced, in the very version whose source was read.
import { createRequire } from 'node:module';
import { kafkajs } from '../kafkajs.ts';
import { withoutAborted } from './aborted.ts';
import { CODECS, MAX_DECOMPRESSED_BYTES } from './codecs.ts';
import { readRecordSet } from './record-set.ts';

/** What kafkajs hands over: a place in the answer to a fetch. */
interface KafkaJsDecoder {
  readInt32(): number;
  canReadBytes(count: number): boolean;
  readBytes(count: number): Buffer;
}

/** As far as it is needed here: what a broker answers to a fetch. */
interface KafkaJsBroker {
  fetch(request: object): Promise<{ readonly responses: readonly { partitions: FetchedPartition[] }[] }>;
}

type DecodeMessages = (decoder: KafkaJsDecoder) => Promise<readonly object[]>;

type FetchedPartition = Parameters<typeof withoutAborted>[0];

const VERSION = '2.2.4';
const FETCH = 'kafkajs/src/protocol/requests/fetch/v4';
/** Undefined: it is in place. */
const missing = install();

/** Why kafkajs decodes by itself, for the log; undefined when it does not. */
export function whyNotInstalled(): string | undefined {
  return missing;
}

/** Why the module may not be replaced in this version, or so late; undefined when it may. */
export function reasonAgainst(version: string, isInUse: boolean): string | undefined {
  if (version !== VERSION)
    return `kafkajs ${version} decodes record batches by itself, for our decoder was made for ${VERSION}: a batch that it cannot decode stops its consumer`;
  return isInUse
    ? 'kafkajs decodes record batches by itself, for it was in use before our decoder was there'
    : undefined;
}

function install(): string | undefined {
  const require = createRequire(import.meta.url);
  replaceCodecs();
  try {
    const { version } = require('kafkajs/package.json') as { readonly version: string };
    const isInUse = require.cache[require.resolve(`${FETCH}/response`)] !== undefined;
    const reason = reasonAgainst(version, isInUse);
    if (reason !== undefined) return reason;
    const decodeOlder = require(`${FETCH}/decodeMessages`) as DecodeMessages;
    const Decoder = require('kafkajs/src/protocol/decoder') as new (bytes: Buffer) => KafkaJsDecoder;
    const module = require.cache[require.resolve(`${FETCH}/decodeMessages`)];
    if (module === undefined) return 'kafkajs decodes record batches by itself, for its module was not found';
    module.exports = decodeMessages(async (messages) => {
      const size = Buffer.alloc(4);
      size.writeInt32BE(messages.length);
      return await decodeOlder(new Decoder(Buffer.concat([size, messages])));
    });
    filterAborted(require('kafkajs/src/broker') as { readonly prototype: KafkaJsBroker });
    return undefined;
  } catch (error) {
    return `kafkajs decodes record batches by itself: ${String(error)}`;
  }
}

/**
 * In front of kafkajs' own filter, which lets aborted records through: where several transactions
 * were open when the fetch began, and behind a record whose key looks like a marker.
 */
function filterAborted({ prototype }: { readonly prototype: KafkaJsBroker }): void {
  const { fetch } = prototype;
  prototype.fetch = async function fetchCommitted(this: KafkaJsBroker, request) {
    const answer = await fetch.call(this, request);
    for (const response of answer.responses) response.partitions = response.partitions.map(withoutAborted);
    return answer;
  };
}

/** For what is written, messages of the formats 0 and 1, and where kafkajs decodes by itself. */
function replaceCodecs(): void {
  const { CompressionCodecs, CompressionTypes } = kafkajs;
  for (const type of [
    CompressionTypes.GZIP,
    CompressionTypes.Snappy,
    CompressionTypes.LZ4,
    CompressionTypes.ZSTD,
  ] as const) {
    const codec = CODECS[type];
    CompressionCodecs[type] = () => ({
      compress: async (encoder: { buffer: Buffer }) => {
        if (codec?.compress === undefined) throw new Error(`${codec?.name} is read and not written`);
        return await codec.compress(encoder.buffer);
      },
      decompress: async (bytes: Buffer) => codec?.decompress(bytes, MAX_DECOMPRESSED_BYTES),
    });
  }
}

function decodeMessages(readOlder: (messages: Buffer) => Promise<readonly object[]>): DecodeMessages {
  return async (decoder) => {
    const size = decoder.readInt32();
    if (size <= 0 || !decoder.canReadBytes(size)) return [];
    return await readRecordSet(decoder.readBytes(size), readOlder);
  };
}
