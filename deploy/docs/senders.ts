// The table of senders and versions, made of the tests' cases (test/data/cases).
import { readdirSync, readFileSync } from 'node:fs';
import { packagePath } from '../../shared/runtime/package-root.ts';

interface Case {
  readonly sender: string;
  readonly version: string;
  readonly shape: string;
}

const FOLDER = packagePath('test', 'data', 'cases');
const SIDE = '.expect.json';

/** The sender, version and shape of every case. */
export function senderCases(): readonly Case[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith(SIDE))
    .sort()
    .map((file) => JSON.parse(readFileSync(`${FOLDER}/${file}`, 'utf8')) as Case);
}

/** A row for each sender and version with its shapes, by name. */
export function sendersTable(): string {
  const rows = new Map<string, { readonly sender: string; readonly version: string; readonly shapes: Set<string> }>();
  for (const { sender, version, shape } of senderCases()) {
    const key = `${sender.toLowerCase()} ${version}`;
    const row = rows.get(key) ?? { sender, version, shapes: new Set() };
    rows.set(key, row);
    row.shapes.add(shape);
  }
  const lines = [...rows]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([, { sender, version, shapes }]) => `| ${sender} | ${cell(version)} | ${cell([...shapes].join('; '))} |`);
  return [
    '| sender | version, or the change that made the shape | shapes in the tests |',
    '| --- | --- | --- |',
    ...lines,
  ].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
