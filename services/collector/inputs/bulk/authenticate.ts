// Identifies the sender by its token, as clients of Elasticsearch show one: password of Basic, key
// of ApiKey, or Bearer.
// Source: https://www.elastic.co/docs/api/doc/elasticsearch/authentication
import { Refusal } from '../../../../shared/http/refusal.ts';
import { basicOf, bearerOf } from '../../../../shared/http/tokens.ts';
import { type Authenticate, createTokenHolders, needsLogIn } from '../http/authenticate.ts';
import { addressOf, senderOfCertificate } from '../senders.ts';
import type { BulkConfig } from './settings.ts';

/**
 * With tokens the sender is the token's name, with a certificate the certificate's; with neither
 * everybody may send and is known by address. `now`: epoch milliseconds. Throws Refusal (401).
 */
export function createBulkAuthenticate(settings: BulkConfig, now: () => number): Authenticate {
  if (!needsLogIn(settings)) return ({ socket }) => ({ name: addressOf(socket) });
  const findHolder = createTokenHolders(settings.tokens);
  return ({ headers: { authorization }, socket }) => {
    const sender = authorization === undefined ? senderOfCertificate(socket, settings) : undefined;
    if (sender !== undefined) return sender;
    const token = tokenOf(authorization);
    const found = token === undefined ? undefined : findHolder(token);
    if (found === undefined)
      throw unauthorized(
        'Send one of the tokens of collector.bulk.tokens as password of Basic, as key of ApiKey or as bearer token, or a client certificate.',
      );
    if (found.expiresMs <= now()) throw unauthorized(`The token ${found.sender.name} expired; get a new one.`);
    return found.sender;
  };
}

/** The user of Basic and the id of ApiKey say nothing that the token does not. */
function tokenOf(authorization: string | undefined): string | undefined {
  const key = authorization?.replace(/^ApiKey +/iu, 'Basic ');
  return basicOf(key)?.password ?? bearerOf(authorization);
}

const WAYS = ['Basic realm="foghorn"', 'Bearer realm="foghorn"', 'ApiKey'];

function unauthorized(message: string): Refusal {
  return new Refusal(401, 'unauthorized', message, { headers: { 'www-authenticate': WAYS } });
}
