// The table of cases: what was expected, what was found, and where they differ.
import { expectedInShort, outcomeInShort } from './expectations.ts';
import type { CaseRow } from './live.ts';

const MAX_WIDTH = 60;
const HEAD = ['case', 'expected', 'found', 'ok'];

/**
 * One line a case, what is wrong below it; of a case that only people can check, what they wrote.
 */
export function tableOf(rows: readonly CaseRow[]): string {
  const cells = rows.map((row) => [
    row.name,
    row.given.expected?.events.map(expectedInShort).join('; ') ?? '(see its text)',
    row.outcomes.map(outcomeInShort).join('; '),
    row.faults === undefined ? '?' : row.faults.length === 0 ? 'yes' : 'NO',
  ]);
  const shown = [HEAD, ...cells].map((row) => row.map((cell) => cut(cell)));
  const widths = HEAD.map((_, column) => Math.max(...shown.map((row) => row[column]?.length ?? 0)));
  const lines = shown.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const [head = '', ...others] = lines;
  return [head, ...others.flatMap((line, index) => [line, ...detailOf(rows[index])])]
    .map((line) => `${line}\n`)
    .join('');
}

function detailOf(row: CaseRow | undefined): readonly string[] {
  const faults = row?.faults ?? row?.given.remark?.trim().split('\n') ?? [];
  return faults.map((line) => `    ${line}`);
}

function cut(text: string): string {
  return text.length <= MAX_WIDTH ? text : `${text.slice(0, MAX_WIDTH - 1)}…`;
}
