// The console in a real Chromium on one whole Foghorn: every page and state at three widths, what
// an attacker wrote, what a person on call does with the keyboard alone and with many incidents,
// another person beside, and parts of it away. Each part leaves the incidents open for the next.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { AT_ONCE_ROUTE } from '../support/at-once.ts';
import { sendAll } from '../support/agent.ts';
import { violationsIn } from '../support/axe.ts';
import { missingChromium, startBrowser } from '../support/browser.ts';
import { askApi, type Listed, PEOPLE, sendUntil, startPagesFleet, visit } from '../support/console-pages.ts';
import { workByKeyboard } from '../support/console-keyboard.ts';
import { portInUse, serviceState, type StoryEvent, storyEvent } from '../support/console-story.ts';
import type { Fleet } from '../support/fleet.ts';
import { startHttpServer } from '../support/http-server.ts';
import { skipWithout } from '../support/needs.ts';
import { HOSTILE } from '../support/notifications.ts';
import { requiredEnv } from '../support/servers.ts';
import { createTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { LIMIT_MS, until } from '../support/until.ts';
import { digestPage, hook, startWebhookServer, type WebhookServer } from '../support/webhook-server.ts';

const skip = skipWithout('chromium', missingChromium);
const COUNT = 12;
const hostOf = (index: number): string => `media${String(index).padStart(2, '0')}.example.org`;
const PORT_TAKEN = Array.from({ length: COUNT }, (_, index) => portInUse(hostOf(index), 80, Date.now()));
/** The hosts on which a shift works, one for each width of the window. */
const WORKED_ON = [3, 6, 7];
const CHANGES = WORKED_ON.map((index) =>
  serviceState(hostOf(index), 'World Wide Web Publishing Service', 'running', Date.now() - 240_000),
);

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
    // Without a digit each is a value of its own in the facet of hosts.
    host: `evil${String.fromCodePoint(97 + index)}.example.org`,
    message: `The ${name} service terminated with the following error: Only one usage of each socket address is permitted.`,
    data: [name, '%%10048'],
    atMs: Date.now(),
  }),
);

interface Stage {
  readonly fleet: Fleet;
  readonly browser: Browser;
  /** The page of a digest about the media servers. */
  readonly digest: string;
  /** Between Foghorn and Elasticsearch. */
  readonly proxy: TcpProxy;
}

test('the pages of the console', { skip }, async (t) => {
  const proxy = await createTcpProxy(new URL(requiredEnv('ELASTICSEARCH_URL')).host);
  t.after(async () => await proxy.close());
  const taking = await startWebhookServer(t);
  const refusing = await startRefusing(t);
  const fleet = await startPagesFleet(t, {
    ELASTICSEARCH_URL: `http://${proxy.address}`,
    FOGHORN_NOTIFIER_RECEIVERS: JSON.stringify([hook(taking), hook({ url: refusing }, { name: 'tickets' })]),
    FOGHORN_NOTIFIER_ROUTE: JSON.stringify({
      ...AT_ONCE_ROUTE,
      receiver: 'hook',
      routes: [
        { matchers: ['host=~"evil.*"'], receiver: 'tickets' },
        { matchers: ['host=~"media.*"'], receiver: 'hook', group_by: ['rule'], group_wait: '5s', group_interval: '1s' },
      ],
    }),
    // Asked by people alone.
    FOGHORN_NOTIFIER_PROBE_NETWORKS: '127.0.0.0/8',
    FOGHORN_NOTIFIER_PROBE_INTERVAL_MS: '86400000',
    FOGHORN_NOTIFIER_PROBE_TIMEOUT_MS: '1000',
  });
  // One incident more: a receiver refuses.
  await sendUntil(fleet, [...PORT_TAKEN, ...CHANGES, ...EVIL].map(storyEvent), COUNT + EVIL.length + 1);
  await silenceNobody(fleet);
  const stage = { fleet, browser: await startBrowser(t), proxy, digest: await digestOf(fleet, taking) };
  for (const [name, part] of Object.entries(PARTS)) await t.test(name, async (own) => await part(stage, own));
});

