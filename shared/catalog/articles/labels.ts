// The words by which an article's parts are known: labels of its facts, headings of its sections,
// furniture of the page around it. Pure.
import type { Severity } from '../../contracts/remediation.ts';
import type { Line } from './lines.ts';

const HEADINGS: ReadonlyMap<string, string> = new Map([
  ['event details', 'details'],
  ['details', 'details'],
  ['explanation', 'explanation'],
  ['diagnose', 'diagnose'],
  ['cause', 'diagnose'],
  ['causes', 'diagnose'],
  ['possible cause', 'diagnose'],
  ['possible causes', 'diagnose'],
  ['resolve', 'resolve'],
  ['resolution', 'resolve'],
  ['resolutions', 'resolve'],
  ['solution', 'resolve'],
  ['workaround', 'resolve'],
  ['user action', 'resolve'],
  ['verify', 'verify'],
  ['verification', 'verify'],
  ['see also', 'related'],
  ['related', 'related'],
  ['related topics', 'related'],
  ['references', 'related'],
  ['symptom', 'symptoms'],
  ['symptoms', 'symptoms'],
  ['problem description', 'symptoms'],
  ['summary', 'symptoms'],
  ['introduction', 'symptoms'],
  ['more information', 'notes'],
  ['additional information', 'notes'],
  ['status', 'notes'],
  ['applies to', 'applies to'],
  ['properties', 'properties'],
  ['article properties', 'properties'],
  ['keywords', 'properties'],
  ['related management information', 'filed under'],
]);
/** Labels as the dialects spell them, and how they are called here. */
const LABELS: ReadonlyMap<string, string> = new Map([
  ['product name', 'product'],
  ['product version', 'version'],
  ['product', 'product'],
  ['event id', 'id'],
  ['id', 'id'],
  ['event source', 'source'],
  ['source', 'source'],
  ['version', 'version'],
  ['component', 'component'],
  ['symbolic name', 'symbolic name'],
  ['message text', 'message'],
  ['message', 'message'],
  ['event type', 'severity'],
  ['severity', 'severity'],
  ['level', 'severity'],
]);
/**
 * Labels that Event Viewer adds when an event is copied from it:
 * https://learn.microsoft.com/windows/win32/eventlog/event-logging-elements.
 */
const VIEWER: ReadonlyMap<string, string> = new Map([
  ['description', 'message'],
  ['event description', 'message'],
  ['log name', 'channel'],
  ['event category', 'category'],
  ['task category', 'category'],
  ['date', 'date'],
  ['time', 'time'],
  ['logged', 'date'],
  ['user', 'user'],
  ['computer', 'computer'],
  ['keywords', 'keywords'],
  ['opcode', 'opcode'],
]);
const ALL: ReadonlyMap<string, string> = new Map([...LABELS, ...VIEWER]);
const alternatives = (labels: Iterable<string>): string =>
  [...labels].toSorted((one, other) => other.length - one.length).join('|');
const NAMES = alternatives(LABELS.keys());
const ALL_NAMES = alternatives(ALL.keys());
const ROW = new RegExp(
  `^(?:[-*•·]\\s+)?(?:\\|\\s*)?\\**(?<label>${ALL_NAMES})\\**\\s*(?::\\**\\s*\\|?|\\|)\\s*(?<value>[\\s\\S]*)$`,
  'iu',
);
/**
 * Without anything between label and value; only valid among the details. `Id1028`,
 * `Event Source MSSQLSERVER`.
 */
const LOOSE_ROW = new RegExp(`^(?<label>${NAMES})(?:\\s+|(?=[A-Z\\d]))(?<value>\\S.*)$`, 'iu');
const ALONE = new RegExp(`^(?<label>${NAMES})$`, 'iu');
/**
 * As `Label:` stands inside a line; the long names first, so that `Event ID:` is not taken for
 * `ID:`.
 */
const INSIDE = new RegExp(
  `(?:${ALL_NAMES.replaceAll(/\b[a-z]/gu, (letter) => letter.toUpperCase()).replaceAll('Id', 'ID')})\\s*:`,
  'gu',
);

/**
 * A fact of the article: its label as called here. `isOpen`: a cell that may go on in the next
 * line; `isClosed`: one that has ended.
 */
export interface LabelledFact {
  readonly label: string;
  readonly value: string;
  readonly isOpen: boolean;
  readonly isClosed: boolean;
  /** As Event Viewer writes it, of one event and not of all of a kind. */
  readonly isOfViewer: boolean;
}

/** The fact in a line; `isAmongDetails` when the details are known to have begun. */
export function factOf(text: string, isAmongDetails: boolean): LabelledFact | undefined {
  const row = (ROW.exec(text) ?? (isAmongDetails ? (ALONE.exec(text) ?? LOOSE_ROW.exec(text)) : null))?.groups;
  const name = row?.['label']?.toLowerCase() ?? '';
  const label = ALL.get(name);
  if (label === undefined) return undefined;
  const value = row?.['value'] ?? '';
  const isClosed = value.endsWith('|');
  return {
    label,
    value: value.replace(/\s*\|$/u, ''),
    isOpen: text.includes('|') && !isClosed,
    isClosed,
    isOfViewer: VIEWER.has(name),
  };
}

