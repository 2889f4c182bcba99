// The project's Markdown pages, and what tests read from them: links, headings, code.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packagePath } from '../../shared/runtime/package-root.ts';

/** A page by its path from the top of the repository. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

/** A fenced block: the word after the fence, and its lines. */
export interface Fence {
  readonly language: string;
  readonly text: string;
}

/** What holds no pages of ours. */
const SKIPPED = new Set(['node_modules', 'dist', '.git', '.foghorn', 'target']);
const FENCE = /^(?<mark>`{3,})(?<language>[^\n`]*)\n(?<text>[\s\S]*?)^\k<mark>`*[ \t]*$/gmu;

/** All pages, generated ones included. */
export function pages(): readonly Page[] {
  return markdownIn('').map((path) => ({ path, text: readFileSync(packagePath(path), 'utf8') }));
}

/** The fenced blocks of a text, also those indented in a list. */
export function fencesOf(text: string): readonly Fence[] {
  return [...unindented(text).matchAll(FENCE)].map(({ groups }) => ({
    language: (groups?.['language'] ?? '').trim(),
    text: groups?.['text'] ?? '',
  }));
}

/** The text between single backticks, outside of fenced blocks. */
export function inlineCodeOf(text: string): readonly string[] {
  return [...prose(text).matchAll(/(?<!`)`(?<code>[^`\n]+)`(?!`)/gu)].map(({ groups }) => groups?.['code'] ?? '');
}

/** The text without fenced blocks. */
export function prose(text: string): string {
  return unindented(text).replaceAll(FENCE, '');
}

/** The targets of links and pictures, outside of code. */
export function linksOf(text: string): readonly string[] {
  const withoutCode = prose(text).replaceAll(/`[^`\n]+`/gu, '``');
  return [...withoutCode.matchAll(/\]\((?:<(?<quoted>[^>\n]+)>|(?<bare>[^)\s]+))\)/gu)].map(
    ({ groups }) => groups?.['quoted'] ?? groups?.['bare'] ?? '',
  );
}

/** The anchors that a forge makes of the headings, and those that the page sets itself. */
export function anchorsOf(text: string): ReadonlySet<string> {
  const anchors = new Set(
    [...text.matchAll(/<a (?:id|name)="(?<id>[^"]+)"/gu)].map(({ groups }) => groups?.['id'] ?? ''),
  );
  for (const { groups } of prose(text).matchAll(/^#{1,6} (?<title>.+)$/gmu)) {
    const slug = (groups?.['title'] ?? '')
      .replaceAll(/\[(?<label>[^\]]*)\]\([^)]*\)/gu, '$<label>')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M}\p{Pc}\- ]/gu, '')
      .replaceAll(' ', '-');
    let anchor = slug;
    for (let copy = 1; anchors.has(anchor); copy += 1) anchor = `${slug}-${copy}`;
    anchors.add(anchor);
  }
  return anchors;
}

function unindented(text: string): string {
  return text.replaceAll(
    /^(?<indent> {2,})(?<block>`{3,}[^\n`]*\n(?:\k<indent>[^\n]*\n|\n)*?\k<indent>`{3,})[ \t]*$/gmu,
    (_all, indent: string, block: string) => block.replaceAll(`\n${indent}`, '\n'),
  );
}

function markdownIn(folder: string): readonly string[] {
  return readdirSync(packagePath(folder), { withFileTypes: true })
    .filter(({ name }) => !SKIPPED.has(name))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return markdownIn(path);
      return entry.name.endsWith('.md') ? [path] : [];
    });
}
