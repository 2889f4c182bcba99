// The console in a real Chromium on the whole Foghorn: what a person on call does, beside another
// person, and while parts of it are away.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { sendAll } from '../support/agent.ts';
import { missingChromium, startBrowser } from '../support/browser.ts';
import { askApi, type Listed, sendUntil, startPagesFleet, visit } from '../support/console-pages.ts';
import { portInUse, storyEvent } from '../support/console-story.ts';
import type { Fleet } from '../support/fleet.ts';
import { skipWithout } from '../support/needs.ts';
import { requiredEnv } from '../support/servers.ts';
import { createTcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';

const skip = skipWithout('chromium', missingChromium);
const COUNT = 12;
const hostOf = (index: number): string => `media${String(index).padStart(2, '0')}.example.org`;
const faults = Array.from({ length: COUNT }, (_, index) => storyEvent(portInUse(hostOf(index), 80, Date.now())));

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
  await until(`${host} is ${state}`, async () => (await stateOf(fleet, host))?.state === state);
}

test('all that match are acknowledged after a look at what it will be, each with its outcome', { skip }, async (t) => {
  const fleet = await startPagesFleet(t);
  await sendUntil(fleet, faults, COUNT);
  const browser = await startBrowser(t);
  const { page, faults: wrong } = await visit(browser, fleet, { name: 'kim', path: '/incidents?host=media0*' });
  await page.locator('.row').first().waitFor();
  await page.keyboard.press('*');
  await page.getByRole('toolbar', { name: 'What is selected' }).getByRole('button', { name: 'Acknowledge' }).click();
  const panel = page.getByRole('dialog');
  await panel.getByText('10 error on 10 hosts').waitFor();
  await panel.getByLabel('Why').fill('the same cause');
  await panel.getByRole('button', { name: 'Acknowledge' }).click();
  await page.getByText('10 of 10 done').waitFor();
  await until('all ten are acknowledged', async () => {
    const { total } = await askApi<Listed>(fleet, '/api/v1/incidents?state=acknowledged');
    return total === 10;
  });
  assert.equal((await askApi<Listed>(fleet, '/api/v1/incidents?state=open')).total, 2, 'the others are as they were');
  assert.deepEqual(wrong, []);
});

test('two people: what one does the other sees in its place, and who may only look can press nothing', {
  skip,
}, async (t) => {
  const fleet = await startPagesFleet(t);
  await sendUntil(fleet, faults, COUNT);
  const browser = await startBrowser(t);
  const kim = await visit(browser, fleet, { name: 'kim', path: '/incidents?sort=host' });
  const robin = await visit(browser, fleet, { name: 'robin', path: '/incidents?sort=-updated' });
  const viewer = await visit(browser, fleet, { name: 'viewer' });
  for (const { page } of [kim, robin, viewer])
    await page
      .locator('.row')
      .nth(COUNT - 1)
      .waitFor();
  const before = await hostsIn(robin.page);
  const rowOf = (page: Page) => page.locator('.row', { hasText: hostOf(5) });
  await rowOf(kim.page).hover();
  await rowOf(kim.page).getByRole('button', { name: 'To me' }).click();
  await rowOf(robin.page).locator('.owner', { hasText: 'kim' }).waitFor();
  assert.deepEqual(await hostsIn(robin.page), before, 'no row has moved, although the order is by the latest change');
  await rowOf(viewer.page).hover();
  assert.equal(await rowOf(viewer.page).getByRole('button').count(), 0, 'who may only look sees no button');
  for (const { faults: wrong } of [kim, robin, viewer]) assert.deepEqual(wrong, []);
});

test('without Elasticsearch the page says so and acting still works; with it all is shown again', {
  skip,
}, async (t) => {
  const proxy = await createTcpProxy(new URL(requiredEnv('ELASTICSEARCH_URL')).host);
  t.after(async () => await proxy.close());
  const fleet = await startPagesFleet(t, { ELASTICSEARCH_URL: `http://${proxy.address}` });
  await sendUntil(fleet, faults, COUNT);
  const browser = await startBrowser(t);
  const { page } = await visit(browser, fleet, { name: 'kim', path: `/incidents?host=${hostOf(1)}` });
  await page.locator('.row').waitFor();
  proxy.cut();
  await page.keyboard.press('.');
  await page.getByRole('alert').getByText('changes are still taken').waitFor({ timeout: 60_000 });
  assert.deepEqual(await hostsIn(page), [hostOf(1)], 'what was read stays');
  await page.keyboard.press('j');
  await page.keyboard.press('a');
  await page.getByText('Acknowledged.').waitFor();
  proxy.resume();
  await untilState(fleet, hostOf(1), 'acknowledged');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.locator('.row .state.acknowledged').waitFor();
});

test('a broken connection is shown with the age of what is seen, and mended by itself', { skip }, async (t) => {
  const fleet = await startPagesFleet(t);
  await sendUntil(fleet, faults.slice(0, 3), 3);
  const browser = await startBrowser(t);
  const { page } = await visit(browser, fleet, { name: 'kim' });
  await page.locator('.live.live').waitFor();
  await fleet.services.console.kill();
  await page.getByText('The connection to the console is lost').waitFor();
  await sendUntilStored(fleet);
  await fleet.services.console.start();
  await page.locator('.live.live').waitFor({ timeout: 60_000 });
  await page.locator('.counts', { hasText: '4 open' }).waitFor({ timeout: 60_000 });
});

/** One more, while the console is away: the incident is there when Elasticsearch has it. */
async function sendUntilStored(fleet: Fleet): Promise<void> {
  await sendAll(fleet.eventsUrl, faults.slice(3, 4), 60_000);
  await until('the fourth event is indexed', async () => (await fleet.elasticsearch.count({ match_all: {} })) === 4);
}