/** The facts of a line that holds several, each as a line of its own; the line itself otherwise. */
export function separateFacts(line: Line): readonly Line[] {
  const found = [...line.text.matchAll(INSIDE)].map(({ index, 0: name }) => ({
    index,
    label: ALL.get(name.replace(/\s*:$/u, '').toLowerCase()),
  }));
  const labels = new Set(found.map(({ label }) => label));
  if (labels.size < 3 || !labels.has('id') || !labels.has('source')) return [line];
  // Whatever looks like a label behind the message belongs to it.
  const message = found.findIndex(({ label }) => label === 'message');
  const starts = found.slice(0, message === -1 ? found.length : message + 1).map(({ index }) => index);
  const pieces = [0, ...starts].map((start, place) => line.text.slice(start, starts[place]).trim());
  return pieces
    .filter((text) => text !== '')
    .map((text, place) => ({ ...line, text, blanksBefore: place === 0 ? line.blanksBefore : 0 }));
}

/** Headings that are also everyday words: only what stands apart is one. */
const WEAK: ReadonlySet<string> = new Set(['status', 'summary', 'introduction', 'properties', 'keywords', 'solution']);

/** The section that a line opens. */
export function sectionOf({ text, level, blanksBefore }: Line): string | undefined {
  const name = text.toLowerCase();
  if (WEAK.has(name.replace(/\s*:$/u, '')) && (name.endsWith(':') || (level === 0 && blanksBefore === 0)))
    return undefined;
  return HEADINGS.get(name.replace(/\s*:$/u, ''));
}

/** The parts of an article's title: its id, and the aspect under which the vendor files it. */
export interface Title {
  readonly text: string;
  /** Missing where the title is a sentence. */
  readonly id?: string;
  readonly aspect?: string;
}

/** The title in a line. `Event ID: 309` is none but a fact. */
export function titleOf({ text }: Line): Title | undefined {
  const plain = text.replace(/\s*\|\s*Microsoft (?:Docs|Learn).*$/iu, '');
  const found =
    /^Event ID:?\s*(?<id>\d+)\s*[—–−:-]+\s*(?<aspect>\S.*)$/iu.exec(plain) ??
    /^Event ID (?<id>\d+)$/iu.exec(plain) ??
    /^[A-Z][A-Z\d$]+_(?<id>-?\d+)$/u.exec(plain);
  const { id, aspect } = found?.groups ?? {};
  return id === undefined ? undefined : { text: plain, id, ...(aspect === undefined ? {} : { aspect }) };
}

/** The systems of an `Applies To` line; empty when they stand in the next one. */
export function appliesToOf(text: string): readonly string[] | undefined {
  const list = /^Applies To\b:?\s*(?<list>.*)$/iu.exec(text)?.groups?.['list'];
  return list?.split(/[,;]/u).flatMap((item) => (item.trim() === '' ? [] : [item.trim()]));
}

const MONTH = '(?:january|february|march|april|may|june|july|august|september|october|november|december)';
const DATE = `(?:\\d{1,2}[./]\\d{1,2}[./]\\d{2,4}|\\d{4}-\\d{2}-\\d{2}|${MONTH} \\d{1,2}, \\d{4}|\\d{1,2} ${MONTH} \\d{4})`;
const FURNITURE: readonly RegExp[] = [
  new RegExp(
    `^(?:(?:last )?(?:updated|published|modified|reviewed|new)|topic last modified|article)?:?\\s*${DATE}$`,
    'iu',
  ),
  /^(?:last )?updated\s*:/iu,
  /^(?:article|in this article|feedback|share(?: via)?|print|collapse all|expand all|banner art|previous next|events)$/iu,
  /^(?:export \(\d+\) print|leave a reply|was this page helpful\??|\d+ (?:contributors?|minutes? to read))$/iu,
  /\bpreliminary (?:documentation|content)\b/iu,
];

/** Whether a line belongs to the page and not to the event. */
export function isFurniture(text: string): boolean {
  return FURNITURE.some((pattern) => pattern.test(text.replace(/^[-*•·]\s+/u, '')));
}

/** Of one event's text in Event Viewer: its data in bytes, and its XML. */
export function isOfOneEvent(text: string): boolean {
  return /^(?:[\da-f]{4,8}:\s+(?:[\da-f]{2}\s+){4}|<\/?(?:Event|System|Provider|EventID|EventData|Data|UserData)\b|Event Xml:|Data:$)/iu.test(
    text,
  );
}

const SEVERITY_WORDS: ReadonlyMap<string, Severity> = new Map([
  ['critical', 'critical'],
  ['error', 'error'],
  ['red', 'error'],
  ['warning', 'warning'],
  ['yellow', 'warning'],
  ['information', 'info'],
  ['informational', 'info'],
  ['success', 'info'],
  ['green', 'info'],
  ['blue', 'info'],
]);

/** The severity a word stands for. Colours are what is left of the icon that shows the state. */
export function severityOf(word: string): Severity | undefined {
  return SEVERITY_WORDS.get(word.trim().toLowerCase());
}

/** Whether a line is nothing but a colour. */
export function isColour(text: string): boolean {
  return /^(?:red|yellow|green|blue)$/iu.test(text);
}

/**
 * A short line that ends without a full stop: a heading within a section, wherever a page has lost
 * what made it one.
 */
export function isHeadingLike(text: string): boolean {
  return (
    text.length <= 120 && /^["'(]?[\p{Lu}\d]/u.test(text) && !/[.:;,!?|]["')]?$/u.test(text) && !/%\d|\n/u.test(text)
  );
}
