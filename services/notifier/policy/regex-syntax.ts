// Reads a regular expression in the part of RE2's syntax that can be matched in linear time: no look-around, no back-references.
// The syntax: https://github.com/google/re2/wiki/Syntax.

/** A parsed expression. `set` takes one character (code point). */
export type RegexNode =
  | { readonly kind: 'empty' | 'start' | 'end' }
  | { readonly kind: 'set'; readonly has: (character: string) => boolean }
  | { readonly kind: 'all' | 'any'; readonly nodes: readonly RegexNode[] }
  | { readonly kind: 'repeat'; readonly node: RegexNode; readonly min: number; readonly max: number };

/** Why an expression cannot be used; for the person who wrote it. */
export class RegexFault extends Error {
  override readonly name = 'RegexFault';
}

const MAX_REPEAT = 1000;
const MAX_DEPTH = 50;
const GROUP_START = /^\((?:\?(?:P?<\w+>|:))?/u;
const COUNT = /^\{(?<min>\d{1,4})(?<comma>,(?<max>\d{1,4})?)?\}/u;
const PERL: Readonly<Record<string, RegExp>> = { d: /^[0-9]$/u, w: /^[0-9A-Za-z_]$/u, s: /^[\t\n\f\r ]$/u };
const CONTROLS: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', f: '\f', v: '\v', a: '\u0007' };

interface Cursor {
  rest: string;
  depth: number;
  readonly ignoresCase: boolean;
  readonly dotTakesNewline: boolean;
}

/** Parses an expression. Throws RegexFault. */
export function parseRegex(text: string): RegexNode {
  const flags = /^\(\?(?<letters>[is]+)\)/u.exec(text);
  const letters = flags?.groups?.['letters'] ?? '';
  const cursor: Cursor = {
    rest: text.slice(flags?.[0].length ?? 0),
    depth: 0,
    ignoresCase: letters.includes('i'),
    dotTakesNewline: letters.includes('s'),
  };
  const node = parseAny(cursor);
  if (cursor.rest !== '') throw new RegexFault(`there is a ) too many before "${cursor.rest.slice(1, 20)}"`);
  return node;
}

function parseAny(cursor: Cursor): RegexNode {
  if (++cursor.depth > MAX_DEPTH) throw new RegexFault(`more than ${MAX_DEPTH} groups lie in one another`);
  const nodes = [parseAll(cursor)];
  while (takes(cursor, '|')) nodes.push(parseAll(cursor));
  cursor.depth -= 1;
  return nodes.length === 1 ? (nodes[0] as RegexNode) : { kind: 'any', nodes };
}

function parseAll(cursor: Cursor): RegexNode {
  const nodes: RegexNode[] = [];
  while (cursor.rest !== '' && !/^[|)]/u.test(cursor.rest)) nodes.push(parseRepeat(cursor));
  return { kind: 'all', nodes };
}

function parseRepeat(cursor: Cursor): RegexNode {
  let node = parseAtom(cursor);
  for (let bounds = takeBounds(cursor); bounds !== undefined; bounds = takeBounds(cursor)) {
    if (bounds.max < bounds.min) throw new RegexFault(`{${bounds.min},${bounds.max}} counts backwards`);
    node = { kind: 'repeat', node, ...bounds };
    // Lazy or greedy is the same when the whole text has to match.
    takes(cursor, '?');
  }
  return node;
}

function takeBounds(cursor: Cursor): { readonly min: number; readonly max: number } | undefined {
  if (takes(cursor, '*')) return { min: 0, max: Infinity };
  if (takes(cursor, '+')) return { min: 1, max: Infinity };
  if (takes(cursor, '?')) return { min: 0, max: 1 };
  const found = COUNT.exec(cursor.rest);
  if (found === null) return undefined;
  cursor.rest = cursor.rest.slice(found[0].length);
  const { min = '0', comma, max } = found.groups ?? {};
  const upper = comma === undefined ? Number(min) : max === undefined ? Infinity : Number(max);
  if (Number(min) > MAX_REPEAT || (upper !== Infinity && upper > MAX_REPEAT))
    throw new RegexFault(`${found[0]} repeats more than ${MAX_REPEAT} times`);
  return { min: Number(min), max: upper };
}

