// Deterministic ids: the same event, incident or delivery gets the same id wherever and however
// often it is met.
import { hash } from 'node:crypto';

/** 160 bits take 26 characters and four bits of the next. */
const WHOLE_CHARACTERS = 26;
const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/**
 * First 160 bits of SHA-256 as base64url (27 characters) over `parts`, each prefixed with its
 * length so that no two lists run together.
 */
export function digestId(parts: readonly string[]): string {
  let text = '';
  for (const part of parts) text += `${part.length}:${part}`;
  return shortened(hash('sha256', text, 'base64url'));
}

/**
 * The first characters, at most 42, of the SHA-256 of a text or bytes as base64url, six bits each.
 */
export function digestStart(content: string | Uint8Array, characters: number): string {
  return hash('sha256', content, 'base64url').slice(0, characters);
}

/** First 160 bits of SHA-256 of `bytes` as base64url. */
export function digestBytes(bytes: Buffer): string {
  return shortened(hash('sha256', bytes, 'base64url'));
}

/**
 * The text of the first 160 bits. The text is cut, not the bytes, because every event takes this
 * path.
 */
function shortened(digest: string): string {
  const last = BASE64URL.indexOf(digest.charAt(WHOLE_CHARACTERS));
  return digest.slice(0, WHOLE_CHARACTERS) + BASE64URL.charAt(last - (last % 4));
}

/** The identity of a Windows event, whatever way it came. `timeCreated` is RFC 3339 UTC. */
export interface EventIdentity {
  readonly computer: string;
  readonly channel: string;
  readonly provider: string;
  readonly eventId: number;
  readonly recordId: string;
  readonly timeCreated: string;
}

const MILLISECOND_LENGTH = '2026-01-01T00:00:00.000'.length;

/**
 * The id of an event whose identity is complete. The time counts to the millisecond: Winlogbeat
 * writes no more, event XML has 100 ns, and the same event by both ways has to be one; the record
 * id distinguishes what happens within one millisecond.
 */
export function eventIdOf(identity: EventIdentity): string {
  const { computer, channel, provider, eventId, recordId, timeCreated } = identity;
  return digestId([computer.toLowerCase(), channel, provider, String(eventId), recordId, toMillisecond(timeCreated)]);
}

/** What distinguishes events of the same bytes. */
interface Numbered {
  /** Counts those of one request, from 1. */
  readonly copy?: number | undefined;
  /** Where it was read in a topic of others. */
  readonly place?: string | undefined;
}

/**
 * The id of an event that lacks a part of its identity: over the sender and the bytes as received.
 */
export function contentIdOf(sender: string, bytes: Buffer, { copy = 1, place }: Numbered = {}): string {
  const at = place === undefined ? '' : `at ${place} `;
  const nth = copy === 1 ? at : `${at}copy ${copy} of `;
  return digestBytes(Buffer.concat([Buffer.from(`${nth}content:${sender.length}:${sender}:`, 'utf8'), bytes]));
}

/** The identity of an incident: the same fault, at the same place. */
interface IncidentIdentity {
  readonly ruleId: string;
  readonly host: string;
  readonly provider: string;
  readonly eventId: number;
  readonly discriminators: readonly string[];
}

/** The id of the incident that an alert belongs to. */
export function incidentIdOf(identity: IncidentIdentity): string {
  return digestId([
    identity.ruleId,
    identity.host.toLowerCase(),
    identity.provider.toLowerCase(),
    String(identity.eventId),
    ...identity.discriminators,
  ]);
}

/**
 * The id of one delivery: an incident's episode, at a revision, for one receiver. It has no colon
 * and other characters than digits, as BullMQ requires of job ids.
 */
export function deliveryIdOf(incidentId: string, episode: number, revision: number, receiver: string): string {
  return `n-${incidentId}-${episode}-${revision}-${receiver}`;
}

function toMillisecond(timeCreated: string): string {
  const end = timeCreated.endsWith('Z') ? timeCreated.length - 1 : timeCreated.length;
  if (end >= MILLISECOND_LENGTH) return `${timeCreated.slice(0, MILLISECOND_LENGTH)}Z`;
  const time = timeCreated.slice(0, end);
  return time.includes('.') ? `${time.padEnd(MILLISECOND_LENGTH, '0')}Z` : `${time}.000Z`;
}
