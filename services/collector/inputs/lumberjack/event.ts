// One JSON event of a window as what goes to Kafka. Pure.
import type { RawEvent } from '../../../../shared/contracts/raw-event.ts';
import { computerOfJson } from '../../../../shared/windows/computer-of.ts';
import type { RefusalReason } from '../input.ts';
import { parseJson } from '../parse-json.ts';
import type { Origin } from '../senders.ts';
import type { Copies } from './copies.ts';
import type { Frame } from './frames.ts';

/** How a window came. */
export type Arrival = Origin & Pick<RawEvent, 'receivedAtMs'>;

/** What is stored, and why it is no event where it is none: its bytes become a dead letter then. */
export interface ReadEvent {
  readonly event: RawEvent;
  readonly refusal?: RefusalReason;
}

const MAX_AGENT_CHARACTERS = 200;

/**
 * Reads an event. `copies` counts the events of the window that have these bytes and no record id.
 */
export function eventOfFrame(
  { bytes, length }: Extract<Frame, { readonly kind: 'event' }>,
  arrival: Arrival,
  copies: Copies,
): ReadEvent {
  const event: RawEvent = { ...arrival, bytes, encoding: 'utf-8', format: 'json' };
  if (length > bytes.length) return { event: { ...event, isRefused: true }, refusal: 'too_large' };
  const parsed = parseJson(bytes, 'utf-8');
  if (parsed.kind === 'bad') return { event: { ...event, isRefused: true }, refusal: parsed.reason };
  const document = parsed.value as Readonly<Record<string, unknown>>;
  const computer = computerOfJson(document);
  const agent = agentOf(document);
  return {
    event: {
      ...event,
      ...(computer === undefined ? {} : { computer }),
      ...(agent === undefined ? {} : { agent }),
      ...copyOf(document, bytes, copies),
    },
  };
}

/**
 * The program as it names itself.
 * Source: https://www.elastic.co/docs/reference/beats/winlogbeat/logstash-output
 */
function agentOf(document: Readonly<Record<string, unknown>>): string | undefined {
  const beat = textAt(document, '@metadata', 'beat');
  if (beat === undefined) return undefined;
  const version = textAt(document, '@metadata', 'version');
  const agent = version === undefined ? beat : `${beat}/${version}`;
  return agent.replaceAll(/[^\u0020-\u007e]/gu, '?').slice(0, MAX_AGENT_CHARACTERS);
}

function textAt(document: Readonly<Record<string, unknown>>, object: string, field: string): string | undefined {
  const value = valueAt(document, object, field);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function valueAt(document: Readonly<Record<string, unknown>>, object: string, field: string): unknown {
  const inner = document[object];
  return typeof inner === 'object' && inner !== null ? (inner as Readonly<Record<string, unknown>>)[field] : undefined;
}

/**
 * Two events that happened alike and name no record are two; with a record id they are one that was
 * sent twice.
 */
function copyOf(document: Readonly<Record<string, unknown>>, bytes: Buffer, copies: Copies): Pick<RawEvent, 'copy'> {
  if (valueAt(document, 'winlog', 'record_id') !== undefined) return {};
  const copy = copies.count(bytes);
  return copy === 1 ? {} : { copy };
}
