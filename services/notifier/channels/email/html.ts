// A message as a page of HTML for mail programs, light and dark: styles inline, no images, no
// scripts, every value escaped.
import type { Severity } from '../../../../shared/contracts/remediation.ts';
import { type Guide, type GuideStep, type GuideSteps, moreText } from '../message/guide.ts';
import { allLinks, hintsWithoutPage, type Message } from '../message/message.ts';

const SEVERITY_COLOURS: Readonly<Record<Severity, string>> = {
  critical: '#8b0a1a',
  error: '#b3261e',
  warning: '#8a5a00',
  info: '#1f5fa8',
};
const STATUS_COLOURS = { acknowledged: '#4a4f9c', resolved: '#1e6b3a' } as const;
const FONT = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
const MUTED = 'color:#5a6270';
const COMMAND = [
  'margin:3px 0 4px',
  'padding:4px 8px',
  'background:#f0f2f5',
  'border-radius:4px',
  "font-family:Consolas,'Courier New',monospace",
  'font-size:12px',
  'white-space:pre-wrap',
  'overflow-wrap:anywhere',
].join(';');
/** Programs that know none of it show the inline styles, which are light. */
const DARK = [
  ':root{color-scheme:light dark;supported-color-schemes:light dark}',
  '@media (prefers-color-scheme:dark){',
  '.ground{background:#14171b!important;color:#e8eaed!important}',
  '.card{background:#1e2228!important;border-color:#3a414b!important}',
  '.muted{color:#a9b1bd!important}',
  '.command{background:#2b3139!important;color:#e8eaed!important}',
  '.risk{color:#f2c14e!important}',
  '.link{color:#8ab4f8!important}',
  '.second{color:#e8eaed!important;border-color:#8a93a0!important}',
  '}',
].join('');

/** The page: what happened, what to press, the facts, the key steps. It ends with `deliveryId`. */
export function htmlOf(message: Message, deliveryId: string): string {
  const { label, title, headline, facts, eventText, summary, guide, hints, reference } = onTwoScreens(message);
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
    '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">',
    `<title>${escapeHtml(title)}</title><style>${DARK}</style></head>`,
    `<body class="ground" style="margin:0;padding:8px;background:#ffffff;color:#1b1f24;font-size:14px;line-height:1.35;${FONT}">`,
    '<div style="max-width:680px;margin:0 auto">',
    `<div style="background:${colourOf(message)};color:#ffffff;padding:10px 14px;border-radius:6px 6px 0 0">`,
    `<div style="font-size:12px;letter-spacing:1px">${escapeHtml(label)}</div>`,
    `<h1 style="margin:2px 0 0;font-size:18px;line-height:1.25">${escapeHtml(title)}</h1></div>`,
    '<div class="card" style="border:1px solid #d8dce2;border-top:0;border-radius:0 0 6px 6px;padding:12px 14px">',
    `<p style="margin:0"><strong>${withWholeTimes(headline)}</strong></p>`,
    buttonsOf(message),
    factTable(facts, eventText),
    summary === '' ? '' : `<p style="margin:10px 0">${escapeHtml(summary)}</p>`,
    guide === undefined ? '' : guideHtml(guide),
    ...hints.map(({ label: hint, command }) => section(hint, commandBlock(command))),
    linkBar(message),
    `<p class="muted" style="margin:14px 0 0;font-size:12px;${MUTED}">Foghorn, ${escapeHtml(reference)}<br>delivery ${escapeHtml(deliveryId)}</p>`,
    '</div></div></body></html>',
  ]
    .filter((part) => part !== '')
    .join('\n');
}

const MAX_FACTS_BESIDE_SUMMARY = 6;

/**
 * A phone shows 45 lines on two screens. The page of the console has the buttons; of a digest the
 * lines of the ports say more than one of its incidents, where other events name the likely cause,
 * it need not be found out, and many facts take the summary's room.
 */
function onTwoScreens(message: Message): Message {
  const { guide, facts } = message;
  const isOneOfMany = guide !== undefined && guide.scope !== '';
  const isCauseKnown = facts.some(({ label }) => label === 'Likely cause');
  return {
    ...message,
    hints: hintsWithoutPage(message),
    ...(facts.length > MAX_FACTS_BESIDE_SUMMARY ? { summary: '' } : {}),
    ...(isOneOfMany ? { eventText: '' } : {}),
    ...(isOneOfMany || isCauseKnown ? { summary: '', guide: guide && { ...guide, causes: [] } } : {}),
  };
}

