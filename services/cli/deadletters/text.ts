// Dead letters on a terminal: a line each, or one in full.
import { isUtf8 } from 'node:buffer';
import type { ReadDeadLetter } from '../../../shared/contracts/dead-letter.ts';
import { oneLine, printable } from '../terminal.ts';

const ID_LENGTH = 10;
const MAX_DETAIL_LENGTH = 100;
const MAX_SHOWN_BYTES = 65_536;

/** One line: when, the beginning of the id, stage, reason, sender, and what was wrong. */
export function deadLetterLine(letter: ReadDeadLetter): string {
  const { id, stage, reason, detail, original } = letter;
  const sender = original.headers['sender'] ?? '-';
  const line = oneLine(detail);
  const what = line.length <= MAX_DETAIL_LENGTH ? line : `${line.slice(0, MAX_DETAIL_LENGTH - 1)}…`;
  return `${timeOf(letter)}  ${id.slice(0, ID_LENGTH)}  ${oneLine(stage).padEnd(18)} ${oneLine(reason).padEnd(15)} ${oneLine(sender).padEnd(16)} ${what}`;
}

/** All of it; the original as text, or in base64 where it is none. */
export function deadLetterText(letter: ReadDeadLetter): string {
  const { source, original } = letter;
  const value = original.value ?? Buffer.alloc(0);
  const shown = value.subarray(0, MAX_SHOWN_BYTES);
  const isText = isUtf8(value);
  const cut = value.length > shown.length ? ` (the first ${shown.length} of them)` : '';
  return [
    `id       ${letter.id}`,
    `time     ${timeOf(letter)}`,
    `stage    ${oneLine(letter.stage)}`,
    `reason   ${oneLine(letter.reason)}`,
    `detail   ${oneLine(letter.detail)}`,
    `from     ${oneLine(`${source.topic}, partition ${source.partition}, offset ${source.offset}`)}`,
    `key      ${oneLine(original.key?.toString('utf8') ?? '-')}`,
    ...Object.entries(original.headers).map(([name, text]) => `header   ${oneLine(name)} = ${oneLine(text)}`),
    `original ${value.length} bytes${isText ? '' : ', in base64'}${cut}`,
    '',
    isText ? printable(shown.toString('utf8')) : shown.toString('base64'),
  ].join('\n');
}

function timeOf({ atMs }: ReadDeadLetter): string {
  return new Date(atMs).toISOString();
}
