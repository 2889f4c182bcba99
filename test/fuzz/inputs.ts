// Bodies of HEC and _bulk, and streams of syslog, mutated and cut at random: what is read of them
// is a part of what came, stays within bounds, does not depend on the cuts, and nothing is thrown
// but a refusal.
import { isDeepStrictEqual } from 'node:util';
import { itemsOf } from '../../services/collector/inputs/bulk/actions.ts';
import { hecEnvelope } from '../../services/collector/inputs/hec/envelope.ts';
import {
  type BodyPiece,
  eventsOfBody,
  eventsOfDocuments,
} from '../../services/collector/inputs/http/events-of-body.ts';
import { eventOfMessage } from '../../services/collector/inputs/syslog/event.ts';
import { type Message, MessageReader } from '../../services/collector/inputs/syslog/message-reader.ts';
import { Refusal } from '../../shared/http/refusal.ts';
import { counted } from '../support/syslog.ts';
import { faultOf } from './check.ts';
import { SEEDS } from './corpus.ts';
import { cutAtRandom } from './lumberjack.ts';
import { mutant, type Random } from './mutate.ts';

const MAX_EVENTS = 50;
const MAX_MESSAGE_BYTES = 4096;
const ARRIVAL = { input: 'fuzz', sender: '192.0.2.9', receivedAtMs: 0 };
const OPTIONS = { arrival: ARRIVAL, charset: 'utf-8', maxEvents: MAX_EVENTS, admit: () => undefined } as const;

/** Bytes, and what is wrong with how they were read; undefined when nothing is. */
export interface Finding {
  readonly bytes: Buffer;
  readonly fault: string | undefined;
}

const ENVELOPES: readonly ((event: string) => string)[] = [
  (event) => `{"event":${event}}`,
  (event) => `{"event":${JSON.stringify(event)},"time":1.5,"host":"m1"}`,
  (event) => `{"time":"x","fields":{},"event":{"_raw":${JSON.stringify(event)}}}\n`,
];

const ACTIONS = [
  '{"create":{}}',
  '{"index":{"_index":"a","_id":"1"}}',
  '{"update":{}}',
  '{"delete":{"_id":"2"}}',
  '{}',
];

const HEADERS = [
  '<13>1 2026-03-01T00:00:00.000Z relay winlogbeat 17 - - ',
  '<13>1 2026-03-01T00:00:00Z relay app - ID [a@1 b="\\"]"][c d="e"] \ufeff',
  '<13>Mar  1 00:00:00 relay MSWinEventLog\t1\tSystem\t7\t',
  '<13>Mar 01 00:00:00 2026 relay app[17]: ',
  '',
];

const one = <T>(list: readonly T[], random: Random): T => list[random(list.length)] as T;
const someEvents = (random: Random, write: (event: string) => string): string =>
  Array.from({ length: 1 + random(4) }, () => write(one(SEEDS, random))).join('');

/** A request of HEC. */
export function findHecFault(random: Random): Finding {
  const bytes = mutant([someEvents(random, (event) => one(ENVELOPES, random)(event))], random);
  return { bytes, fault: faultOfPieces(bytes, () => eventsOfBody(bytes, { ...OPTIONS, envelope: hecEnvelope })) };
}

/** A bulk request. */
export function findBulkFault(random: Random): Finding {
  const text = someEvents(random, (event) => `${one(ACTIONS, random)}\n${event.replaceAll('\n', ' ')}\n`);
  const bytes = mutant([text], random);
  const read = (): readonly BodyPiece[] => {
    const items = itemsOf(bytes, { index: 'any', maxItems: MAX_EVENTS });
    return eventsOfDocuments(
      items.flatMap(({ document }) => document ?? []),
      OPTIONS,
    );
  };
  return { bytes, fault: faultOfPieces(bytes, read) };
}

/** A stream of syslog, and each of its messages as the enricher reads it. */
export function findSyslogFault(random: Random): Finding {
  const messages = Array.from({ length: 1 + random(4) }, () => {
    const message = `${one(HEADERS, random)}${one(SEEDS, random)}`;
    return random(2) === 0
      ? counted(message).toString()
      : `${message.replaceAll('\n', ' ')}${one(['\n', '\r\n', '\0'], random)}`;
  });
  const bytes = mutant([messages.join('')], random);
  const whole = messagesOf([bytes]);
  const cut = messagesOf(cutAtRandom(bytes, random));
  if (typeof whole === 'string') return { bytes, fault: whole };
  if (typeof cut === 'string') return { bytes, fault: cut };
  if (!isDeepStrictEqual(whole, cut)) return { bytes, fault: 'the messages depend on how the stream is cut' };
  for (const message of whole) {
    const { bytes: kept } = eventOfMessage(message, ARRIVAL);
    const fault = faultOf(kept);
    if (fault !== undefined) return { bytes: kept, fault };
  }
  return { bytes, fault: undefined };
}

/** A text says what is wrong. */
function messagesOf(chunks: readonly Buffer[]): readonly Message[] | string {
  const reader = new MessageReader(MAX_MESSAGE_BYTES);
  const messages: Message[] = [];
  for (const chunk of chunks) {
    for (const message of reader.read(chunk)) messages.push(message);
    if (reader.heldBytes > MAX_MESSAGE_BYTES) return `${reader.heldBytes} bytes were held`;
  }
  const last = reader.end(true);
  if (last !== undefined) messages.push(last);
  const isBad = messages.some(({ bytes }) => bytes.length === 0 || bytes.length > MAX_MESSAGE_BYTES);
  return isBad ? 'a message is empty or longer than the limit' : messages;
}

function faultOfPieces(body: Buffer, read: () => readonly BodyPiece[]): string | undefined {
  try {
    const pieces = read();
    if (pieces.length > MAX_EVENTS) return `${pieces.length} pieces`;
    for (const piece of pieces) {
      const kept = piece.kind === 'event' ? piece.event.bytes : piece.piece?.bytes;
      if (kept !== undefined && !body.includes(kept)) return 'a piece is no part of the body';
    }
    return isDeepStrictEqual(pieces, read()) ? undefined : 'a second time it was read otherwise';
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    return `it threw: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  }
}
