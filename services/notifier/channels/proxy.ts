// The proxy by which an address outside is reached, as other programs read HTTP_PROXY, HTTPS_PROXY
// and NO_PROXY. Pure.
import { BlockList, isIP } from 'node:net';
import { z } from 'zod';
import { setting } from '../../../shared/runtime/settings.ts';

const proxyUrl = z
  .string()
  .refine((text) => text === '' || isProxy(text), 'the address of an HTTP proxy, such as http://proxy.example.org:3128')
  .default('');

/** The section `notifier.proxy`. */
export const proxySettings = z
  .strictObject({
    https: setting(proxyUrl, {
      description:
        'The proxy for receivers reached by https, e.g. http://proxy.example.org:3128; user and password may be in it. Mail does not use it. Empty: none.',
      alias: 'HTTPS_PROXY',
      secret: true,
    }),
    http: setting(proxyUrl, {
      description: 'The proxy for receivers reached by http.',
      alias: 'HTTP_PROXY',
      secret: true,
    }),
    except: setting(z.string().max(10_000).default(''), {
      description:
        'Addresses reached without a proxy, separated by commas: host names, which include all below them, addresses, ranges such as 10.0.0.0/8, each with a port if need be; * for everything.',
      alias: 'NO_PROXY',
    }),
  })
  .prefault({});

/** The section `notifier.proxy`, validated. */
export type ProxySettings = z.infer<typeof proxySettings>;

/** Without a scheme it is http, as other programs take it. */
function withScheme(text: string): string {
  return /^[a-z][a-z\d+.-]*:\/\//iu.test(text) ? text : `http://${text}`;
}

function isProxy(text: string): boolean {
  const url = URL.canParse(withScheme(text)) ? new URL(withScheme(text)) : undefined;
  return url !== undefined && /^https?:$/u.test(url.protocol) && url.hostname !== '';
}

/** The proxy for an address, or undefined when it is reached directly. */
export function proxyFor(url: string, settings: ProxySettings): string | undefined {
  const { protocol, hostname, port } = new URL(url);
  const proxy = protocol === 'https:' ? settings.https : settings.http;
  if (proxy === '') return undefined;
  const host = hostname.replaceAll(/^\[|\]$/gu, '').toLowerCase();
  const ownPort = port === '' ? (protocol === 'https:' ? '443' : '80') : port;
  const isExcepted = settings.except
    .split(/[\s,]+/u)
    .filter((entry) => entry !== '')
    .some((entry) => matches(entry.toLowerCase(), host, ownPort));
  return isExcepted ? undefined : withScheme(proxy);
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  const range = /^(?<net>[\da-f.:]+)\/(?<prefix>\d{1,3})$/u.exec(entry)?.groups;
  if (range !== undefined) return isWithin(host, range['net'] ?? '', Number(range['prefix']));
  const { name, ownPort } = partsOf(entry);
  if (name === '' || (ownPort !== undefined && ownPort !== port)) return false;
  return host === name || (isIP(host) === 0 && host.endsWith(`.${name}`));
}

/** An IPv6 address has colons of its own; with a port it stands in brackets. */
function partsOf(entry: string): { readonly name: string; readonly ownPort: string | undefined } {
  if (isIP(entry) === 6) return { name: entry, ownPort: undefined };
  const parts = /^\[?(?<name>[^\]]*?)\]?(?::(?<port>\d+))?$/u.exec(entry)?.groups;
  return { name: (parts?.['name'] ?? '').replace(/^\*?\./u, ''), ownPort: parts?.['port'] };
}

function isWithin(host: string, net: string, prefix: number): boolean {
  const version = isIP(net);
  if (version === 0 || isIP(host) !== version || prefix > (version === 4 ? 32 : 128)) return false;
  const type = version === 4 ? 'ipv4' : 'ipv6';
  const range = new BlockList();
  range.addSubnet(net, prefix, type);
  return range.check(host, type);
}
