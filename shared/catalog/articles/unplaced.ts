// The lines of a page that are neither in its drafts nor among what is reported: whatever rule has
// lost them, they are named. Pure.
import { factOf, sectionOf, severityOf } from './labels.ts';
import type { Line } from './lines.ts';
import { isChoice, namesNote, privilegeIn } from './paragraph.ts';

/** Names of columns, and lines of a message file that hold its ids. */
const FRAME =
  /^[|\s]*(?:attribute[|\s]+value|(?:(?:event )?(?:id|source|type|category|message|text)|symbolic name|severity|description)(?:[|\s]+|$))+$|^(?:MessageId|SymbolicName|Severity)\s*=/iu;
const MARK = /^(?:\d{1,2}[.)]|[-*•·–])\s+/u;
const LABEL = /^(?:applies to|notes?|tips?|caution|important|warning)\b\s*:?/iu;
/** Inserts, in all forms in which articles write them. */
const INSERT =
  /%(?:\d{1,2}(?:![^!\n]{1,20}!)?|S_[A-Z]+|[-+#0]*\d*(?:\.(?:\d+|\*))?(?:hh?|ll?|I64|I32|w)?[a-zA-Z%](?![a-zA-Z]))/gu;
const PARAMETER = /\{[a-z][a-z\d_]*\}|\binsert \d{1,2}\b/gu;

/** The lines, each once, whose words do not follow on each other anywhere in `entryTexts`. */
export function unplacedLines(lines: readonly Line[], entryTexts: readonly string[]): readonly string[] {
  const known = wordsOf(entryTexts.join(' ').replaceAll(PARAMETER, ' '));
  const text = ` ${known.join(' ')} `;
  const runs = new Set(runsOf(known));
  const isPlaced = (piece: string): boolean => {
    const words = wordsOf(piece);
    if (words.length < 3) return words.length === 0 || text.includes(` ${words.join(' ')} `);
    // A long text is cut where an entry takes no longer one, and a row where its cells meet.
    const missing = runsOf(words).filter((run) => !runs.has(run)).length;
    return missing <= Math.min(4, Math.floor((words.length - 2) / 2));
  };
  const unplaced = lines.filter((line) => !isFrame(line) && !piecesOf(line).every(isPlaced));
  return [...new Set(unplaced.map((line) => line.text))];
}

/** Words that only place something, or are another word in the draft. */
function isFrame(line: Line): boolean {
  const { text } = line;
  const fact = factOf(text, true);
  const isSeverity = fact?.label === 'severity' && severityOf(fact.value) !== undefined;
  return sectionOf(line) !== undefined || namesNote(text) || isChoice(text) || FRAME.test(text) || isSeverity;
}

function piecesOf({ text }: Line): readonly string[] {
  const plain = text.replace(MARK, '').replace(LABEL, '');
  return plain
    .split(/[|\n]|^\d{1,5}\s/u)
    .map((piece) => factOf(piece.trim(), true)?.value ?? privilegeIn(piece) ?? piece);
}

function wordsOf(text: string): readonly string[] {
  return (
    text
      .replaceAll(INSERT, ' ')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  );
}

function runsOf(words: readonly string[]): readonly string[] {
  return words.slice(2).map((third, index) => `${words[index]} ${words[index + 1]} ${third}`);
}
