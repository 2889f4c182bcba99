// A table in a picture: columns as wide as what they hold, long texts in several lines, only whole rows.
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
/** Of the font at 12 pixels, somewhat more than on the average; bold is wider. */
const CHARACTER = 6.4;
const BOLD_CHARACTER = 7;
const COLUMN_GAP = 14;
const MAX_LINES = 4;
/** A column that asks for more than these characters gets what the others leave. */
const MAX_CHARACTERS = 38;
const LINK = '#0b64dd';

/** As many of the rows as the box takes whole. */
export function drawRows(columns: readonly Column[], rows: readonly (readonly string[])[], box: Box): string {
  const widths = widthsOf(columns, rows, box.w);
  const starts = widths.map((_, index) => box.x + widths.slice(0, index).reduce((sum, width) => sum + width, 0));
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

/** What each column asks for, up to a bound; what is left over or missing is shared by that. */
function widthsOf(columns: readonly Column[], rows: readonly (readonly string[])[], whole: number): readonly number[] {
  const asked = columns.map(({ head }, at) => {
    const longest = Math.max(0, ...rows.map((row) => row[at]?.length ?? 0));
    const word = Math.max(...head.split(' ').map(({ length }) => length));
    return Math.max(word * BOLD_CHARACTER, Math.min(longest, MAX_CHARACTERS) * CHARACTER) + COLUMN_GAP;
  });
  const sum = asked.reduce((total, width) => total + width, 0);
  return asked.map((width) => (width * whole) / sum);
}
