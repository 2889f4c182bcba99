// The console in a real Chromium on one whole Foghorn: every page and state at three widths, what
// an attacker wrote, what a person on call does with the keyboard alone and with many incidents,
// another person beside, and parts of it away. Each part leaves the incidents open for the next.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { sendAll } from '../support/agent.ts';
import { violationsIn } from '../support/axe.ts';
import { missingChromium, startBrowser } from '../support/browser.ts';
import { askApi, type Listed, PEOPLE, sendUntil, startPagesFleet, visit } from '../support/console-pages.ts';
import { portInUse, serviceState, type StoryEvent, storyEvent } from '../support/console-story.ts';
import type { Fleet } from '../support/fleet.ts';
import { skipWithout } from '../support/needs.ts';
import { HOSTILE } from '../support/notifications.ts';
import { requiredEnv } from '../support/servers.ts';
import { createTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';

const skip = skipWithout('chromium', missingChromium);
const LIMIT_MS = 120_000;
const COUNT = 12;
const hostOf = (index: number): string => `media${String(index).padStart(2, '0')}.example.org`;
const PORT_TAKEN = Array.from({ length: COUNT }, (_, index) => portInUse(hostOf(index), 80, Date.now()));
const CHANGE = serviceState(hostOf(3), 'World Wide Web Publishing Service', 'running', Date.now() - 240_000);

/** Texts of an attacker; those that are long add only length to a page. */
const TEXTS = Object.values(HOSTILE).filter((text) => text !== '' && text.length < 2000);
/** What no XML can hold stays out of events. */
const NAMES = TEXTS.map((text) => text.replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd]/gu, ''));
const EVIL = NAMES.map(
  (name, index): StoryEvent => ({
    provider: 'Service Control Manager',
    eventId: 7023,
    level: 2,
    channel: 'System',
    host: `evil${index}.example.org`,
    message: `The ${name} service terminated with the following error: Only one usage of each socket address is permitted.`,
    data: [name, '%%10048'],
    atMs: Date.now(),
  }),
);

interface Stage {
  readonly fleet: Fleet;
  readonly browser: Browser;
  /** Between Foghorn and Elasticsearch. */
  readonly proxy: TcpProxy;
}

test('the pages of the console', { skip }, async (t) => {
  const proxy = await createTcpProxy(new URL(requiredEnv('ELASTICSEARCH_URL')).host);
  t.after(async () => await proxy.close());
  const fleet = await startPagesFleet(t, { ELASTICSEARCH_URL: `http://${proxy.address}` });
  await sendUntil(fleet, [...PORT_TAKEN, CHANGE, ...EVIL].map(storyEvent), COUNT + EVIL.length);
  const stage = { fleet, browser: await startBrowser(t), proxy };
  for (const [name, part] of Object.entries(PARTS)) await t.test(name, async (own) => await part(stage, own));
});

const PARTS: Readonly<Record<string, (stage: Stage, t: TestContext) => Promise<void>>> = {
  'every page and state keeps nobody out and fits, at each width, light and dark': everyState,
  'what an attacker wrote is shown as it is, and does nothing': attackedPages,
  'log in, find, acknowledge, open, note, resolve and take it back, with the keyboard alone': byKeyboard,
  'all that match are acknowledged after a look at what it will be, and taken back': manyAtOnce,
  'two people: what one does the other sees in its place, and who may only look can press nothing': twoPeople,
  'a broken connection is shown with the age of what is seen, and mended by itself': brokenConnection,
  'without Elasticsearch the page says so and acting still works; with it all is shown again': elasticsearchAway,
};

/** The hosts of the rows in sight, from the top. */
async function hostsIn(page: Page): Promise<readonly string[]> {
  const rows = await page
    .locator('.row')
    .evaluateAll((all) =>
      all.map(
        (row) => [Number(row.getAttribute('aria-rowindex')), row.querySelector('.host')?.textContent ?? ''] as const,
      ),
    );
  return rows.toSorted(([left], [right]) => left - right).map(([, host]) => host);
}

async function stateOf(fleet: Fleet, host: string): Promise<Listed['incidents'][number] | undefined> {
  return (await askApi<Listed>(fleet, `/api/v1/incidents?host=${host}`)).incidents[0];
}

