// The key of limits per address: who has one IPv6 address has 2^64 of them.
import { isIP } from 'node:net';

/**
 * An address without the prefix under which a server on IPv6 sees one of IPv4 (RFC 4291 section
 * 2.5.5.2).
 */
export function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/iu, '');
}

const GROUPS = 8;
const GROUPS_OF_NETWORK = 4;

/**
 * The network of 64 bits that an IPv6 address lies in (RFC 4291 section 2.5.1), e.g.
 * `2001:db8:0:1::/64`; an IPv4 address, also one written as IPv6, and any other text stand for
 * themselves.
 */
export function networkOf(address: string): string {
  const plain = plainAddress(address);
  if (isIP(plain) !== 6) return plain;
  const [before = [], after = []] = plain
    .split('%', 1)
    .flatMap((text) => text.split('::'))
    .map((part) => part.split(':').filter((group) => group !== ''));
  // Four bytes at the end may be written as in IPv4.
  const given = before.length + after.length + (plain.includes('.') ? 1 : 0);
  const groups = [...before, ...Array.from({ length: GROUPS - given }, () => '0'), ...after];
  const network = groups.slice(0, GROUPS_OF_NETWORK).map((group) => Number.parseInt(group, 16).toString(16));
  return `${network.join(':')}::/64`;
}
