// Identifies the sender by its HEC token: `Authorization: Splunk <token>`, or Basic with the token
// as password.
// Source:
// https://help.splunk.com/en/splunk-enterprise/get-data-in/collect-http-event-data/format-events-for-http-event-collector
import { Refusal } from '../../../../shared/http/refusal.ts';
import { basicOf } from '../../../../shared/http/tokens.ts';
import { type Authenticate, createTokenHolders, needsLogIn } from '../http/authenticate.ts';
import { addressOf, senderOfCertificate } from '../senders.ts';
import type { HecConfig } from './settings.ts';

/**
 * With tokens the sender is the token's name, with a certificate the certificate's; with neither
 * everybody may send and is known by address. `now`: epoch milliseconds. Throws Refusal (401, 403).
 */
export function createHecAuthenticate(settings: HecConfig, now: () => number): Authenticate {
  if (!needsLogIn(settings)) return ({ socket }) => ({ name: addressOf(socket) });
  const findHolder = createTokenHolders(settings.tokens);
  return ({ headers: { authorization }, socket }) => {
    if (authorization === undefined) {
      const sender = senderOfCertificate(socket, settings);
      if (sender === undefined) throw unauthorized('token_required');
      return sender;
    }
    const token = tokenOf(authorization);
    if (token === undefined) throw unauthorized('invalid_authorization');
    const found = findHolder(token);
    if (found === undefined) throw new Refusal(403, 'invalid_token', 'The token is none of collector.hec.tokens.');
    if (found.expiresMs <= now())
      throw new Refusal(403, 'token_disabled', `The token ${found.sender.name} expired; get a new one.`);
    return found.sender;
  };
}

function tokenOf(authorization: string): string | undefined {
  return /^Splunk +(?<token>\S+)$/iu.exec(authorization)?.groups?.['token'] ?? basicOf(authorization)?.password;
}

function unauthorized(code: string): Refusal {
  const message = 'Send Authorization: Splunk with one of the tokens of collector.hec.tokens, or a client certificate.';
  return new Refusal(401, code, message, { headers: { 'www-authenticate': 'Splunk realm="foghorn"' } });
}