async function untilState(fleet: Fleet, host: string, state: string): Promise<void> {
  await until(`${host} is ${state}`, async () => (await stateOf(fleet, host))?.state === state, LIMIT_MS);
}

async function countOf(fleet: Fleet, filter: string): Promise<number> {
  return (await askApi<Listed>(fleet, `/api/v1/incidents?limit=1&q=${encodeURIComponent(filter)}`)).total;
}

interface State {
  readonly path: string;
  /** What is there when it is read. */
  readonly ready: string;
  prepare?(page: Page): Promise<void>;
}

function states(id: string): readonly State[] {
  const pressed =
    (...keys: readonly string[]) =>
    async (page: Page): Promise<void> => {
      for (const key of keys) await page.keyboard.press(key);
    };
  return [
    { path: '/', ready: '.row' },
    { path: '/', ready: '.row', prepare: pressed('*') },
    { path: '/', ready: '.row', prepare: pressed('j', 'z') },
    { path: '/', ready: '.row', prepare: pressed('?') },
    { path: '/incidents?group=rule,port,holder', ready: '.row.group' },
    { path: '/incidents?host=nowhere', ready: '.empty' },
    { path: `/incidents?open=${id}`, ready: '.panel .host-events' },
    { path: `/incidents/${id}`, ready: '.host-events' },
    { path: '/incidents/nothing', ready: '.empty' },
    { path: `/hosts/${hostOf(3)}`, ready: '.row' },
    { path: '/g/nothing', ready: '.empty' },
    { path: `/silences/new?matcher=${encodeURIComponent('host="media01.example.org"')}`, ready: '.form' },
    { path: '/deliveries', ready: '.empty' },
    { path: '/catalogue', ready: '.index li' },
    { path: '/catalogue/wmserver-309-port-in-use', ready: '.entry-page' },
    { path: '/sources', ready: '.table' },
    { path: '/nowhere', ready: '.empty' },
  ];
}

const WIDTHS = [
  { width: 1440, height: 900, colorScheme: 'light' },
  { width: 1024, height: 768, colorScheme: 'dark' },
  { width: 390, height: 844, colorScheme: 'dark' },
] as const;

async function everyState({ fleet, browser }: Stage): Promise<void> {
  const { id = '' } = (await stateOf(fleet, hostOf(3))) ?? {};
  const { page, faults } = await visit(browser, fleet, { name: 'kim', reducedMotion: 'reduce' });
  const found: string[] = [];
  for (const { path, ready, prepare } of states(id)) {
    await page.setViewportSize(WIDTHS[0]);
    await page.goto(path);
    await page.locator(ready).first().waitFor();
    await prepare?.(page);
    for (const { width, height, colorScheme } of WIDTHS) {
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme });
      await page.locator('#main').waitFor();
      const over = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
      const violations = width === 1024 ? [] : await violationsIn(page);
      for (const line of [...violations, ...(over > 0 ? [`${over} pixels wider than the window`] : [])])
        found.push(`${path} ${width} ${colorScheme}: ${line}`);
    }
  }
  assert.deepEqual(found, []);
  assert.deepEqual(faults, [], 'nothing went wrong, and no request left the origin');
  await page.context().close();
}

