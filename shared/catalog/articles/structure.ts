// The paragraphs of an article's sections as what an entry has: causes, options of repair, steps,
// notes. Nothing is left out. Pure.
import type { Article } from './article.ts';
import { isImperative } from './imperative.ts';
import { isChoice, type Paragraph, privilegeIn, sameWords } from './paragraph.ts';
import { type Reference, referencesOf } from './references.ts';

/** A step of a draft. */
export interface DraftStep {
  readonly text: string;
  readonly privilege?: string;
}

/** The parts of a draft that come from its sections. */
export interface Structure {
  readonly explanation: readonly string[];
  readonly causes: readonly { readonly text: string; readonly check?: string }[];
  readonly options: readonly {
    readonly title?: string;
    readonly when?: string;
    readonly steps: readonly DraftStep[];
  }[];
  readonly verification: readonly DraftStep[];
  readonly notes: readonly string[];
  /** What the article refers to. */
  readonly references: readonly Reference[];
  /** Titles that may be two in one. */
  readonly doubtful: readonly string[];
  /** The article says itself that nothing is wrong. */
  readonly isNormal: boolean;
  /** `Either:` and `Or:` with nothing below. */
  readonly bodiless: readonly string[];
}

/** Longest text of an entry. */
export const MAX_TEXT = 2000;
const CAUSED_BY = /\b(?:caused by|causes|reasons|following conditions|occurs? (?:if|when))\b/iu;
const NORMAL = /\bnormal (?:condition|operation|occurrence|behaviou?r)\b/iu;
const NO_ACTION =
  /\bno (?:further |user )?action (?:is |needs to be )?(?:required|necessary|needed|taken)\b|\binformational (?:message|event)\b/iu;
const CONDITION = /\b(?:if|unless|otherwise|however|except)\b/iu;
/** Parts of a command's reference that some articles repeat below the steps. */
const REFERENCE = /^(?:syntax|parameters?|terms?|values?|descriptions?|remarks|examples?)$/iu;

interface Group {
  readonly title?: string;
  readonly body: readonly Paragraph[];
}

/** Sorts the sections of an article. */
export function structureOf(article: Article): Structure {
  const { sections, introduction } = article;
  const of = (...headings: readonly string[]): readonly Paragraph[] =>
    sections.filter(({ heading }) => headings.includes(heading)).flatMap(({ paragraphs }) => paragraphs);
  const notes: string[] = [];
  const explanation = of('symptoms', 'explanation');
  const resolve = of('resolve');
  const isNormal = saysNormal(resolve);
  const repairs = isNormal ? resolve.filter(({ text }) => isImperative(text)) : resolve;
  const { references, doubtful, others } = referencesOf(article);
  return {
    explanation: [...introduction, ...explanation].map(({ text }) => text),
    causes: [
      ...causesIn(explanation),
      ...groupsOf(of('diagnose')).flatMap((group, _, all) => causesOf(group, all, notes)),
    ],
    options: groupsOf(repairs).flatMap((group) => optionOf(group, notes)),
    verification: groupsOf(of('verify')).flatMap((group) => verificationOf(group, notes)),
    notes: [
      ...notes,
      ...(isNormal ? resolve.filter((paragraph) => !repairs.includes(paragraph)).map(({ text }) => text) : []),
      ...of('notes').map(({ text }) => text),
      ...others,
    ],
    references,
    doubtful,
    isNormal,
    bodiless: sections.flatMap(({ paragraphs }) => bodilessIn(paragraphs)),
  };
}

/**
 * A condition, or something to be done beside it, says that not every event of the kind is normal.
 */
function saysNormal(resolve: readonly Paragraph[]): boolean {
  const said = resolve.map(({ text }) => text).join(' ');
  const isShort = said.length <= 300 && resolve.every(({ kind }) => kind !== 'numbered' && kind !== 'bullet');
  if (!isShort || CONDITION.test(said)) return false;
  return NORMAL.test(said) || (NO_ACTION.test(said) && !resolve.some(({ text }) => isImperative(text)));
}

/**
 * What stands below each heading. A heading directly below another belongs to it; a command's
 * reference is a group without one.
 */
function groupsOf(paragraphs: readonly Paragraph[]): readonly Group[] {
  const groups: { title?: string; body: Paragraph[] }[] = [];
  let isReference = false;
  for (const [index, paragraph] of paragraphs.entries()) {
    const last = groups.at(-1);
    isReference = opensReference(paragraphs, index) || (isReference && !isOfRepair(paragraph));
    const part: Paragraph = isReference ? { kind: 'note', text: paragraph.text } : paragraph;
    if (part.kind === 'heading' && last?.title !== undefined && last.body.length === 0)
      last.title = `${last.title}: ${part.text}`;
    else if (part.kind === 'heading') groups.push({ title: part.text, body: [] });
    else if (last === undefined) groups.push({ body: [part] });
    else last.body.push(part);
  }
  return groups;
}

function isOfRepair({ kind, text }: Paragraph): boolean {
  return kind === 'heading' || kind === 'numbered' || /^To .+:$/u.test(text);
}

/**
 * A part of a command's reference, or the name of the command, in small letters, a little above the
 * syntax of it.
 */
