// Ranges of addresses as people write them: 10.1.0.0/16, fd00::/8.
import { BlockList, isIP } from 'node:net';
import { z } from 'zod';

/** Whether an IP address lies in it; a text that is none does not. */
export type AddressRange = (address: string) => boolean;

const CIDR = /^(?<address>[\da-f:.]+)\/(?<bits>\d{1,3})$/iu;

/**
 * Reads address ranges (RFC 4632, RFC 4291 section 2.3) into one; gives the first text that is none
 * instead.
 */
export function parseAddressRanges(
  texts: readonly string[],
): { readonly kind: 'range'; readonly contains: AddressRange } | { readonly kind: 'bad'; readonly text: string } {
  const list = new BlockList();
  for (const text of texts) {
    const { address = '', bits = '' } = CIDR.exec(text)?.groups ?? {};
    const version = isIP(address);
    if (version === 0 || Number(bits) > (version === 4 ? 32 : 128)) return { kind: 'bad', text };
    list.addSubnet(address, Number(bits), version === 4 ? 'ipv4' : 'ipv6');
  }
  const contains = (address: string): boolean => {
    const version = isIP(address);
    return version !== 0 && list.check(address, version === 4 ? 'ipv4' : 'ipv6');
  };
  return { kind: 'range', contains };
}

const addressRange = z
  .string()
  .refine((text) => parseAddressRanges([text]).kind === 'range', 'an address range such as 10.1.0.0/16 or fd00::/8');

/** The schema of a setting with address ranges; none by default. */
export const addressRangesSetting = z.array(addressRange).max(100).default([]);
