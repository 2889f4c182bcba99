// The console in a real Chromium with as many resolved incidents as there are events, and 1,988
// open ones of two causes: how long a person waits, and what a triage lead presses until each of
// them has an owner. Beside it the same on the command line.
import { performance } from 'node:perf_hooks';
import type { Page } from 'playwright-core';
import { choosePort } from '../../deploy/local/ports.ts';
import { incidentDocument } from '../../services/indexer/incident-document.ts';
import { sendAll } from '../support/agent.ts';
import { missingChromium, startBrowser } from '../support/browser.ts';
import { askApi, type Listed, PEOPLE, visit } from '../support/console-pages.ts';
import { portInUse, storyEvent } from '../support/console-story.ts';
import { createEnding } from '../support/ending.ts';
import { runFoghorn } from '../support/foghorn.ts';
import { anIncident } from '../support/incidents.ts';
import { until } from '../support/until.ts';
import type { Bench } from './corner.ts';
import type { Result } from './report.ts';
import { startReceiver } from './steady.ts';
import { usageOf } from './usage.ts';

const OPEN = 1988;
/** Of them so many have another port, and so another cause. */
const OF_OTHER_PORT = 488;
const HOSTS = 2000;
const BATCH = 2000;
const LIMIT_MS = 900_000;
const HOUR_MS = 3_600_000;

/** Nothing where there is no Chromium. */
export async function benchConsole(bench: Bench): Promise<readonly Result[]> {
  if (missingChromium !== undefined) {
    process.stdout.write(`foghorn  left out: ${missingChromium}\n`);
    return [];
  }
  const port = await choosePort();
  const receiver = await startReceiver();
  const index = `incidents-${bench.settings.topicPrefix}`;
  const ownIndex = { FOGHORN_ELASTICSEARCH_INCIDENT_INDEX: index };
  await bench.start('indexer', ownIndex);
  for (const name of ['enricher', 'collector'] as const) await bench.start(name);
  await bench.start('notifier', receiver.env);
  const env = {
    ...ownIndex,
    FOGHORN_CONSOLE_HTTP_PORT: String(port),
    FOGHORN_CONSOLE_HTTP_TOKENS: JSON.stringify(PEOPLE),
  };
  const console_ = await bench.start('console', env);
  const target = { consoleUrl: `http://127.0.0.1:${port}` };
  await fillResolved(bench, index);
  await fillOpen(bench, target);
  await until('all are notified', () => receiver.arrivals.size >= OPEN, LIMIT_MS);
  const before = await usageOf(console_);
  const started = performance.now();
  const inBrowser = await triageInBrowser(target);
  const seconds = (performance.now() - started) / 1000;
  const after = await usageOf(console_);
  const byCommand = await triageByCommand(target);
  receiver.close();
  return [
    {
      name: 'console',
      events: OPEN,
      seconds,
      cpuSeconds: after.cpuSeconds - before.cpuSeconds,
      peakMegabytes: after.peakMegabytes,
      note: [...inBrowser, byCommand].join('; '),
    },
  ];
}

type Target = Parameters<typeof askApi>[0];

/** Into the index itself, as the indexer would leave them. */
async function fillResolved({ elasticsearch, events }: Bench, index: string): Promise<void> {
  for (let from = 0; from < events; from += BATCH) {
    const operations = Array.from({ length: Math.min(BATCH, events - from) }, (_, at) => resolved(from + at)).flatMap(
      (incident) => [{ index: { _index: index, _id: incident.id } }, incidentDocument(incident)],
    );
    const { errors } = await elasticsearch.bulk({ operations });
    if (errors) throw new Error('Elasticsearch refused a resolved incident.');
  }
  await elasticsearch.indices.refresh({ index });
}