function parseAtom(cursor: Cursor): RegexNode {
  const { rest } = cursor;
  if (rest.startsWith('(')) return parseGroup(cursor);
  if (rest.startsWith('[')) return parseClass(cursor);
  if (/^[*+?]/u.test(rest)) throw new RegexFault(`there is nothing to repeat before "${rest.slice(0, 10)}"`);
  const character = take(cursor);
  if (character === '^') return { kind: 'start' };
  if (character === '$') return { kind: 'end' };
  if (character === '.') return { kind: 'set', has: (other) => cursor.dotTakesNewline || other !== '\n' };
  if (character === '\\') return { kind: 'set', has: parseEscape(cursor) };
  return { kind: 'set', has: literal(character, cursor.ignoresCase) };
}

function parseGroup(cursor: Cursor): RegexNode {
  if (/^\(\?(?:<?[=!])/u.test(cursor.rest)) throw new RegexFault('look-around is not supported');
  const start = GROUP_START.exec(cursor.rest)?.[0] ?? '(';
  cursor.rest = cursor.rest.slice(start.length);
  if (start === '(' && cursor.rest.startsWith('?'))
    throw new RegexFault(`the group "(${cursor.rest.slice(0, 4)}" is not supported; flags stand at the very beginning`);
  const node = parseAny(cursor);
  if (!takes(cursor, ')')) throw new RegexFault('a ( is not closed');
  return node;
}

function parseEscape(cursor: Cursor): (character: string) => boolean {
  const character = take(cursor);
  if (character === '') throw new RegexFault('the expression ends with a \\');
  const perl = PERL[character.toLowerCase()];
  if (perl !== undefined) return (other) => perl.test(other) === (character === character.toLowerCase());
  return literal(escapedCharacter(character, cursor), cursor.ignoresCase);
}

function escapedCharacter(character: string, cursor: Cursor): string {
  if (character === 'x') {
    const found = /^(?:(?<two>[\dA-Fa-f]{2})|\{(?<many>[\dA-Fa-f]{1,6})\})/u.exec(cursor.rest);
    const code = Number.parseInt(found?.groups?.['two'] ?? found?.groups?.['many'] ?? '', 16);
    if (found === null || code > 0x10_ff_ff)
      throw new RegexFault('\\x needs two hexadecimal digits, or some in braces');
    cursor.rest = cursor.rest.slice(found[0].length);
    return String.fromCodePoint(code);
  }
  const control = CONTROLS[character];
  if (control !== undefined) return control;
  if (/[0-9A-Za-z]/u.test(character)) throw new RegexFault(`\\${character} is not supported`);
  return character;
}

function parseClass(cursor: Cursor): RegexNode {
  take(cursor);
  const isNegated = takes(cursor, '^');
  const tests: ((character: string) => boolean)[] = [];
  for (let isFirst = true; isFirst || !cursor.rest.startsWith(']'); isFirst = false) {
    if (cursor.rest === '') throw new RegexFault('a [ is not closed');
    if (cursor.rest.startsWith('[:')) throw new RegexFault('classes such as [:alpha:] are not supported');
    tests.push(parseClassItem(cursor));
  }
  take(cursor);
  return { kind: 'set', has: (character) => tests.some((test) => test(character)) !== isNegated };
}

function parseClassItem(cursor: Cursor): (character: string) => boolean {
  const isPerl = /^\\[dswDSW]/u.test(cursor.rest);
  if (isPerl) {
    take(cursor);
    return parseEscape(cursor);
  }
  const from = classCharacter(cursor);
  if (!/^-[^\]]/u.test(cursor.rest)) return literal(from, cursor.ignoresCase);
  take(cursor);
  const to = classCharacter(cursor);
  if (to < from) throw new RegexFault(`the range ${from}-${to} runs backwards`);
  const isIn = (character: string): boolean => character >= from && character <= to;
  if (!cursor.ignoresCase) return isIn;
  return (character) => isIn(character.toLowerCase()) || isIn(character.toUpperCase());
}

function classCharacter(cursor: Cursor): string {
  const character = take(cursor);
  return character === '\\' ? escapedCharacter(take(cursor), cursor) : character;
}

function literal(character: string, ignoresCase: boolean): (character: string) => boolean {
  if (!ignoresCase) return (other) => other === character;
  const lower = character.toLowerCase();
  return (other) => other.toLowerCase() === lower;
}

function take(cursor: Cursor): string {
  const code = cursor.rest.codePointAt(0);
  if (code === undefined) return '';
  const character = String.fromCodePoint(code);
  cursor.rest = cursor.rest.slice(character.length);
  return character;
}

function takes(cursor: Cursor, character: string): boolean {
  if (!cursor.rest.startsWith(character)) return false;
  cursor.rest = cursor.rest.slice(character.length);
  return true;
}