async function attackedPages({ fleet, browser }: Stage): Promise<void> {
  const { incidents } = await askApi<Listed>(fleet, '/api/v1/incidents?host=evil*&limit=100&sort=host');
  const post = async (path: string, body: object): Promise<void> => {
    const headers = { authorization: `Bearer ${PEOPLE.kim.token}`, 'content-type': 'application/json' };
    const url = `${fleet.consoleUrl}${path}?wait=10000`;
    const { ok, status } = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
    assert.ok(ok, `${path}: ${status}`);
  };
  await Promise.all(
    incidents.map(async ({ id }, index) => {
      await post(`/api/v1/incidents/${id}/note`, { text: TEXTS[index] ?? '' });
      await post(`/api/v1/incidents/${id}/assign`, { assignee: NAMES[index] ?? '' });
    }),
  );
  const [evil = ''] = NAMES.filter((name) => name.includes('<script>'));
  const endsAt = new Date(Date.now() + 3_600_000).toISOString();
  await post('/api/v1/silences', { matchers: ['host="nobody"'], comment: evil, endsAt });
  const { page, faults } = await visit(browser, fleet, { name: 'kim' });
  page.on('dialog', (dialog) => assert.fail(`a dialog: ${dialog.message()}`));
  const typed = encodeURIComponent(evil);
  const paths = [
    '/incidents?host=evil*',
    '/silences',
    `/incidents?q=${typed}`,
    `/hosts/${typed.replaceAll('%2F', '')}`,
    `/sources?host=${typed}`,
    ...incidents.map(({ id }) => `/incidents/${id}`),
  ];
  for (const path of paths) {
    await page.goto(path);
    await page.locator('.row, .empty, .problem, .incident-head, .table').first().waitFor();
    const alive = await page.evaluate<readonly string[]>(
      `[...document.querySelectorAll('#app script, #app img, #app iframe, #app object, #app [onerror], #app a[href^="javascript:" i]')].map((it) => it.outerHTML)`,
    );
    assert.deepEqual(alive, [], path);
    if (path.startsWith('/incidents/')) await page.locator('.quote', { hasText: 'Zebra' }).waitFor();
  }
  assert.deepEqual(faults, []);
  await page.context().close();
}

async function byKeyboard({ fleet, browser }: Stage): Promise<void> {
  const { page, faults } = await visit(browser, fleet, { name: 'kim' });
  const { keyboard } = page;
  await page.context().clearCookies();
  await page.goto('/incidents?sort=host');
  await page.getByLabel('Name').waitFor();
  await keyboard.type('kim');
  await keyboard.press('Tab');
  await keyboard.type(PEOPLE.kim.token);
  await keyboard.press('Enter');
  await page.locator('.row', { hasText: hostOf(3) }).waitFor();
  await keyboard.press('/');
  await keyboard.press('End');
  await keyboard.type(' host:media03*');
  await keyboard.press('Enter');
  await page.locator('.counts', { hasText: /^1 open.* on 1 host$/u }).waitFor();
  await page.locator('.row', { hasText: hostOf(3) }).waitFor();
  assert.deepEqual(await hostsIn(page), [hostOf(3)]);
  assert.match(page.url(), /media03/u, 'the filter stands in the address');
  await keyboard.press('j');
  await keyboard.press('a');
  await page.locator('.row .state.acknowledged').waitFor();
  await untilState(fleet, hostOf(3), 'acknowledged');
  assert.equal((await stateOf(fleet, hostOf(3)))?.acknowledgedBy, 'kim');
  await keyboard.press('Enter');
  await page.locator('.host-events .events', { hasText: 'World Wide Web Publishing Service' }).first().waitFor();
  await keyboard.press('n');
  await page.locator('.act-panel textarea:focus').waitFor();
  await keyboard.type('IIS holds it');
  await keyboard.press('Tab');
  await keyboard.press('Enter');
  await page.locator('.timeline .quote', { hasText: 'IIS holds it' }).waitFor();
  await keyboard.press('e');
  await page.locator('.act-panel input:focus').waitFor();
  await keyboard.press('Enter');
  await page.locator('.toast', { hasText: 'Resolved.' }).waitFor();
  await untilState(fleet, hostOf(3), 'resolved');
  await keyboard.press('u');
  await untilState(fleet, hostOf(3), 'open');
  await keyboard.press('Escape');
  await until('the catalogue', async () => {
    // Two keys within a moment: a slow machine may need more tries.
    await keyboard.press('g');
    await keyboard.press('c');
    return page.url().endsWith('/catalogue');
  });
  await page.locator('.index li').nth(10).waitFor();
  await keyboard.press('/');
  await keyboard.type('WMServer 309 port');
  await keyboard.press('Tab');
  await keyboard.press('Enter');
  await page.locator('.entry-page h2').waitFor();
  assert.match(page.url(), /\/catalogue\/wmserver-/u);
  assert.deepEqual(faults, []);
  await page.context().close();
}

