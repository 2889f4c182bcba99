// Lists of messages as articles: `MessageId=309` blocks of a message file, and lines such as
// `309 - NAME text` or `309 (Error) NAME`. Pure.
import type { Article } from './article.ts';
import type { Line } from './lines.ts';
import { factOf } from './labels.ts';

const KEY = /\b(?<key>MessageId|SymbolicName|Severity|Facility|Language|OutputBase)\s*=\s*(?<value>[\w+]*)/gu;
const ROW =
  /^(?<id>\d{1,5})\s*(?:\((?<severity>[A-Za-z]+)\)?\s*|[—–:-]\s*)(?<name>[A-Z][A-Z\d]*(?:_[A-Z\d]+)+)\b:?\s*(?<text>.*)$/u;
/** Ids from here on hold a severity in front of the id proper. */
const SEVERITY_BITS = 0x40_00_00_00;
/** By the two highest bits. Source: winerror.h; a number without them has none. */
const SEVERITIES = [undefined, 'informational', 'warning', 'error'] as const;

interface Message {
  readonly facts: Map<string, string>;
  readonly text: string[];
  readonly unread: string[];
  isOpen: boolean;
}

/** The messages of a page that is a list of them, else undefined. A list names no source. */
export function readMessageList(lines: readonly Line[]): readonly Article[] | undefined {
  const isFile = lines.some(({ text }) => /^MessageId\s*=/u.test(text));
  const isList =
    isFile ||
    (lines.some(({ text }) => ROW.test(text)) && !lines.some(({ text }) => factOf(text, false)?.label === 'id'));
  if (!isList) return undefined;
  const before: string[] = [];
  const messages: Message[] = [];
  for (const line of lines) {
    const isRead = isFile ? takeFileLine(line.text, messages) : takeListLine(line, messages);
    if (!isRead) (messages.at(-1)?.unread ?? before).push(line.text);
  }
  return messages.map((message, place) => articleOf(message, place === 0 ? before : [], isFile ? '\n' : ' '));
}

function takeFileLine(text: string, messages: Message[]): boolean {
  const pairs = [...text.matchAll(KEY)].map(({ groups }) => [groups?.['key'] ?? '', groups?.['value'] ?? ''] as const);
  if (pairs.length > 0 && text.replaceAll(KEY, '').trim() === '') {
    for (const [key, value] of pairs) takeKey(key, value, messages);
    return true;
  }
  const message = messages.at(-1);
  if (message?.isOpen !== true || text.startsWith(';')) return false;
  if (text === '.') message.isOpen = false;
  else message.text.push(text);
  return true;
}

function takeKey(key: string, value: string, messages: Message[]): void {
  const last = messages.at(-1);
  if (key === 'MessageId') {
    // `Severity=` and the like can stand in front of the id as well.
    if (last === undefined || last.text.length > 0 || last.facts.has('id') || !last.isOpen) messages.push(newMessage());
    setId(messages.at(-1)?.facts, value);
  } else if (key === 'SymbolicName') last?.facts.set('symbolic name', value);
  else if (key === 'Severity') last?.facts.set('severity', value);
}

/**
 * Hexadecimal, or with its severity in front, an id is the low half of the number; `+1` is none.
 */
function setId(facts: Map<string, string> | undefined, value: string): void {
  const id = /^(?:0x[\da-f]{1,8}|\d{1,10})$/iu.test(value) ? Number(value) : Number.NaN;
  if (Number.isNaN(id)) return;
  facts?.set('id', String(id >= SEVERITY_BITS ? id % 0x1_00_00 : id));
  const severity = SEVERITIES[Math.floor(id / SEVERITY_BITS)];
  if (severity !== undefined) facts?.set('severity', severity);
}

function takeListLine({ text, blanksBefore }: Line, messages: Message[]): boolean {
  const row = ROW.exec(text)?.groups;
  if (row !== undefined) {
    messages.push(messageOfRow(row));
    return true;
  }
  const message = messages.at(-1);
  if (message === undefined) return false;
  // An empty line ends the text: behind it can stand anything, up to the foot of the page.
  message.isOpen &&= blanksBefore === 0 || message.text.length === 0;
  if (message.isOpen) message.text.push(text);
  return message.isOpen;
}

function messageOfRow({ id, name, severity, text }: Readonly<Record<string, string | undefined>>): Message {
  const message = newMessage();
  for (const [label, value] of [
    ['id', id],
    ['symbolic name', name],
    ['severity', severity],
  ] as const)
    if (value !== undefined) message.facts.set(label, value);
  if (text !== undefined && text !== '') message.text.push(text);
  return message;
}

function newMessage(): Message {
  return { facts: new Map(), text: [], unread: [], isOpen: true };
}

function articleOf({ facts, text, unread }: Message, before: readonly string[], glue: string): Article {
  const message = text.join(glue);
  return {
    details: message === '' ? facts : new Map([...facts, ['message', message]]),
    appliesTo: [],
    introduction: [],
    sections: [],
    unread: [...before, ...unread],
  };
}
