// The catalogue as a page to browse: Markdown for the repository, one HTML file that needs nothing
// else for everybody's own entries.
import { type Block, entryPages, introduction, type Point, type Words } from '../../../shared/catalog/page-blocks.ts';
import { element, entryTree, indexTree, type Tree } from '../../../shared/catalog/page-tree.ts';
import type { CatalogEntry } from '../../../shared/catalog/schema.ts';

/**
 * The page as Markdown. Source of the escapes:
 * https://spec.commonmark.org/0.31.2/#backslash-escapes.
 */
export function catalogMarkdown(entries: readonly CatalogEntry[]): string {
  const pages = entryPages(entries);
  const rows = pages.map(({ id, name, provider, events, kind, severity }) => [
    markdown(provider),
    events === '' ? 'by its message' : events,
    kind,
    severity ?? '',
    `[${markdown(name)}](<#${id}>)`,
  ]);
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const heads = ['Provider', 'Event', 'Kind', 'Severity', 'What'];
  const parts = [
    '# The catalogue',
    markdown(introduction(entries.length)),
    [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n'),
    ...pages.flatMap(({ id, name, blocks }) => [
      `<a id="${html(id)}"></a>\n\n## ${markdown(name)}`,
      ...blocks.map(asMarkdown),
    ]),
  ];
  return `${parts.join('\n\n')}\n`;
}

/**
 * The page as one self-contained HTML file, light and dark: the index stays, and the entry of the
 * address is beside it. All content of an entry is escaped.
 */
export function catalogHtml(entries: readonly CatalogEntry[]): string {
  const pages = entryPages(entries);
  const toIndex = element('p', { class: 'to-index' }, [element('a', { href: '#' }, ['All entries'])]);
  const search = element('input', { type: 'search', 'aria-label': 'Search', placeholder: 'Search' }, []);
  const body = element('div', { class: 'catalogue' }, [
    element('nav', { 'aria-label': 'Entries' }, [search, indexTree(pages, (id) => `#${id}`)]),
    element('main', {}, [
      element('header', {}, [element('h1', {}, ['The catalogue']), element('p', {}, [introduction(entries.length)])]),
      ...pages.map((page) => entryTree(page, [toIndex])),
    ]),
  ]);
  return (
    `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Foghorn: the catalogue</title>\n` +
    `<style>${STYLE}</style></head><body>\n${treeHtml(body)}\n<script>${SEARCH}</script></body></html>\n`
  );
}

/** One entry at a time, all of them on paper. */
const STYLE =
  ':root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:80rem}' +
  '.catalogue{display:grid;grid-template-columns:22rem minmax(0,1fr);gap:2rem;padding:1rem}' +
  'nav{position:sticky;top:0;max-height:100vh;overflow-y:auto}input{font:inherit;width:100%;box-sizing:border-box}' +
  '.index{list-style:none;padding:0}.index li{padding:.3rem 0}.muted{display:block;opacity:.8;font-size:.85em}' +
  '.entry-page:not(:target){display:none}header:has(~.entry-page:target){display:none}' +
  'pre{background:#8882;padding:.5rem;overflow-x:auto}.below{opacity:.8;font-size:.9em}main{overflow-wrap:anywhere}.to-index{display:none}' +
  '@media(max-width:720px){.catalogue{display:flex;flex-direction:column-reverse}nav{position:static;max-height:none}.to-index{display:block}}' +
  '@media print{.entry-page:not(:target){display:block}nav,.to-index{display:none}}';

/** Hides in the index what lacks one of the typed words. */
const SEARCH = String.raw`document.querySelector('input').addEventListener('input',event=>{
const words=event.target.value.toLowerCase().split(/\s+/);
for(const item of document.querySelectorAll('.index li')){
const entry=document.getElementById(decodeURIComponent(item.querySelector('a').hash.slice(1)));
const text=(item.textContent+entry.textContent).toLowerCase();
item.hidden=!words.every(word=>text.includes(word))}})`;

/**
 * Elements that have no end tag.
 * https://html.spec.whatwg.org/multipage/syntax.html#void-elements
 */
const VOID = new Set(['input']);

function treeHtml(tree: Tree): string {
  if (typeof tree === 'string') return html(tree);
  const { tag, attributes, children } = tree;
  const given = Object.entries(attributes).map(([name, value]) => ` ${name}="${html(value)}"`);
  const start = `<${tag}${given.join('')}>`;
  return VOID.has(tag) ? start : `${start}${children.map(treeHtml).join('')}</${tag}>`;
}

function asMarkdown(block: Block): string {
  if (block.kind === 'text') return markdown(block.text);
  if (block.kind === 'heading') return `### ${markdown(block.text)}`;
  return block.points.map((item, place) => markdownPoint(item, block.isOrdered ? `${place + 1}.` : '-')).join('\n');
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