async function manyAtOnce({ fleet, browser }: Stage): Promise<void> {
  const { page, faults } = await visit(browser, fleet, { name: 'kim', path: '/incidents?host=media0*' });
  await page.locator('.row').first().waitFor();
  await page.keyboard.press('*');
  await page.getByRole('toolbar', { name: 'What is selected' }).getByRole('button', { name: 'Acknowledge' }).click();
  const panel = page.getByRole('dialog');
  await panel.getByText('10 error on 10 hosts').waitFor();
  await panel.getByLabel('Why').fill('the same cause');
  await panel.getByRole('button', { name: 'Acknowledge' }).click();
  await page.locator('.toast', { hasText: 'Acknowledged: 10 of 10 done' }).waitFor();
  const countsAs = async (filter: string, expected: number): Promise<void> =>
    void (await until(filter, async () => (await countOf(fleet, filter)) === expected, LIMIT_MS));
  await countsAs('state:acknowledged host:media*', 10);
  assert.equal(await countOf(fleet, 'state:open host:media*'), 2, 'the others are as they were');
  await page.keyboard.press('u');
  await page.getByText('Acknowledgement taken back: 10 of 10 done').waitFor();
  await countsAs('state:open host:media*', COUNT);
  assert.deepEqual(faults, []);
  await page.context().close();
}

async function twoPeople({ fleet, browser }: Stage): Promise<void> {
  const paths = { kim: '/incidents?q=host:media*&sort=host', robin: '/incidents?q=host:media*&sort=-updated' };
  const kim = await visit(browser, fleet, { name: 'kim', path: paths.kim });
  const robin = await visit(browser, fleet, { name: 'robin', path: paths.robin });
  const viewer = await visit(browser, fleet, { name: 'viewer', path: paths.kim });
  const all = [kim, robin, viewer];
  for (const { page } of all) {
    await page
      .locator('.row')
      .nth(COUNT - 1)
      .waitFor();
    await page.locator('.live.live').waitFor();
  }
  const before = await hostsIn(robin.page);
  const rowOf = (page: Page) => page.locator('.row', { hasText: hostOf(5) });
  await rowOf(kim.page).hover();
  await rowOf(kim.page).getByRole('button', { name: 'To me' }).click();
  await rowOf(robin.page).locator('.owner', { hasText: 'kim' }).waitFor();
  assert.deepEqual(await hostsIn(robin.page), before, 'no row has moved, although the order is by the latest change');
  await rowOf(viewer.page).hover();
  assert.equal(await rowOf(viewer.page).getByRole('button').count(), 0, 'who may only look sees no button');
  for (const { page, faults } of all) {
    assert.deepEqual(faults, []);
    await page.context().close();
  }
}

async function brokenConnection({ fleet, browser }: Stage): Promise<void> {
  const before = await countOf(fleet, 'state:open');
  const { page } = await visit(browser, fleet, { name: 'kim' });
  await page.locator('.live.live').waitFor();
  await page.locator('.counts', { hasText: `${before} open` }).waitFor();
  await fleet.services.console.kill();
  await page.getByText('The connection to the console is lost').waitFor();
  await sendAll(fleet.eventsUrl, [storyEvent(portInUse('late.example.org', 80, Date.now()))], LIMIT_MS);
  await fleet.services.console.start();
  await page.locator('.live.live').waitFor();
  await page.locator('.counts', { hasText: `${before + 1} open` }).waitFor();
  await page.context().close();
}

async function elasticsearchAway({ fleet, browser, proxy }: Stage): Promise<void> {
  const { page } = await visit(browser, fleet, { name: 'kim', path: `/incidents?host=${hostOf(1)}` });
  await page.locator('.row').waitFor();
  proxy.cut();
  await page.keyboard.press('.');
  await page.getByRole('alert').getByText('changes are still taken').waitFor();
  assert.deepEqual(await hostsIn(page), [hostOf(1)], 'what was read stays');
  await page.keyboard.press('j');
  await page.keyboard.press('a');
  await page.locator('.toast', { hasText: 'Acknowledged.' }).waitFor();
  proxy.resume();
  await page.locator('.row .state.acknowledged').waitFor();
  await page.getByRole('alert').waitFor({ state: 'detached' });
  await untilState(fleet, hostOf(1), 'acknowledged');
}
