// The page behind the link in a message that acknowledges: no script, nothing loaded.
import { createHash } from 'node:crypto';
import { html } from 'hono/html';
import type { IncidentView } from '../read/views.ts';

/** What the page says. */
export interface AcknowledgePage {
  readonly title: string;
  readonly lines: readonly string[];
  /** What it is about, where that is known. */
  readonly incident?: IncidentView | undefined;
  /** The page of the incident or the digest. */
  readonly page?: string | undefined;
  /** The label of the button; without one there is nothing to press. */
  readonly button?: string;
}

/** The longest name that a person may give. */
export const MAX_NAME_CHARACTERS = 80;

const STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #5a6270; --ground: #f4f5f7; --card: #fff; --line: #8a93a0; --act: #0b57d0; --on: #fff }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8eaed; --soft: #a9b1bd; --ground: #14171b; --card: #1e2228; --line: #6b7480; --act: #8ab4f8; --on: #0b1626 }
}
* { box-sizing: border-box }
body { margin: 0; padding: 16px; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif }
main { max-width: 560px; margin: 0 auto; padding: 20px; background: var(--card); border-radius: 8px; overflow-wrap: anywhere }
h1 { margin: 0 0 12px; font-size: 22px; line-height: 1.3 }
p { margin: 0 0 12px }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 16px; margin: 0 0 16px }
dt, small { color: var(--soft) }
dd { margin: 0 }
label { display: block; margin: 0 0 16px }
input { display: block; width: 100%; min-height: 44px; padding: 8px 10px; border: 1px solid var(--line); border-radius: 6px; background: transparent; color: inherit; font: inherit }
button { min-height: 48px; width: 100%; border: 0; border-radius: 6px; background: var(--act); color: var(--on); font: inherit; font-weight: 600; cursor: pointer }
a { color: var(--act) }
:focus-visible { outline: 3px solid var(--act); outline-offset: 2px }
`;

/** Nothing is loaded or run, no page frames it, and none that it links to sees the link. */
export const ACKNOWLEDGE_HEADERS = {
  'content-security-policy': [
    "default-src 'none'",
    `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'referrer-policy': 'no-referrer',
  'x-robots-tag': 'noindex',
} as const;

/** The page as HTML. */
export function acknowledgePage({ title, lines, incident, page, button }: AcknowledgePage) {
  return html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title} · Foghorn</title>
<style>${STYLE}</style></head>
<body><main>
<h1>${title}</h1>
${incident === undefined ? '' : facts(incident)}
${lines.map((line) => html`<p>${line}</p>`)}
${button === undefined ? '' : form(button)}
${page === undefined ? '' : html`<p><a href="${page}">Open it in the console</a> <small>(log-in)</small></p>`}
</main></body></html>`;
}

function form(button: string) {
  return html`<form method="post">
<label>Your name, for the others <input name="name" maxlength="${MAX_NAME_CHARACTERS}" autocomplete="name"></label>
<p><button>${button}</button></p>
</form>`;
}

function facts({ title, host, params, severity, opened }: IncidentView) {
  const port = params['port'];
  const rows = [
    ['What', title],
    ['Where', port === undefined ? host : `${host}, port ${port}`],
    ['Severity', severity],
    ['Since', timeText(opened)],
  ];
  return html`<dl>${rows.map(([label, value]) => html`<dt>${label}</dt><dd>${value}</dd>`)}</dl>`;
}

/** E.g. `2026-03-01 10:00:00 UTC`. */
export function timeText(time: string | number): string {
  return `${new Date(time).toISOString().slice(0, -5).replace('T', ' ')} UTC`;
}