const PARTS: Readonly<Record<string, (stage: Stage, t: TestContext) => Promise<void>>> = {
  'every page and state keeps nobody out and fits, at each width, light and dark': everyState,
  'what an attacker wrote is shown as it is, and does nothing': attackedPages,
  'a shift with the keyboard alone, at each width': byKeyboard,
  'all that match are acknowledged after a look at what it will be, and taken back': manyAtOnce,
  'two people: what one does the other sees in its place, and who may only look can press nothing': twoPeople,
  'a change that is taken and not done yet is pending on its row, and done when it is': notDoneYet,
  'a broken connection is shown with the age of what is seen, and mended by itself': brokenConnection,
  'without Elasticsearch the page says so and acting still works; with it all is shown again': elasticsearchAway,
};

/** A receiver that refuses each message for good, with what an attacker wrote. */
async function startRefusing(t: TestContext): Promise<string> {
  let requests = 0;
  return await startHttpServer(t, (_, response) => {
    response.writeHead(400, { 'content-type': 'text/plain; charset=utf-8' }).end(TEXTS[requests % TEXTS.length]);
    requests += 1;
  });
}

/** The address of a digest's page, when its incidents can be read. */
async function digestOf(fleet: Fleet, taking: WebhookServer): Promise<string> {
  return await until(
    'a digest about all media servers',
    async () => {
      const page = digestPage(taking);
      if (page === undefined) return undefined;
      return (await countOf(fleet, `group:${page.slice('/g/'.length)}`)) === COUNT ? page : undefined;
    },
    LIMIT_MS,
  );
}

async function post(fleet: Fleet, path: string, body: object): Promise<void> {
  const headers = { authorization: `Bearer ${PEOPLE.kim.token}`, 'content-type': 'application/json' };
  const url = `${fleet.consoleUrl}${path}?wait=30000`;
  const { ok, status } = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  assert.ok(ok, `${path}: ${status}`);
}

const SILENCE = 'the-silence-of-nobody';

/** A silence to look at, which ends before those that people make. */
async function silenceNobody(fleet: Fleet): Promise<void> {
  const endsAt = new Date(Date.now() + 1_800_000).toISOString();
  await post(fleet, '/api/v1/silences', { id: SILENCE, matchers: ['host="nobody"'], comment: 'nothing', endsAt });
  const silences = async () => await askApi<{ readonly total: number }>(fleet, '/api/v1/silences');
  await until('the silence is listed', async () => (await silences()).total === 1, LIMIT_MS);
}

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

function states(id: string, digest: string): readonly State[] {
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
    { path: '/', ready: '.row', prepare: pressed('Control+k') },
    { path: '/incidents?group=rule,port,holder', ready: '.row.group' },
    { path: '/incidents?columns=host,age', ready: '.row', prepare: clicked('.columns summary') },
    { path: '/', ready: '.row', prepare: clicked('.facets section:has(li:nth-child(7)) > .link:last-child') },
    { path: '/incidents?q=stat:open', ready: '.problem' },
    { path: '/incidents?host=nowhere', ready: '.conditions .muted' },
    { path: '/incidents?group=', ready: '.row .spark' },
    { path: '/', ready: '.row', prepare: clicked('.export summary') },
    { path: `/incidents?open=${id}`, ready: '.panel .host-events' },
    { path: `/incidents/${id}`, ready: '.host-events' },
    { path: `/incidents/${id}`, ready: '.netstat', prepare: clicked('.netstat summary') },
    { path: `/incidents/${id}`, ready: '.timeline .add', prepare: clicked('.timeline .add') },
    { path: '/incidents/nothing', ready: '.empty' },
    { path: `/hosts/${hostOf(3)}`, ready: '.row' },
    { path: digest, ready: '.row' },
    { path: '/g/nothing', ready: '.empty' },
    { path: `/incidents/${id}#timeline`, ready: '#timeline:target' },
    { path: '/silences', ready: '.table' },
    { path: `/silences/new?id=${SILENCE}`, ready: '.form' },
    { path: `/silences/new?matcher=${encodeURIComponent('host="media01.example.org"')}`, ready: '.form' },
    { path: '/deliveries', ready: '.table', prepare: clicked('.table .actions button') },
    { path: '/catalogue', ready: '.index li' },
    { path: '/catalogue/wmserver-309-port-in-use', ready: '.entry-page' },
    { path: '/sources', ready: '.table' },
    { path: '/handover', ready: '.handover .table' },
    { path: '/nowhere', ready: '.empty' },
  ];
}

