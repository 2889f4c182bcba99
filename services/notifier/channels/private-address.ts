// Refuses connections to private addresses. The address of the connection itself is checked, so
// that a name that changes its address does not get around it.
import { lookup as dnsLookup, type LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/**
 * Addresses that no service on the public Internet has: IANA's special-purpose registries (RFC 6890
 * and its successors), multicast, and what leads to an IPv4 address inside an IPv6 one.
 * https://www.iana.org/assignments/iana-ipv4-special-registry
 * https://www.iana.org/assignments/iana-ipv6-special-registry
 */
const PRIVATE_V4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const;
const PRIVATE_V6 = [
  // Unspecified, loopback, and the deprecated IPv4-compatible addresses.
  ['::', 96],
  // Translations to IPv4: RFC 2765, RFC 6052, RFC 8215.
  ['::ffff:0:0:0', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  // Discard-only and dummy prefix.
  ['100::', 64],
  ['100:0:0:1::', 64],
  // IETF protocol assignments: Teredo, benchmarking, AMT, ORCHID, DRIP and more.
  ['2001::', 23],
  ['2001:db8::', 32],
  // 6to4.
  ['2002::', 16],
  ['2620:4f:8000::', 48],
  ['3fff::', 20],
  ['5f00::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  // Site-local, deprecated.
  ['fec0::', 10],
  ['ff00::', 8],
] as const;

const blocked = new BlockList();
for (const [net, prefix] of PRIVATE_V4) blocked.addSubnet(net, prefix, 'ipv4');
for (const [net, prefix] of PRIVATE_V6) blocked.addSubnet(net, prefix, 'ipv6');

/** Whether an IP address is loopback, private, link-local, multicast or otherwise not public. */
export function isPrivateAddress(address: string): boolean {
  const mapped = /^::ffff:(?<v4>\d+\.\d+\.\d+\.\d+)$/iu.exec(address)?.groups?.['v4'];
  if (mapped !== undefined) return isPrivateAddress(mapped);
  return blocked.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/** A connection that was refused because its address is private. */
export class PrivateAddress extends Error {
  override readonly name = 'PrivateAddress';
}

/**
 * Throws PrivateAddress for a host that is itself a private address; names are checked by
 * `publicLookup`.
 */
export function refusePrivateHost(hostname: string): void {
  const bare = hostname.replaceAll(/^\[|\]$/gu, '');
  if (isIP(bare) !== 0 && isPrivateAddress(bare)) throw new PrivateAddress(refusal(bare));
}

/** A resolver for `net.connect` that fails when a name resolves to a private address. */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  dnsLookup(hostname, { ...options, all: true }, (error, found: LookupAddress[]) => {
    const inside = found?.find(({ address }) => isPrivateAddress(address));
    const first = found?.[0];
    if (error !== null) callback(error, '', 0);
    else if (inside !== undefined) callback(new PrivateAddress(refusal(`${hostname} (${inside.address})`)), '', 0);
    else if (options.all === true) callback(null, found);
    else callback(null, first?.address ?? '', first?.family ?? 0);
  });
};

/** The text of a refused connection. */
export function refusal(what: string): string {
  return `${what} is a private address; set allowPrivate: true for this receiver if it is meant`;
}
