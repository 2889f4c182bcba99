// The session of a browser: a name and an end, signed with a key that is derived from the token of
// that name. Nothing is stored, so that every console with the same tokens takes it, also after a
// restart, and a token that is changed or removed ends the sessions that it began.
import { createHmac, scryptSync, timingSafeEqual } from 'node:crypto';
import { parse } from 'hono/utils/cookie';
import { z } from 'zod';

/** The name of the cookie. */
export const SESSION_COOKIE = 'foghorn_session';

/** Whose session it is, and when it ends, epoch milliseconds. */
export interface Session {
  readonly actor: string;
  readonly endsAtMs: number;
}

/** Signs sessions and reads them. */
export interface SessionCookies {
  /** The value of the cookie. */
  valueOf(session: Session): string;
  /** The session of a value; undefined for one that is forged, over, or whose token is gone. */
  read(value: string, nowMs: number): Session | undefined;
}

const payloadSchema = z.tuple([z.string().min(1), z.int()]);
const KEY_BYTES = 32;

/**
 * By the tokens of the names; `undefined` for a name without one. The key takes long to derive, so
 * that a cookie is of no use for guessing the token.
 */
export function createSessionCookies(tokenOf: (actor: string) => string | undefined): SessionCookies {
  const keys = new Map<string, Buffer>();
  const keyOf = (actor: string): Buffer | undefined => {
    const token = tokenOf(actor);
    if (token === undefined) return undefined;
    const known = keys.get(token);
    if (known !== undefined) return known;
    const key = scryptSync(token, 'foghorn session', KEY_BYTES);
    keys.set(token, key);
    return key;
  };
  const signatureOf = (payload: string, key: Buffer): Buffer => createHmac('sha256', key).update(payload).digest();
  return {
    valueOf: ({ actor, endsAtMs }) => {
      const key = keyOf(actor);
      if (key === undefined) throw new TypeError(`There is no token of the name ${actor}.`);
      const payload = Buffer.from(JSON.stringify([actor, endsAtMs])).toString('base64url');
      return `${payload}.${signatureOf(payload, key).toString('base64url')}`;
    },
    read: (value, nowMs) => {
      const [payload = '', signature = ''] = value.split('.');
      const session = sessionIn(payload);
      const key = session === undefined ? undefined : keyOf(session.actor);
      if (session === undefined || key === undefined || session.endsAtMs <= nowMs) return undefined;
      const [given, expected] = [Buffer.from(signature, 'base64url'), signatureOf(payload, key)];
      return given.length === expected.length && timingSafeEqual(given, expected) ? session : undefined;
    },
  };
}

/** The value of the session's cookie in the header Cookie; undefined where there is none. */
export function sessionValueIn(header: string | undefined): string | undefined {
  return header === undefined ? undefined : parse(header, SESSION_COOKIE)[SESSION_COOKIE];
}

function sessionIn(payload: string): Session | undefined {
  try {
    const parsed = payloadSchema.safeParse(JSON.parse(Buffer.from(payload, 'base64url').toString()));
    return parsed.success ? { actor: parsed.data[0], endsAtMs: parsed.data[1] } : undefined;
  } catch {
    return undefined;
  }
}
