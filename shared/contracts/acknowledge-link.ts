// The link in a message that acknowledges what it is about: the notifier signs it, the console
// reads it.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

/** What a link may do, and for how long. */
export interface AcknowledgeClaims {
  /** The incident; of a group the one that stands for it. */
  readonly incidentId: string;
  /** Of the group where there is one, else of the incident. */
  readonly episode: number;
  /** The group, and the revision of its message. */
  readonly group?: { readonly id: string; readonly revision: number };
  /** Who got the message. */
  readonly receiver: string;
  /** The message; a link is used once. */
  readonly deliveryId: string;
  /** Epoch milliseconds. */
  readonly endsAtMs: number;
}

/** A link as it was found. */
export type ReadLink =
  | { readonly kind: 'valid' | 'ended'; readonly claims: AcknowledgeClaims }
  | { readonly kind: 'unknown' };

/** How long a link is valid. */
export const LINK_MS = 24 * 60 * 60 * 1000;

const text = z.string().min(1).max(300);
const count = z.int().min(1);
const schema = z.strictObject({
  incidentId: text,
  episode: count,
  group: z.strictObject({ id: text, revision: count }).exactOptional(),
  receiver: text,
  deliveryId: text,
  endsAtMs: z.int(),
});

/** The path of a link at the console. */
export function acknowledgePath(claims: AcknowledgeClaims, key: string): string {
  const payload = Buffer.from(JSON.stringify(claims)).toString('base64url');
  return `/acknowledge/${payload}.${signatureOf(payload, key).toString('base64url')}`;
}

/** Reads the last part of the path; `unknown` when it was signed with none of the keys. */
export function readAcknowledgeLink(value: string, keys: readonly string[], nowMs: number): ReadLink {
  const [payload = '', signature = '', ...more] = value.split('.');
  const given = Buffer.from(signature, 'base64url');
  const isSigned = keys.some((key) => isSame(given, signatureOf(payload, key)));
  const claims = isSigned && more.length === 0 ? claimsIn(payload) : undefined;
  if (claims === undefined) return { kind: 'unknown' };
  return { kind: claims.endsAtMs > nowMs ? 'valid' : 'ended', claims };
}

/** The reason of the command, by which the console finds out whether a link was used. */
export function reasonOfLink({ deliveryId }: Pick<AcknowledgeClaims, 'deliveryId'>): string {
  return `the link in delivery ${deliveryId}`;
}

/** Nothing else that is signed with the key is taken for a link. */
function signatureOf(payload: string, key: string): Buffer {
  return createHmac('sha256', key).update(`foghorn acknowledge\n${payload}`).digest();
}

function isSame(given: Buffer, expected: Buffer): boolean {
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function claimsIn(payload: string): AcknowledgeClaims | undefined {
  try {
    return schema.safeParse(JSON.parse(Buffer.from(payload, 'base64url').toString())).data;
  } catch {
    return undefined;
  }
}
