// A table in a picture: columns as wide as what they hold, long texts in several lines, only whole
// rows.
import { type Style, text, wrapped } from './draw-text.ts';

/** Where it is drawn. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** A column; its cells are links if `isLink`. */
export interface Column {
  readonly head: string;
  readonly isLink: boolean;
}

const LINE = 15;
const GAP = 5;
/** Of a wide font at 12 pixels: the reader's may not be Helvetica. */
const CHARACTER = 7;
const BOLD_CHARACTER = 8;
const COLUMN_GAP = 14;
const MAX_LINES = 3;
/** A column that asks for more than these characters gets what the others leave. */
const MAX_CHARACTERS = 38;
const LINK = '#0b64dd';

/** As many of the rows as the box takes whole. */
export function drawRows(columns: readonly Column[], rows: readonly (readonly string[])[], box: Box): string {
  const widths = widthsOf(columns, rows, box.w);
  const starts = widths.map((_, index) => box.x + sum(widths.slice(0, index)));
  const drawn: string[] = [];
  let top = box.y;
  const heads = columns.map(({ head }) => head);
  for (const [index, row] of [heads, ...rows].entries()) {
    const isHead = index === 0;
    const character = isHead ? BOLD_CHARACTER : CHARACTER;
    const cells = row.map((value, at) =>
      wrapped(value, Math.floor(((widths[at] ?? 0) - COLUMN_GAP) / character), MAX_LINES),
    );
    const height = Math.max(...cells.map((lines) => lines.length)) * LINE + GAP;
    if (top + height > box.y + box.h + GAP) break;
    for (const [at, lines] of cells.entries()) {
      const style: Style = {
        size: 12,
        weight: isHead ? 'bold' : 'normal',
        ...(!isHead && columns[at]?.isLink === true ? { fill: LINK } : {}),
      };
      for (const [line, value] of lines.entries())
        drawn.push(text(starts[at] ?? box.x, top + 12 + line * LINE, value, style));
    }
    top += height;
  }
  return drawn.join('');
}

/**
 * Each column gets its longest word; what is left is shared by how much more each asks for, up to a
 * bound.
 */
function widthsOf(columns: readonly Column[], rows: readonly (readonly string[])[], whole: number): readonly number[] {
  const columnsOf = (most: (texts: readonly string[]) => number): readonly number[] =>
    columns.map(({ head }, at) => {
      const cells = rows.map((row) => row[at] ?? '');
      return Math.max(longestWord([head]) * BOLD_CHARACTER, most(cells) * CHARACTER) + COLUMN_GAP;
    });
  const least = columnsOf(longestWord);
  const asked = columnsOf((texts) => Math.max(longestWord(texts), Math.min(MAX_CHARACTERS, longest(texts))));
  const [sumOfLeast, sumOfAsked] = [sum(least), sum(asked)];
  if (sumOfAsked <= whole || sumOfAsked === sumOfLeast) return asked.map((width) => (width * whole) / sumOfAsked);
  const share = Math.max(0, whole - sumOfLeast) / (sumOfAsked - sumOfLeast);
  return least.map((width, at) => width + ((asked[at] ?? width) - width) * share);
}

function longest(texts: readonly string[]): number {
  return Math.max(0, ...texts.map(({ length }) => length));
}

function longestWord(texts: readonly string[]): number {
  return longest(texts.flatMap((each) => each.split(' ')));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
