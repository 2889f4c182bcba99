// The catalogue as a page to browse: Markdown for the repository, one HTML file that needs nothing
// else for everybody's own entries.
import type { CatalogEntry } from '../../../shared/catalog/schema.ts';
import { type Block, pageBlocks, type Point, type Words } from './page-blocks.ts';

/**
 * The page as Markdown. Source of the escapes:
 * https://spec.commonmark.org/0.31.2/#backslash-escapes.
 */
export function catalogMarkdown(entries: readonly CatalogEntry[]): string {
  return `${pageBlocks(entries).map(asMarkdown).join('\n\n')}\n`;
}

/** The page as one self-contained HTML file, light and dark. All content of an entry is escaped. */
export function catalogHtml(entries: readonly CatalogEntry[]): string {
  return (
    `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Foghorn: the catalogue</title>\n` +
    `<style>${STYLE}</style></head><body>\n${pageBlocks(entries).map(asHtml).join('\n')}\n</body></html>\n`
  );
}

const STYLE =
  ':root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}' +
  'table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #8884;vertical-align:top}' +
  'h2{margin-top:3rem;border-top:2px solid #8886;padding-top:1rem}pre{background:#8882;padding:.5rem;overflow-x:auto}.below{opacity:.8;font-size:.9em}';

function asMarkdown(block: Block): string {
  if (block.kind === 'text') return markdown(block.text);
  if (block.kind === 'heading') {
    const anchor = block.anchor === undefined ? '' : `<a id="${html(block.anchor)}"></a>\n\n`;
    return `${anchor}${'#'.repeat(block.level)} ${markdown(block.text)}`;
  }
  if (block.kind === 'list')
    return block.points.map((item, place) => markdownPoint(item, block.isOrdered ? `${place + 1}.` : '-')).join('\n');
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rows = block.rows.map((row) => line(row.map(markdownWords)));
  return [line(block.head), line(block.head.map(() => '---')), ...rows].join('\n');
}

function markdownPoint(item: Point, mark: string): string {
  const indent = ' '.repeat(mark.length + 1);
  const below = item.below.map((line) => `  \n${indent}${markdown(line)}`).join('');
  const command =
    item.command === undefined ? '' : `\n\n${indent}\`\`\`text\n${indent}${item.command}\n${indent}\`\`\`\n`;
  return `${mark} ${markdownWords(item)}${below}${command}`;
}

function markdownWords({ text, url }: Words): string {
  return url === undefined
    ? markdown(text)
    : `[${markdown(text)}](<${url.replaceAll(/[<>\s]/gu, encodeURIComponent)}>)`;
}

/** Escapes what Markdown or a table could take for markup. */
function markdown(text: string): string {
  return text.replaceAll(/\s+/gu, ' ').replaceAll(/[\\`*_{}[\]<>#|~]/gu, String.raw`\$&`);
}

function asHtml(block: Block): string {
  if (block.kind === 'text') return `<p>${html(block.text)}</p>`;
  if (block.kind === 'heading') {
    const id = block.anchor === undefined ? '' : ` id="${html(block.anchor)}"`;
    return `<h${block.level}${id}>${html(block.text)}</h${block.level}>`;
  }
  if (block.kind === 'list') {
    const tag = block.isOrdered ? 'ol' : 'ul';
    return `<${tag}>${block.points.map(htmlPoint).join('')}</${tag}>`;
  }
  const head = block.head.map((text) => `<th>${html(text)}</th>`).join('');
  const rows = block.rows.map((row) => `<tr>${row.map((cell) => `<td>${htmlWords(cell)}</td>`).join('')}</tr>`);
  return `<table><thead><tr>${head}</tr></thead><tbody>${rows.join('\n')}</tbody></table>`;
}

function htmlPoint(item: Point): string {
  const below = item.below.map((line) => `<div class="below">${html(line)}</div>`).join('');
  const command = item.command === undefined ? '' : `<pre>${html(item.command)}</pre>`;
  return `<li>${htmlWords(item)}${below}${command}</li>`;
}

/** Only addresses of the web become links. */
function htmlWords({ text, url }: Words): string {
  return url !== undefined && /^(?:https?:\/\/|#)/u.test(url) ? `<a href="${html(url)}">${html(text)}</a>` : html(text);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function html(text: string): string {
  return text.replaceAll(/[&<>"']/gu, (character) => ENTITIES[character] ?? character);
}
