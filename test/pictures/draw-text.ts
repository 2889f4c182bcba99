// Text in a picture: its place, how wide it is, and where it breaks.

/** How a text looks. */
export interface Style {
  readonly size: number;
  readonly weight?: 'bold' | 'normal';
  readonly anchor?: 'start' | 'end';
  readonly fill?: string;
}

/** A line of text whose base line is at `y`. */
export function text(x: number, y: number, value: string, style: Style): string {
  const { size, weight = 'normal', anchor = 'start', fill = '#1d2a3e' } = style;
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" font-size="${size}" font-weight="${weight}" text-anchor="${anchor}" fill="${fill}">${escape(value)}</text>`;
}

/** The beginning of a text. */
export function cut(value: string, characters: number): string {
  return value.length <= characters ? value : `${value.slice(0, Math.max(1, characters - 1))}…`;
}

/**
 * A text in lines of so many characters, broken between words; what is beyond the last line is cut.
 */
export function wrapped(value: string, characters: number, maxLines: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of value.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (longer.length > characters && line !== '') {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  lines.push(line);
  const shown = lines.length <= maxLines ? lines : [...lines.slice(0, maxLines - 1), `${lines[maxLines - 1] ?? ''} …`];
  return shown.map((each) => cut(each, characters));
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** A text as it stands in XML. */
export function escape(value: string): string {
  return value.replaceAll(/[&<>"]/gu, (character) => ENTITIES[character] ?? character);
}