/** Of who may only look. */
function statesOfViewer(id: string): readonly State[] {
  return [
    { path: '/', ready: '.row' },
    { path: `/incidents/${id}`, ready: '.host-events' },
    { path: `/hosts/${hostOf(3)}`, ready: '.host-facts' },
    { path: '/silences/new', ready: '.table' },
    { path: '/deliveries', ready: '.table' },
  ];
}

function clicked(selector: string): (page: Page) => Promise<void> {
  return async (page) => await page.locator(selector).first().click();
}

const WIDTHS = [
  { width: 1440, height: 900, colorScheme: 'light' },
  { width: 1024, height: 768, colorScheme: 'dark' },
  { width: 390, height: 844, colorScheme: 'dark' },
] as const;

async function everyState({ fleet, browser, digest }: Stage): Promise<void> {
  const { id = '' } = (await stateOf(fleet, hostOf(3))) ?? {};
  const found: string[] = [];
  for (const [name, all] of [
    ['kim', states(id, digest)],
    ['viewer', statesOfViewer(id)],
  ] as const) {
    const { page, faults } = await visit(browser, fleet, { name, reducedMotion: 'reduce' });
    for (const { path, ready, prepare } of all) {
      await page.setViewportSize(WIDTHS[0]);
      await page.goto(path);
      await page.locator(ready).first().waitFor();
      await prepare?.(page);
      found.push(...(await faultsAtEachWidth(page, path)));
      if (name === 'viewer') assert.deepEqual(await changingIn(page), [], path);
    }
    if (name === 'viewer') {
      await page.context().clearCookies();
      await page.goto('/login');
      await page.getByLabel('Name').fill('kim');
      await page.getByLabel('Token').fill('a token of nobody');
      await page.keyboard.press('Enter');
      await page.locator('[role=alert]:not([hidden])').waitFor();
      found.push(...(await faultsAtEachWidth(page, '/login')));
    }
    assert.deepEqual(faults, [], 'nothing went wrong, and no request left the origin');
    await page.context().close();
  }
  assert.deepEqual(found, []);
}

async function faultsAtEachWidth(page: Page, path: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { width, height, colorScheme } of WIDTHS) {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme });
    await page.locator('#app > *').first().waitFor();
    const over = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
    const violations = width === 1024 ? [] : await violationsIn(page);
    for (const line of [...violations, ...(over > 0 ? [`${over} pixels wider than the window`] : [])])
      found.push(`${path} ${width} ${colorScheme}: ${line}`);
  }
  return found;
}

/** Buttons and links that lead to a change. */
async function changingIn(page: Page): Promise<readonly string[]> {
  return await page
    .locator('button, a.button')
    .filter({ hasText: /^(?:Ack|Add|To me|Assign|Snooze|Resolve|Note|Silence|New|End|Change|Keep|Try|Ask)/u })
    .allTextContents();
}

