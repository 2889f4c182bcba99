// Refuses to connect to addresses inside the house, checked on the address that is really connected to, so that a name that changes its mind does not help.
import { lookup as dnsLookup, type LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** Addresses that are not on the public Internet: IANA's special-purpose registries (RFC 6890 and its successors). */
const PRIVATE_V4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const;
const PRIVATE_V6 = [
  ['::', 127],
  ['64:ff9b::', 96],
  ['fc00::', 7],
  ['fe80::', 10],
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

/** A connection that was not made because of where it leads. */
export class PrivateAddress extends Error {
  override readonly name = 'PrivateAddress';
}

/** Throws PrivateAddress for a host that is itself a private address; names are judged by `publicLookup`. */
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

function refusal(what: string): string {
  return `${what} is a private address; set allowPrivate: true for this receiver if it is meant`;
}