function opensReference(paragraphs: readonly Paragraph[], index: number): boolean {
  if (REFERENCE.test(paragraphs[index]?.text ?? '')) return true;
  const isName = /^[a-z][a-z\d -]{1,60}$/u.test(paragraphs[index]?.text ?? '');
  return isName && paragraphs.slice(index + 1, index + 4).some(({ text }) => /^syntax$/iu.test(text));
}

/**
 * Steps in the order of the page; what only leads into the first list, and notes, become notes.
 * `before` is what comes before that list and instructs nobody to do anything.
 */
function stepsOf(body: readonly Paragraph[], notes: string[]) {
  const item = body.findIndex(isItem);
  // Without a list that is one by its marks, a sentence that leads into one has it in the lines
  // below.
  const isLead = ({ kind, text }: Paragraph): boolean => kind === 'text' && text.endsWith(':') && !isChoice(text);
  const first = item === -1 ? body.slice(0, -1).findIndex(isLead) + 1 : item;
  const before: string[] = [];
  const steps: DraftStep[] = [];
  let privilege: { readonly privilege?: string } = {};
  for (const [index, { kind, text }] of body.entries()) {
    const who = index < body.length - 1 ? privilegeIn(text) : undefined;
    if (kind === 'note') notes.push(text);
    else if (who !== undefined) privilege = { privilege: who };
    else if (index >= first || isImperative(text)) steps.push({ text, ...privilege });
    else if (index === first - 1 && isLead({ kind, text })) notes.push(text);
    else before.push(text);
  }
  return { before, steps };
}

function optionOf({ title, body }: Group, notes: string[]): Structure['options'] {
  const { before, steps } = stepsOf(body, notes);
  const when = before.join(' ');
  const isLong = when.length > MAX_TEXT;
  const all = [...(isLong ? before.map((text) => ({ text })) : []), ...steps];
  if (all.length === 0) return title === undefined || title === '' ? [] : [{ steps: [{ text: title }] }];
  return [{ ...(title === undefined ? {} : { title }), ...(when === '' || isLong ? {} : { when }), steps: all }];
}

function verificationOf({ title, body }: Group, notes: string[]): readonly DraftStep[] {
  if (title !== undefined) notes.push(title);
  const { before, steps } = stepsOf(body, notes);
  notes.push(...before);
  return steps;
}

/**
 * A heading is a cause with all below it as the check; without one, each text is a cause with the
 * list below it as the check.
 */
function causesOf({ title, body }: Group, all: readonly Group[], notes: string[]): Structure['causes'] {
  notes.push(...body.filter(({ kind }) => kind === 'note').map(({ text }) => text));
  const said = body.filter(({ kind }) => kind !== 'note');
  if (title !== undefined) return [causeOf(title, said, notes)];
  const lead = said.findIndex(
    ({ kind, text }, index) => kind === 'text' && CAUSED_BY.test(text) && said[index + 1]?.kind === 'bullet',
  );
  const listed = lead === -1 ? [] : bulletsFrom(said, lead + 1);
  const isLookedAt = (text: string): boolean =>
    all.some((group) => group.title !== undefined && sameWords(group.title) === sameWords(text));
  if (lead !== -1) notes.push(said[lead]?.text ?? '');
  const others = lead === -1 ? said : [...said.slice(0, lead), ...said.slice(lead + 1 + listed.length)];
  const starts = others.flatMap(({ kind }, index) =>
    kind === 'text' || !others.slice(0, index).some((it) => it.kind === 'text') ? [index] : [],
  );
  return [
    ...listed.filter(({ text }) => !isLookedAt(text)).map(({ text }) => ({ text })),
    ...starts.map((start, place) =>
      causeOf(others[start]?.text ?? '', others.slice(start + 1, starts[place + 1]), notes),
    ),
  ];
}

function causeOf(text: string, below: readonly Paragraph[], notes: string[]): Structure['causes'][number] {
  const check = below.map((paragraph) => paragraph.text).join('\n');
  if (check.length <= MAX_TEXT) return { text, ...(check === '' ? {} : { check }) };
  notes.push(...below.map((paragraph) => `${text}: ${paragraph.text}`));
  return { text };
}

/** Causes that an explanation lists. */
function causesIn(explanation: readonly Paragraph[]): Structure['causes'] {
  return explanation.flatMap(({ text }, index) =>
    text.endsWith(':') && CAUSED_BY.test(text)
      ? bulletsFrom(explanation, index + 1).map((it) => ({ text: it.text }))
      : [],
  );
}

function bulletsFrom(paragraphs: readonly Paragraph[], start: number): readonly Paragraph[] {
  const end = paragraphs.findIndex(({ kind }, index) => index >= start && kind !== 'bullet');
  return paragraphs.slice(start, end === -1 ? paragraphs.length : end);
}

function bodilessIn(paragraphs: readonly Paragraph[]): readonly string[] {
  return paragraphs.flatMap(({ text }, index) => {
    const next = paragraphs[index + 1];
    return isChoice(text) && (next === undefined || isChoice(next.text) || next.kind === 'heading') ? [text] : [];
  });
}

function isItem({ kind }: Paragraph): boolean {
  return kind === 'bullet' || kind === 'numbered';
}