async function attackedPages({ fleet, browser }: Stage): Promise<void> {
  const { incidents } = await askApi<Listed>(fleet, '/api/v1/incidents?host=evil*&limit=100&sort=host');
  await Promise.all(
    incidents.map(async ({ id }, index) => {
      await post(fleet, `/api/v1/incidents/${id}/note`, { text: TEXTS[index] ?? '' });
      await post(fleet, `/api/v1/incidents/${id}/assign`, { assignee: NAMES[index] ?? '' });
    }),
  );
  const [evil = ''] = NAMES.filter((name) => name.includes('<script>'));
  const endsAt = new Date(Date.now() + 1_800_000).toISOString();
  await post(fleet, '/api/v1/silences', { matchers: ['host="nobody"'], comment: evil, endsAt });
  const { page, faults } = await visit(browser, fleet, { name: 'kim' });
  page.on('dialog', (dialog) => assert.fail(`a dialog: ${dialog.message()}`));
  const typed = encodeURIComponent(evil);
  const paths = [
    '/incidents?host=evil*',
    '/silences',
    `/incidents?q=${typed}`,
    `/hosts/${typed}`,
    '/deliveries',
    `/sources?host=${typed}`,
    ...incidents.map(({ id }) => `/incidents/${id}`),
    '/handover',
  ];
  for (const path of paths) {
    await page.goto(path);
    await page.locator('.row, .empty, .problem, .incident-head, .table').first().waitFor();
    const alive = await page.evaluate<readonly string[]>(
      `[...document.querySelectorAll('#app script, #app img, #app iframe, #app object, #app [onerror], #app a[href^="javascript:" i]')].map((it) => it.outerHTML)`,
    );
    assert.deepEqual(alive, [], path);
    if (path.startsWith('/incidents/')) await page.locator('.quote', { hasText: 'Zebra' }).waitFor();
    if (path === '/handover') await untilNoted(page);
    if (path.startsWith('/hosts/')) assert.equal(await page.locator('h1').textContent(), evil);
    if (path === '/deliveries')
      assert.equal(await page.locator('.table td', { hasText: 'Zebra' }).count(), EVIL.length, 'each error is there');
  }
  assert.deepEqual(faults, []);
  await page.context().close();
}

/** The indexer follows: the page is read again until a note is there. */
async function untilNoted(page: Page): Promise<void> {
  await until(
    'notes are in the handover',
    async () => {
      await page.getByRole('button', { name: 'Read again' }).click();
      return (await page.locator('.quote', { hasText: 'Zebra' }).count()) > 0;
    },
    LIMIT_MS,
  );
}

async function byKeyboard({ fleet, browser, digest }: Stage): Promise<void> {
  for (const [place, { width, height }] of WIDTHS.entries()) {
    const { page, faults } = await visit(browser, fleet, { name: 'kim', viewport: { width, height } });
    await page.context().clearCookies();
    await workByKeyboard(page, {
      link: digest,
      host: hostOf(WORKED_ON[place] ?? 0),
      others: 'media1',
      untilState: async (host, state) => await untilState(fleet, host, state),
    });
    assert.deepEqual(faults, []);
    await page.context().close();
  }
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

async function notDoneYet({ fleet, browser }: Stage): Promise<void> {
  const { page, faults } = await visit(browser, fleet, { name: 'kim', path: `/incidents?host=${hostOf(4)}` });
  await page.locator('.row').waitFor();
  await fleet.services.notifier.stop();
  await page.keyboard.press('j');
  await page.keyboard.press('a');
  await page.locator('.toast', { hasText: '1 taken and not done yet' }).waitFor();
  await page.locator('.row .state.pending').waitFor();
  await fleet.services.notifier.start();
  await page.locator('.toast', { hasText: 'Acknowledged.' }).waitFor();
  await page.locator('.row .state.acknowledged').waitFor();
  const { id = '' } = (await stateOf(fleet, hostOf(4))) ?? {};
  await post(fleet, `/api/v1/incidents/${id}/unacknowledge`, {});
  await untilState(fleet, hostOf(4), 'open');
  assert.deepEqual(faults, []);
  await page.context().close();
}

async function brokenConnection({ fleet, browser }: Stage): Promise<void> {
  const before = await countOf(fleet, 'state:open');
  const { page } = await visit(browser, fleet, { name: 'kim' });
  await page.locator('.live.live').waitFor();
  await page.locator('.counts', { hasText: `${before} open` }).waitFor();
  await fleet.services.console.kill();
  await page.getByText('The connection to the console is lost').waitFor();
  assert.deepEqual(await violationsIn(page), []);
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
  assert.deepEqual(await violationsIn(page), []);
  await page.keyboard.press('j');
  await page.keyboard.press('a');
  await page.locator('.toast', { hasText: 'Acknowledged.' }).waitFor();
  proxy.resume();
  await page.locator('.row .state.acknowledged').waitFor();
  await page.getByRole('alert').waitFor({ state: 'detached' });
  await untilState(fleet, hostOf(1), 'acknowledged');
}
