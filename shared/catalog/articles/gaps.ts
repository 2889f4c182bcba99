// What an article leaves open, as sentences for the person who finishes its draft. Pure.
import type { Severity } from '../../contracts/remediation.ts';
import type { Article } from './article.ts';
import type { Message } from './message.ts';
import type { Structure } from './structure.ts';

/**
 * What the gaps of a draft are found in. `count`: how many articles on this event the page has had
 * so far, this one included.
 */
interface Parts {
  readonly article: Article;
  readonly structure: Structure;
  readonly message: Message;
  readonly severity: Severity | undefined;
  readonly count: number;
}

/** The gaps, the weightiest first. */
export function gapsOf(parts: Parts): readonly string[] {
  return [...gapsOfFacts(parts), ...gapsOfForm(parts)].filter((gap) => gap !== '');
}

function gapsOfFacts({ article, structure, severity }: Parts): readonly string[] {
  const { details } = article;
  return [
    severity === undefined ? 'The article states no severity; warning is a placeholder.' : '',
    colourGap(details.get('severity') ?? '', structure),
    'The article states no class of fault; unclassified is a placeholder.',
    ...['symbolic name', 'product'].map((label) => (details.has(label) ? '' : `The article states no ${label}.`)),
    structure.options.length > 0 || structure.isNormal ? '' : 'No way to resolve was found in the article.',
    structure.verification.length > 0 ? '' : 'No way to verify was found in the article.',
    ...gapsOfText(article),
  ];
}

function colourGap(severity: string, { isNormal }: Structure): string {
  if (isNormal || !/^(?:red|yellow|green|blue)$/iu.test(severity)) return '';
  return `The severity is read from the colour of an icon, ${severity}.`;
}

function gapsOfText({ details, cutOffAt, isOfOneEvent = false }: Article): readonly string[] {
  const hasNoInserts = isOfOneEvent && !/%\d/u.test(details.get('message') ?? '');
  return [
    cutOffAt === undefined ? '' : `The article may be cut off; it ends with “${shortened(cutOffAt)}”.`,
    hasNoInserts ? 'The message is that of one event: where its values stand, the inserts are unknown.' : '',
  ];
}

/** What the form of the page leaves in doubt. */
function gapsOfForm({ article, structure, message, count }: Parts): readonly string[] {
  const said = article.sections.flatMap(({ paragraphs }) => paragraphs.map(({ text }) => text)).join(' ');
  const together = new Set(said.match(/\b[a-z]{4,}[A-Z]{2,}[a-z]+\b/gu));
  return [
    message.isNumberedHere
      ? 'The article does not number the inserts of the message; they are taken in their order.'
      : '',
    count > 1 ? 'The page has another article on the same event.' : '',
    /[{}]/u.test(said) ? 'Braces of the article are written as parentheses here.' : '',
    ...structure.bodiless.map((text) => `What belongs to “${text}” is not in the article.`),
    ...structure.doubtful.map((title) => `“${shortened(title)}” may be two references in one.`),
    ...[...together].map((word) => `“${word}” may be two words that have run together.`),
  ];
}

function shortened(text: string): string {
  const line = text.replaceAll('\n', ' ');
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
}
