// A person on call at the console with the keyboard alone: every task of a shift, from the link of
// a message to what was not delivered.
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { PEOPLE } from './console-pages.ts';
import { LIMIT_MS, until } from './until.ts';

/** What the shift is about. */
export interface Shift {
  /** The page that a message leads to. */
  readonly link: string;
  /** The host to work on, and what its name begins with. */
  readonly host: string;
  /** The beginning of the names of two other hosts, for what is done to many. */
  readonly others: string;
  untilState(host: string, state: string): Promise<void>;
}

/** Goes on with Tab, or another key, until what has the focus matches. Fails when nothing does. */
async function tabTo(page: Page, selector: string, key = 'Tab'): Promise<void> {
  const isThere = `document.activeElement?.matches(${JSON.stringify(selector)}) === true`;
  for (let tabs = 0; tabs < 200; tabs += 1) {
    await page.keyboard.press(key);
    if (await page.evaluate<boolean>(isThere)) return;
  }
  assert.fail(`${page.url()}: Tab does not lead to ${selector}`);
}

/** Two keys within a moment; a slow machine may need more tries. */
async function goWith(page: Page, key: string, path: string): Promise<void> {
  await until(
    path,
    async () => {
      await page.keyboard.press('g');
      await page.keyboard.press(key);
      return new URL(page.url()).pathname === path;
    },
    LIMIT_MS,
  );
}

async function filterBy(page: Page, words: string): Promise<void> {
  await page.keyboard.press('/');
  await page.keyboard.press('Control+A');
  await page.keyboard.type(words);
  await page.keyboard.press('Enter');
}

/** The whole shift. Each incident is left open. */
export async function workByKeyboard(page: Page, shift: Shift): Promise<void> {
  await logIn(page, shift);
  await filter(page, shift);
  await repair(page, shift);
  await resolveAndTakeBack(page, shift);
  await manyAndTakeBack(page, shift);
  await silence(page, shift);
  await tryAgain(page);
  await lookUp(page);
}

async function logIn(page: Page, { link, host }: Shift): Promise<void> {
  await page.goto(link);
  await page.getByLabel('Name').waitFor();
  await page.keyboard.type('kim');
  await page.keyboard.press('Tab');
  await page.keyboard.type(PEOPLE.kim.token);
  await page.keyboard.press('Enter');
  await page.locator('.row', { hasText: host }).waitFor();
  assert.equal(new URL(page.url()).pathname, link, 'the page that was asked for');
}

async function filter(page: Page, { host }: Shift): Promise<void> {
  const [name = ''] = host.split('.');
  await goWith(page, 'i', '/');
  await page.locator('.row').first().waitFor();
  if (await page.locator('.to-facets').isVisible()) {
    await tabTo(page, '.to-facets');
    await page.keyboard.press('Enter');
    await page.locator('.sheet').waitFor();
    await tabTo(page, '.facets li button');
    await page.keyboard.press('Escape');
  } else {
    await page.keyboard.press('f');
    await tabTo(page, '.facets li button');
  }
  await filterBy(page, `state:open host:${name}*`);
  await page.locator('.counts', { hasText: /^1 open.* on 1 host$/u }).waitFor();
  await page.locator('.row', { hasText: host }).waitFor();
  assert.ok(page.url().includes(name), 'the filter stands in the address');
}

async function repair(page: Page, { host, untilState }: Shift): Promise<void> {
  await page.keyboard.press('j');
  await page.keyboard.press('a');
  await page.locator('.row .state.acknowledged').waitFor();
  await untilState(host, 'acknowledged');
  await page.keyboard.press('Enter');
  await page.locator('.host-events .events', { hasText: 'World Wide Web Publishing Service' }).first().waitFor();
  await page.locator('.holder', { hasText: 'HTTP.sys' }).waitFor();
  await tabTo(page, '.tabs [role=tab]');
  await page.keyboard.press('ArrowRight');
  await tabTo(page, '.steps input');
  await page.keyboard.press('Space');
  await page.locator('.steps .done', { hasText: 'done by kim' }).waitFor();
  await page.reload();
  await page.locator('#option-1[aria-selected=true]', { hasText: /\(1 of \d+ done\)$/u }).waitFor();
  await tabTo(page, '.with-button button');
  await page.keyboard.press('Enter');
  await page.locator('.timeline .probed', { hasText: 'asked the port' }).waitFor();
  await nameOwner(page);
  await addWhatHappened(page);
  await page.keyboard.press('n');
  await page.locator('.act-panel textarea:focus').waitFor();
  await page.keyboard.type('IIS holds it');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.locator('.timeline .quote', { hasText: 'IIS holds it' }).first().waitFor();
}

