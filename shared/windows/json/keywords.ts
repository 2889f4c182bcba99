// Keywords as senders give them: the mask, or the names that Windows renders, as a list or with a
// comma between.
import { scalarText, textList } from './fields.ts';
import type { SystemFields } from './system-fields.ts';

/** Standard bits by the English names that take the mask's place when an event was rendered. */
const MASK_OF_NAME: ReadonlyMap<string, bigint> = new Map([
  ['audit success', 0x20_0000_0000_0000n],
  ['audit failure', 0x10_0000_0000_0000n],
  ['classic', 0x80_0000_0000_0000n],
]);

/** Keywords of either kind; names with their known mask. Empty without keywords. */
export function keywordsOf(value: unknown): Pick<SystemFields, 'keywords' | 'keywordNames'> {
  const given = Array.isArray(value) ? (textList(value) ?? []) : [scalarText(value)?.trim() ?? ''];
  const list = given.flatMap((item) => item.split(',').map((name) => name.trim())).filter((name) => name !== '');
  const [first] = list;
  if (first === undefined) return {};
  if (/^(?:0x[\da-f]+|-?\d+)$/iu.test(first)) return { keywords: first };
  const mask = list.reduce((sum, name) => sum | (MASK_OF_NAME.get(name.toLowerCase()) ?? 0n), 0n);
  return { keywordNames: list, ...(mask === 0n ? {} : { keywords: String(mask) }) };
}
