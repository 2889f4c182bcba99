// The only output of the command line: everything reaches the terminal as text, whoever wrote it;
// only Foghorn's own status line moves the cursor.
import { replaceUnprintable } from '../../shared/contracts/unprintable.ts';
import type { CommandIo } from './command.ts';

const CLEAR_LINE = '\r\u001B[K';

/**
 * The text with U+FFFD for each character that a terminal could act on or that is invisible; line
 * feeds and tabs stay.
 */
export function printable(text: string): string {
  return replaceUnprintable(text, (character) => (character === '\n' || character === '\t' ? character : '\uFFFD'));
}

/** The same on one line, for a value beside others: a line break in it begins no new line. */
export function oneLine(text: string): string {
  return printable(text.replaceAll(/\s+/gu, ' ').trim());
}

/**
 * The lines of a text below each other; each but the first begins with `margin` and a bar, so that
 * none passes for a line of Foghorn's.
 */
export function hangingLines(text: string, margin: string): string {
  return printable(text.replaceAll(/\r\n?|[\v\f\u0085\u2028\u2029]/gu, '\n').trimEnd()).replaceAll(
    '\n',
    `\n${margin}| `,
  );
}

/**
 * JSON, exact: what a terminal could act on is written as an escape sequence of JSON's, which reads
 * back as the same value.
 */
export function jsonText(value: unknown, indent?: number): string {
  const isKept = (character: string): boolean => indent !== undefined && character === '\n';
  return replaceUnprintable(JSON.stringify(value, undefined, indent), (character) =>
    isKept(character)
      ? character
      : Array.from(
          { length: character.length },
          (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
        ).join(''),
  );
}

/** A writable stream, as far as it is needed here. */
interface Writable {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

/**
 * The output of a verb over the two streams. A line to `err` that begins with a carriage return is
 * the status line: it replaces the one before it.
 */
export function createOutput(streams: { readonly out: Writable; readonly err: Writable }): Omit<CommandIo, 'signal'> {
  const { out, err } = streams;
  return {
    out: (line) => void out.write(`${printable(line)}\n`),
    err: (line) =>
      void err.write(line.startsWith('\r') ? `${CLEAR_LINE}${printable(line.slice(1))}` : `${printable(line)}\n`),
    isTerminal: err.isTTY === true,
  };
}