/** By what netstat printed, here of somebody who speaks German. */
async function nameOwner(page: Page): Promise<void> {
  await tabTo(page, '.netstat summary', 'Shift+Tab');
  await page.keyboard.press('Enter');
  await tabTo(page, '.netstat textarea');
  await page.keyboard.type('TCP    0.0.0.0:80    0.0.0.0:0    ABHÖREN    4');
  await page.locator('.netstat', { hasText: 'The system process (PID 4), most likely HTTP.sys, listens on' }).waitFor();
  await tabTo(page, '.netstat button:not(.copy)');
  await page.keyboard.press('Enter');
  await page.locator('.timeline .quote', { hasText: 'listens on TCP 0.0.0.0:80' }).waitFor();
}

async function addWhatHappened(page: Page): Promise<void> {
  await tabTo(page, '.timeline .add');
  await page.keyboard.press('Enter');
  await page.locator('.timeline [name=text]:focus').waitFor();
  await page.keyboard.type('W3SVC was started by hand');
  await page.keyboard.press('Enter');
  await page.locator('.timeline .entry', { hasText: 'W3SVC was started by hand added by kim' }).waitFor();
}

async function resolveAndTakeBack(page: Page, { host, untilState }: Shift): Promise<void> {
  await page.keyboard.press('e');
  await page.locator('.act-panel input:focus').waitFor();
  await page.keyboard.press('Enter');
  await page.locator('.toast', { hasText: 'Resolved.' }).waitFor();
  await untilState(host, 'resolved');
  await page.keyboard.press('u');
  await untilState(host, 'open');
  await page.keyboard.press('Escape');
}

async function manyAndTakeBack(page: Page, { others, untilState }: Shift): Promise<void> {
  await goWith(page, 'i', '/');
  await page.locator('.row').first().waitFor();
  await filterBy(page, `state:open,acknowledged host:${others}*`);
  await page.locator('.counts', { hasText: 'on 2 hosts' }).waitFor();
  await page.keyboard.press('*');
  await page.keyboard.press('a');
  await page.locator('.act-panel', { hasText: '2 error on 2 hosts' }).locator('input:focus').waitFor();
  await page.keyboard.press('Enter');
  await page.locator('.toast', { hasText: 'Acknowledged: 2 of 2 done' }).waitFor();
  await page.keyboard.press('u');
  await page.getByText('Acknowledgement taken back: 2 of 2 done').waitFor();
  for (const name of ['0', '1']) await untilState(`${others}${name}.example.org`, 'open');
  await page.keyboard.press('Escape');
}

async function silence(page: Page, { host }: Shift): Promise<void> {
  const [name = ''] = host.split('.');
  await filterBy(page, `state:open host:${name}*`);
  await page.locator('.row', { hasText: host }).waitFor();
  await page.locator('.counts', { hasText: 'on 1 host' }).waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('s');
  await page.locator('.form', { hasText: 'Matches 1 unresolved' }).waitFor();
  await tabTo(page, '[name=comment]');
  await page.keyboard.type(`maintenance of ${name}`);
  await page.keyboard.press('Enter');
  const row = page.locator('.table tr.active', { hasText: `maintenance of ${name}` });
  await until(
    'the silence is listed',
    async () => {
      // The indexer follows: the page is asked for again.
      if ((await row.count()) > 0) return true;
      await goWith(page, 'c', '/catalogue');
      await goWith(page, 's', '/silences');
      await page.locator('.table').waitFor();
      return (await row.count()) > 0;
    },
    LIMIT_MS,
  );
  await tabTo(page, 'tr.active .actions button');
  await page.keyboard.press('Enter');
  await row.waitFor({ state: 'detached' });
}

async function tryAgain(page: Page): Promise<void> {
  await goWith(page, 'd', '/deliveries');
  await page.locator('.table').first().waitFor();
  await tabTo(page, '.actions button');
  await page.keyboard.press('Enter');
  await page.getByRole('status').filter({ hasText: 'tried again' }).waitFor();
}

async function lookUp(page: Page): Promise<void> {
  await goWith(page, 'c', '/catalogue');
  await page.locator('.index li').nth(10).waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('WMServer 309 port');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.locator('.entry-page h2').waitFor();
  assert.match(page.url(), /\/catalogue\/wmserver-/u);
}
