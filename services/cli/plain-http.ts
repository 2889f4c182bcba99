// Secrets go to another machine encrypted only, unless an option allows plain http.
import { isLoopback } from '../../shared/http/cross-site.ts';
import { ConfigError } from '../../shared/runtime/errors.ts';

/**
 * Throws ConfigError when a secret would go readable over the network: plain http to what is not
 * this machine. `override` names what allows it.
 */
export function refusePlainHttp(url: string, what: string, override: string): void {
  if (!isReadableOnTheWay(url)) return;
  throw new ConfigError(
    `${what} would go over the network readable to everybody on the way to ${new URL(url).origin}. Use https://, or ${override} if others guard the way.`,
  );
}

/** Whether requests to this address can be read on their way: plain http to another machine. */
export function isReadableOnTheWay(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return protocol === 'http:' && !isLoopback(hostname.replace(/^\[(?<address>.*)\]$/u, '$<address>'));
}
