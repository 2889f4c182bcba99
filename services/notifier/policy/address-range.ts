// Ranges of addresses, see shared/matchers.
export { type AddressRange, parseAddressRanges } from '../../../shared/matchers/address-range.ts';
