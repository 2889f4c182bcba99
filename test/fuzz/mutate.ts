// Mutants from a seed number: the same number gives the same bytes, on every machine.

/** Pseudo-random whole numbers from 0 up to, not including, `below`. */
export type Random = (below: number) => number;

/** Mulberry32: small, and good enough to wander. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** Pieces that mean something to a parser, or to what comes behind it. */
const PIECES = [
  '<',
  '>',
  '&',
  '"',
  "'",
  '</',
  '/>',
  '<![CDATA[',
  ']]>',
  '<!--',
  '-->',
  '<?x?>',
  '<!DOCTYPE a [<!ENTITY b "c">]>',
  '&b;',
  '&#0;',
  '&#xD800;',
  '&#x10FFFF;',
  '&#99999999999;',
  'xmlns=""',
  "xmlns:a='b'",
  '<a:Event xmlns:a="b">',
  '<Data Name="a.b.c">',
  '<Binary>00FF</Binary>',
  '<ComplexData>',
  '<ProcessingErrorData><ErrorCode>15005</ErrorCode></ProcessingErrorData>',
  '<UserData><x>',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '\\u0000',
  '\\ud800',
  '\\',
  'null',
  'true',
  '1e999',
  '-0',
  '{"a":',
  '[[[[',
  '"__proto__":',
  '"winlog":',
  '"System":',
  '"EventID":',
  '0',
  '-1',
  '65535',
  '65536',
  '4294967296',
  '18446744073709551616',
  'NaN',
  '1601-01-01T00:00:00Z',
  '9999-12-31T23:59:59.9999999Z',
  '%1',
  '%%1833',
  '\u0000',
  '\u2028',
  '\ufeff',
  '\u202e',
  '\ud800',
  '😀',
] as const;

const LONG = 70_000;
const MAX_CHANGES = 6;
const MAX_BYTES = 300_000;

type Change = (text: string, random: Random, seeds: readonly string[]) => string;

const at = (text: string, random: Random): number => random(text.length + 1);
const pick = <T>(items: readonly T[], random: Random): T => items[random(items.length)] as T;
const insert = (text: string, place: number, piece: string): string => text.slice(0, place) + piece + text.slice(place);

const CHANGES: readonly Change[] = [
  (text, random) => insert(text, at(text, random), pick(PIECES, random)),
  (text, random) => insert(text, at(text, random), pick(PIECES, random).repeat(1 + random(200))),
  (text, random) => {
    const place = at(text, random);
    return text.slice(0, place) + text.slice(place + random(60));
  },
  (text, random) => text.slice(0, at(text, random)),
  (text, random) => {
    const place = at(text, random);
    return insert(text, at(text, random), text.slice(place, place + random(400)));
  },
  (text, random, seeds) => text.slice(0, at(text, random)) + pick(seeds, random).slice(random(300)),
  (text, random) => insert(text, at(text, random), 'x'.repeat(LONG)),
  (text, random) => text.replace(/\d+/u, pick(['0', '-1', '65536', '99999999999999999999', '1e9', ''], random)),
  (text, random) =>
    text.replace(new RegExp(pick(['EventID', 'Data', 'Provider', 'Name', 'winlog', 'Time'], random), 'u'), ''),
  (text, random) => insert(text, at(text, random), String.fromCharCode(random(0x1_00_00))),
];

/**
 * A mutant of one of the seeds, as bytes in one of the encodings that senders use; now and then
 * mere noise.
 */
export function mutant(seeds: readonly string[], random: Random): Buffer {
  if (random(50) === 0) return Buffer.from(Array.from({ length: random(400) }, () => random(256)));
  let text = pick(seeds, random);
  for (let change = 0; change <= random(MAX_CHANGES); change += 1) text = pick(CHANGES, random)(text, random, seeds);
  const bytes = random(10) === 0 ? Buffer.from(`\ufeff${text}`, 'utf16le') : Buffer.from(text, 'utf8');
  if (random(8) === 0 && bytes.length > 0) bytes[random(bytes.length)] = random(256);
  return bytes.subarray(0, MAX_BYTES);
}
