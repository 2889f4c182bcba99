// A message as plain text for a terminal, a file or a mail: what, where, since when, how often, and
// what to do.
import type { Notification } from '../../../shared/contracts/notification.ts';
import {
  type Guide,
  type GuideDepth,
  type GuideOption,
  type GuideStep,
  type GuideSteps,
  moreText,
  numberedText,
  SHORT,
} from './message/guide.ts';
import { type Message, messageOf } from './message/message.ts';

const WIDTH = 100;
const LABEL_WIDTH = 14;
const RULE = '─'.repeat(WIDTH);

/**
 * The text of a notification; its last line has the delivery's id, by which an earlier attempt is
 * found.
 */
export function renderPlainText(notification: Notification, depth: GuideDepth = SHORT): string {
  return [RULE, ...messageLines(messageOf(notification, depth)), idLine(notification.id), ''].join('\n');
}

/** The line that ends a notification's text. */
export function idLine(id: string): string {
  return `${'delivery'.padEnd(LABEL_WIDTH)}${id}`;
}

/** A message as lines of at most 100 characters, long words and commands excepted. */
export function messageLines(message: Message): readonly string[] {
  const { label, title, headline, facts, eventText, summary, guide, hints, page, acknowledge, links, runbookUrl } =
    message;
  return [
    ...wrap(`${label}  ${title}`, '', '  '),
    ...field('now', headline),
    ...facts.flatMap(({ label: name, value }) => field(name.toLowerCase(), value)),
    ...field('event says', eventText),
    ...linkField('open', page),
    ...linkField('acknowledge', acknowledge),
    ...field('meaning', summary),
    ...(guide === undefined ? [] : guideLines(guide)),
    ...hints.flatMap(({ label: hint, command }) => section(hint.toLowerCase(), [`       > ${command}`])),
    '',
    ...field('article', runbookUrl ?? ''),
    ...links.flatMap(({ title: name, url }) => field('link', `${name} ${url}`)),
    ...field('about', message.reference),
  ];
}

function guideLines(guide: Guide): readonly string[] {
  const scope = guide.scope === '' ? '' : `, ${guide.scope}`;
  return [
    ...section(
      `find out${scope}`,
      guide.causes.flatMap((step) => stepLines(step)),
    ),
    ...section(
      `repair${scope}`,
      guide.options.flatMap((option, index) => optionLines(option, index + 1, guide)),
    ),
    ...section('then check', stepsLines(guide.verification, guide)),
  ];
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', title, ...lines];
}

function optionLines(option: GuideOption, number: number, guide: Guide): readonly string[] {
  return [
    ...wrap(`${number}. ${option.title}`, '  ', '     '),
    ...(option.when === '' ? [] : wrap(option.when, '     ', '     ')),
    ...stepsLines(option, guide),
  ];
}

function stepsLines(steps: GuideSteps, guide: Guide): readonly string[] {
  const more = moreText(steps, guide);
  return [...steps.steps.flatMap((step) => stepLines(step)), ...(more === '' ? [] : [`     … ${more}`])];
}

function stepLines({ command, risk, undo, ...step }: GuideStep): readonly string[] {
  return [
    ...wrap(numberedText(step, '- '), '     ', '       '),
    ...(command === undefined ? [] : [`       > ${command}`]),
    ...(risk === undefined ? [] : wrap(`risk: ${risk}`, '       ', '       ')),
    ...(undo === undefined ? [] : wrap(`undo: ${undo}`, '       ', '       ')),
  ];
}

function field(label: string, text: string): readonly string[] {
  return text === '' ? [] : wrap(text, `${label.padEnd(LABEL_WIDTH - 1)} `, ' '.repeat(LABEL_WIDTH));
}

function linkField(label: string, link: Message['page']): readonly string[] {
  return field(label, link?.url ?? '');
}

function wrap(text: string, first: string, further: string): readonly string[] {
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const word of text.split(' ')) {
    if (!isEmpty && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = further;
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line];
}
