// Event ids: 16 bits; tools that fold the qualifiers in give 32, with the qualifiers in the high word.

/** The low 16 bits and the qualifiers, or undefined when `id` is no number of at most 32 bits. `qualifiers` beside the id outrank folded ones. */
export function foldedId(
  id: string | number,
  qualifiers?: string | number,
): { readonly eventId: number; readonly qualifiers?: number } | undefined {
  const text = String(id).trim();
  if (!/^\d{1,10}$/u.test(text)) return undefined;
  const number = Number(text);
  if (number > 0xff_ff_ff_ff) return undefined;
  const given = /^\d{1,5}$/u.test(String(qualifiers)) ? Number(qualifiers) : Number.POSITIVE_INFINITY;
  const folded = number > 0xff_ff ? number >>> 16 : undefined;
  const high = given <= 0xff_ff ? given : folded;
  return { eventId: number & 0xff_ff, ...(high === undefined ? {} : { qualifiers: high }) };
}