/** Text escaped for elements and quoted attributes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** Text escaped, with no line break within a time as `timeText` writes it. */
function withWholeTimes(text: string): string {
  return escapeHtml(text).replaceAll(
    /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/gu,
    (time) => `<span style="white-space:nowrap">${time}</span>`,
  );
}

function colourOf({ status, severity }: Message): string {
  return status === 'firing' ? SEVERITY_COLOURS[severity] : STATUS_COLOURS[status];
}

function factTable(facts: Message['facts'], eventText: string): string {
  const rows = eventText === '' ? facts : [...facts, { label: 'Event says', value: eventText }];
  const cell = 'padding:1px 12px 1px 0;vertical-align:top';
  const lines = rows.map(
    ({ label, value }) =>
      `<tr><td class="muted" style="${cell};${MUTED};white-space:nowrap">${escapeHtml(label)}</td><td style="${cell};overflow-wrap:anywhere">${withWholeTimes(value)}</td></tr>`,
  );
  return `<table role="presentation" style="border-collapse:collapse;font-size:14px;line-height:1.35">${lines.join('')}</table>`;
}

/** Links that look like buttons in every mail program. */
function buttonsOf(message: Message): string {
  const { acknowledge, page } = message;
  const buttons = [acknowledge, page].filter((link) => link !== undefined);
  const style =
    'display:inline-block;margin:0 10px 8px 0;padding:10px 14px;border-radius:4px;text-decoration:none;font-weight:600';
  const colour = colourOf(message);
  const looks = [
    `style="${style};background:${colour};color:#ffffff;border:1px solid ${colour}"`,
    `class="second" style="${style};color:${colour};border:1px solid ${colour}"`,
  ];
  const links = buttons.map(
    ({ title, url }, index) => `<a ${looks[index]} href="${escapeHtml(url)}">${escapeHtml(title)}</a>`,
  );
  return links.length === 0 ? '' : `<p style="margin:12px 0 2px">${links.join('')}</p>`;
}

function linkBar({ links, runbookUrl }: Message): string {
  const all = allLinks({ page: undefined, links, runbookUrl });
  if (all.length === 0) return '';
  const style = 'display:inline-block;margin:0 14px 4px 0;color:#0b57d0';
  return `<p style="margin:12px 0 0">${all.map(({ title, url }) => `<a class="link" style="${style}" href="${escapeHtml(url)}">${escapeHtml(title)}</a>`).join('')}</p>`;
}

function section(title: string, content: string): string {
  if (content === '') return '';
  return `<h2 style="margin:12px 0 2px;font-size:15px">${title}</h2>\n${content}`;
}

function guideHtml(guide: Guide): string {
  const { causes, verification } = guide;
  return [
    section('Find out', list('ul', causes.map(stepItem))),
    repair(guide),
    section('Then check', stepsBlock(verification, guide)),
  ]
    .filter((part) => part !== '')
    .join('\n');
}

/** The first way with its key steps, the others by their titles. How to undo is on the page. */
function repair(guide: Guide): string {
  const [first, ...others] = guide.options;
  if (first === undefined) return '';
  const scope = guide.scope === '' ? '' : ` (${escapeHtml(guide.scope)})`;
  const { title, when } = first;
  const own = `${when === '' ? '' : muted(when)}${stepsBlock(first, guide)}`;
  const rest = others.map((option) => `<li style="margin:2px 0">${escapeHtml(option.title)}</li>`);
  return section(
    `Repair${scope}: ${escapeHtml(title)}`,
    `${own}${rest.length === 0 ? '' : `${muted('Or:')}${list('ul', rest)}`}`,
  );
}

function stepsBlock(steps: GuideSteps, guide: Guide): string {
  const more = moreText(steps, guide);
  return `${list('ol', steps.steps.map(stepItem))}${more === '' ? '' : muted(`… ${more}`)}`;
}

function muted(text: string): string {
  return `<p class="muted" style="margin:2px 0;${MUTED}">${escapeHtml(text)}</p>`;
}

function list(tag: 'ol' | 'ul', items: readonly string[]): string {
  return items.length === 0 ? '' : `<${tag} style="margin:4px 0;padding-left:22px">${items.join('')}</${tag}>`;
}

function commandBlock(command: string): string {
  return `<pre class="command" style="${COMMAND}">${escapeHtml(command)}</pre>`;
}

function stepItem({ number, text, command, risk }: GuideStep): string {
  return [
    `<li style="margin:2px 0"${number === 0 ? '' : ` value="${number}"`}>${escapeHtml(text)}`,
    command === undefined ? '' : commandBlock(command),
    risk === undefined ? '' : `<div class="risk" style="font-size:12px;color:#8a5a00">Risk: ${escapeHtml(risk)}</div>`,
    '</li>',
  ].join('');
}
