// Event ids: 16 bits; tools that fold the qualifiers in give 32, with the qualifiers in the high
// word.
import { wholeNumber } from './whole-number.ts';

/**
 * The low 16 bits and the qualifiers, or undefined when `id` is no number of at most 32 bits.
 * `qualifiers` beside the id outrank folded ones.
 */
export function foldedId(
  id: string | number,
  qualifiers?: string | number,
): { readonly eventId: number; readonly qualifiers?: number } | undefined {
  const number = wholeNumber(String(id).trim(), 0xff_ff_ff_ff);
  if (number === undefined) return undefined;
  const folded = number > 0xff_ff ? number >>> 16 : undefined;
  const high = wholeNumber(String(qualifiers), 0xff_ff) ?? folded;
  const eventId = number & 0xff_ff;
  return high === undefined ? { eventId } : { eventId, qualifiers: high };
}
