// Every page and state of the console in a real Chromium: nobody is kept out (WCAG 2.2 AA by
// axe-core), nothing leaves the origin, and nothing that an attacker wrote comes alive.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { missingChromium, startBrowser } from '../support/browser.ts';
import {
  askApi,
  type Listed,
  PEOPLE,
  sendUntil,
  startPagesFleet,
  violationsIn,
  visit,
} from '../support/console-pages.ts';
import { consoleStory, storyEvent } from '../support/console-story.ts';
import type { Fleet } from '../support/fleet.ts';
import { skipWithout } from '../support/needs.ts';
import { HOSTILE } from '../support/notifications.ts';
import { until } from '../support/until.ts';

const skip = skipWithout('chromium', missingChromium);
const SERVERS = 9;
/** One of each server, three with HTTP.sys, three of other services. */
const LEAST = SERVERS;

const WIDTHS = {
  desktop: { width: 1440, height: 900 },
  tablet: { width: 1024, height: 768 },
  phone: { width: 390, height: 844 },
};

async function anIncidentId(fleet: Fleet): Promise<string> {
  const { incidents } = await askApi<Listed>(fleet, '/api/v1/incidents?rule=wmserver-309*&sort=host&limit=1');
  return incidents[0]?.id ?? '';
}

/** Opens a page, brings it into a state, and gives what axe-core finds and what went wrong. */
async function look(
  { browser, fleet }: { readonly browser: Browser; readonly fleet: Fleet },
  { path, size, isDark, prepare }: State & { readonly size: keyof typeof WIDTHS; readonly isDark: boolean },
): Promise<readonly string[]> {
  const { page, faults } = await visit(browser, fleet, {
    name: 'kim',
    path,
    viewport: WIDTHS[size],
    colorScheme: isDark ? 'dark' : 'light',
  });
  await page.locator('.row, .incident-head, .empty, .table, .form').first().waitFor();
  await prepare?.(page);
  const wide = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
  const found = [
    ...(await violationsIn(page)),
    ...faults,
    ...(wide > 0 ? [`${wide} pixels wider than the window`] : []),
  ];
  await page.context().close();
  return found.map((line) => `${path} ${size} ${isDark ? 'dark' : 'light'}: ${line}`);
}

interface State {
  readonly path: string;
  prepare?(page: Page): Promise<void>;
}

test('every page and state keeps nobody out, at each width, light and dark', { skip }, async (t) => {
  const fleet = await startPagesFleet(t);
  await sendUntil(fleet, consoleStory(Date.now(), SERVERS), LEAST);
  const id = await until('an incident', async () => (await anIncidentId(fleet)) || undefined);
  const browser = await startBrowser(t);
  const states: readonly State[] = [
    { path: '/' },
    { path: '/incidents?host=nowhere' },
    { path: '/', prepare: async (page) => await page.keyboard.press('*') },
    { path: '/', prepare: async (page) => await page.keyboard.press('?') },
    {
      path: '/',
      prepare: async (page) => {
        await page.keyboard.press('j');
        await page.keyboard.press('z');
      },
    },
    { path: `/incidents?open=${id}` },
    { path: `/incidents/${id}` },
    { path: `/incidents/nothing` },
    { path: '/silences' },
    { path: `/silences/new?matcher=${encodeURIComponent('host="media01.example.org"')}` },
    { path: '/deliveries' },
    { path: '/nowhere' },
  ];
  const found: string[] = [];
  for (const [index, state] of states.entries())
    for (const size of Object.keys(WIDTHS) as (keyof typeof WIDTHS)[])
      found.push(...(await look({ browser, fleet }, { ...state, size, isDark: index % 2 === 1 })));
  const { page } = await visit(browser, fleet, { name: 'viewer' });
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByLabel('Token').waitFor();
  found.push(...(await violationsIn(page)));
  assert.deepEqual(found, []);
});

test('what an attacker wrote into events and notes is shown as it is, and does nothing', { skip }, async (t) => {
  const fleet = await startPagesFleet(t);
  const texts = Object.values(HOSTILE).filter((text) => text !== '' && text.length < 2000);
  // What no XML can hold goes into the notes alone.
  const names = texts.map((text) => text.replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd]/gu, ''));
  const events = names.map((name, index) =>
    storyEvent({
      provider: 'Service Control Manager',
      eventId: 7023,
      level: 2,
      channel: 'System',
      host: `evil${index}.example.org`,
      message: `The ${name} service terminated with the following error: ${name}`,
      data: [name, name],
      atMs: Date.now(),
    }),
  );
  await sendUntil(fleet, events, events.length);
  const { incidents } = await askApi<Listed>(fleet, '/api/v1/incidents?limit=100');
  const post = async (path: string, body: object): Promise<void> => {
    const headers = { authorization: `Bearer ${PEOPLE.kim.token}`, 'content-type': 'application/json' };
    const { status } = await fetch(`${fleet.consoleUrl}${path}?wait=10000`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    assert.equal(status, 200, path);
  };
  for (const [index, { id }] of incidents.entries()) {
    await post(`/api/v1/incidents/${id}/note`, { text: texts[index] ?? '' });
    await post(`/api/v1/incidents/${id}/assign`, { assignee: (names[index] ?? '').slice(0, 200) });
  }
  const browser = await startBrowser(t);
  const { page, faults } = await visit(browser, fleet, { name: 'kim' });
  page.on('dialog', (dialog) => assert.fail(`a dialog: ${dialog.message()}`));
  const paths = [
    '/',
    ...incidents.map(({ id }) => `/incidents/${id}`),
    `/incidents?text=Zebra&open=${incidents[0]?.id}`,
  ];
  for (const path of paths) {
    await page.goto(path);
    await page.getByText('Zebra').first().waitFor();
    const alive = await page.evaluate<readonly string[]>(
      `[...document.querySelectorAll('#app script, #app img, #app iframe, #app object, #app [onerror], #app a[href^="javascript:" i]')].map((it) => it.outerHTML)`,
    );
    assert.deepEqual(alive, [], path);
  }
  assert.deepEqual(faults, []);
});
