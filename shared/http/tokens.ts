// Tokens: how they are shown (RFC 6750 section 2.1, RFC 7617), and whose they are, compared in
// constant time.
import { createHash, timingSafeEqual } from 'node:crypto';

/** The token that the header Authorization shows as bearer; undefined for anything else. */
export function bearerOf(authorization: string | undefined): string | undefined {
  return /^Bearer +(?<token>\S+)$/iu.exec(authorization ?? '')?.groups?.['token'];
}

/** The user and the password that the header Authorization shows; undefined for anything else. */
export function basicOf(
  authorization: string | undefined,
): { readonly user: string; readonly password: string } | undefined {
  const encoded = /^Basic +(?<encoded>[\w+/=-]+)$/iu.exec(authorization ?? '')?.groups?.['encoded'];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString();
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** Finds the holder of a token. */
export type FindHolder<H> = (token: string) => H | undefined;

/**
 * Of these holders. Every token is compared, so that the time shows nothing about which one
 * matched.
 */
export function createHolders<H>(holders: readonly { readonly token: string; readonly holder: H }[]): FindHolder<H> {
  const known = holders.map(({ token, holder }) => ({ digest: digestOf(token), holder }));
  return (token) => {
    const digest = digestOf(token);
    let found: H | undefined;
    for (const one of known) if (timingSafeEqual(one.digest, digest)) found = one.holder;
    return found;
  };
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
