// An incident as plain text for a terminal or a file: what, where, since when, how often, and what to do.
import type { Notification } from '../../../shared/contracts/notification.ts';
import type { RemediationCause, RemediationOption, RemediationStep } from '../../../shared/contracts/remediation.ts';
import { safeText } from './safe-text.ts';

const WIDTH = 100;
const LABEL_WIDTH = 11;
const STEPS_OF_AN_OPTION = 3;
const MAX_CAUSES = 2;
const RULE = '─'.repeat(WIDTH);

/** The text of a notification; its last line holds the delivery's id, by which it is found again. */
export function renderPlainText({ id, reason, incident, links }: Notification): string {
  const { remediation, entity } = incident;
  const port = entity.params['port'];
  const count = incident.episodeCount === 1 ? 'once' : `${incident.episodeCount} times`;
  const head = [
    ...wrap(`${incident.severity.toUpperCase()}  ${remediation.title}`, '', '  '),
    ...field('what', `${entity.provider} event ${entity.eventId}, ${entity.ruleId}, incident ${reason}`),
    ...field('where', port === undefined ? entity.host : `${entity.host}, port ${port}`),
    ...field('since', `${new Date(incident.firstSeenMs).toISOString()}, seen ${count}`),
    ...field('event says', safeText(incident.lastMessage, 400)),
    ...field('meaning', remediation.summary),
  ];
  const causes = remediation.causes
    .filter(({ command }) => command !== undefined)
    .slice(0, MAX_CAUSES)
    .flatMap(renderCause);
  const repair = remediation.options.flatMap((option, index) => renderOption(option, index + 1));
  const check = remediation.verification.slice(0, STEPS_OF_AN_OPTION).flatMap((step) => renderStep(step, '-'));
  return [
    RULE,
    ...head,
    ...(causes.length === 0 ? [] : ['', 'find out', ...causes]),
    ...(repair.length === 0 ? [] : ['', 'repair', ...repair]),
    ...(check.length === 0 ? [] : ['', 'then check', ...check, ...more(remediation.verification.length)]),
    '',
    ...remediation.references.slice(0, 1).flatMap(({ title, url }) => field('article', `${title} ${url ?? ''}`)),
    ...links.flatMap(({ title, url }) => field('link', `${title} ${url}`)),
    ...field('incident', `${incident.id}, episode ${incident.episode}`),
    idLine(id),
    '',
  ].join('\n');
}

/** The line that ends a notification's text. */
export function idLine(id: string): string {
  return `${'delivery'.padEnd(LABEL_WIDTH)}${id}`;
}

function renderCause({ text, check, command }: RemediationCause): readonly string[] {
  const step = { text: check === undefined ? text : `${text} ${check}` };
  return renderStep(command === undefined ? step : { ...step, command }, '-');
}

function renderOption(option: RemediationOption, number: number): readonly string[] {
  const steps = option.steps.slice(0, STEPS_OF_AN_OPTION).flatMap((step) => renderStep(step, '-'));
  return [
    ...wrap(`${number}. ${safeText(option.title)}`, '  ', '     '),
    ...(option.when === undefined ? [] : wrap(safeText(option.when), '     ', '     ')),
    ...steps,
    ...more(option.steps.length),
  ];
}

function renderStep(step: RemediationStep, mark: string): readonly string[] {
  const text = safeText(step.where === undefined ? step.text : `${step.text} (${step.where})`);
  return [
    ...wrap(`${mark} ${text}`, '     ', '       '),
    ...(step.command === undefined ? [] : [`       > ${safeText(step.command)}`]),
    ...(step.risk === undefined ? [] : wrap(`risk: ${safeText(step.risk)}`, '       ', '       ')),
  ];
}

function more(steps: number): readonly string[] {
  const left = steps - STEPS_OF_AN_OPTION;
  return left > 0 ? [`     … ${left} more step${left === 1 ? '' : 's'} in the incident's document`] : [];
}

function field(label: string, text: string): readonly string[] {
  return text === '' ? [] : wrap(safeText(text), label.padEnd(LABEL_WIDTH), ' '.repeat(LABEL_WIDTH));
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