function resolved(index: number): ReturnType<typeof anIncident> {
  const incident = anIncident(`resolved-${index}`, 3);
  const resolvedAtMs = Date.now() - (index % 500) * HOUR_MS;
  return {
    ...incident,
    state: 'resolved',
    entity: { ...incident.entity, host: hostOf(index % HOSTS), params: { port: index % 3 === 0 ? 554 : 80 } },
    openedAtMs: resolvedAtMs - HOUR_MS,
    updatedAtMs: resolvedAtMs,
    resolvedAtMs,
    resolvedBy: 'system',
    resolution: 'quiet for long enough',
  };
}

async function fillOpen({ eventsUrl }: Bench, target: Target): Promise<void> {
  const faults = Array.from({ length: OPEN }, (_, index) =>
    storyEvent(portInUse(hostOf(index), index < OF_OTHER_PORT ? 554 : 80, Date.now())),
  );
  await sendAll(eventsUrl, faults, LIMIT_MS);
  await untilOpen(target, OPEN);
}

function hostOf(index: number): string {
  return `media${String(index).padStart(4, '0')}.example.org`;
}

async function untilOpen(target: Target, count: number): Promise<void> {
  const openNow = async (): Promise<number> =>
    (await askApi<Listed>(target, '/api/v1/incidents?limit=1&state=open')).total;
  await until(`${count} are open`, async () => (await openNow()) === count, LIMIT_MS);
}

/** What took how long, as text. */
async function triageInBrowser(target: Target): Promise<readonly string[]> {
  const ending = createEnding();
  try {
    const { page } = await visit(await startBrowser(ending), target, { name: 'kim' });
    page.setDefaultTimeout(LIMIT_MS);
    const { keyboard } = page;
    const times: string[] = [];
    const timed = async (what: string, work: () => Promise<unknown>): Promise<void> => {
      const started = performance.now();
      await work();
      times.push(`${what} ${Math.round(performance.now() - started)} ms`);
    };
    await rowsOf(page);
    await timed('first list', async () => {
      await page.goto('/');
      await rowsOf(page);
    });
    await timed('grouped by host', async () => {
      await page.goto('/incidents?group=host');
      await rowsOf(page);
    });
    await page.goto('/incidents');
    await rowsOf(page);
    await timed('filtered', async () => {
      for (const key of ['/', 'End']) await keyboard.press(key);
      await keyboard.type(' port:554');
      await keyboard.press('Enter');
      await page.locator('.counts', { hasText: `on ${OF_OTHER_PORT} hosts` }).waitFor();
    });
    await page.goto('/');
    await rowsOf(page);
    await timed(`${OPEN} acknowledged with 3 keys (*, a, Enter)`, async () => {
      await keyboard.press('*');
      await page.locator('.selection-bar').waitFor();
      await keyboard.press('a');
      await page.locator('.act-panel input:focus').waitFor();
      await keyboard.press('Enter');
      await page
        .locator('.toast', { hasText: `${OPEN.toLocaleString('en-GB')} of ${OPEN.toLocaleString('en-GB')} done` })
        .waitFor();
      await untilOpen(target, 0);
    });
    await timed('taken back with one (u)', async () => {
      await keyboard.press('u');
      await untilOpen(target, OPEN);
    });
    return times;
  } finally {
    await ending.end();
  }
}

async function rowsOf(page: Page): Promise<void> {
  await page.locator('.row').first().waitFor();
}

async function triageByCommand(target: Target): Promise<string> {
  const env = { FOGHORN_CONSOLE_URL: target.consoleUrl, FOGHORN_CONSOLE_TOKEN: PEOPLE.kim.token };
  const args = ['incidents', 'ack', 'state:open', '--yes', '--wait', String(LIMIT_MS)];
  const started = performance.now();
  const { code, out, err } = await runFoghorn(args, { env });
  if (code !== 0) throw new Error(`foghorn ${args.join(' ')}: ${out}${err}`);
  await untilOpen(target, 0);
  return `the same by \`foghorn incidents ack 'state:open' --yes\` ${Math.round(performance.now() - started)} ms`;
}
