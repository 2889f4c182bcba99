// `npm run console:pictures`: pictures of the console's pages into docs/pictures, from a real stack
// with a made-up morning on it.
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { Tools } from '../../deploy/local/servers.ts';
import { packagePath } from '../../shared/runtime/package-root.ts';
import { AT_ONCE_ROUTE } from '../support/at-once.ts';
import { sendAll } from '../support/agent.ts';
import { openPage, startBrowser } from '../support/browser.ts';
import { consoleStory } from '../support/console-story.ts';
import type { Ending } from '../support/ending.ts';
import { startFleet } from '../support/fleet.ts';
import { onOwnServers } from '../support/own-stack.ts';
import { until } from '../support/until.ts';
import { digestPage, hook, startWebhookServer } from '../support/webhook-server.ts';

/** A page, and whether all four kinds of pictures of it are taken or two. */
interface Subject {
  readonly name: string;
  readonly path: string;
  /** What is there when it is read. */
  readonly ready: string;
  readonly isFull?: boolean;
  /** Nothing is live on it. */
  readonly isStill?: boolean;
  /** What is done before it is taken. */
  prepare?(page: Page): Promise<void>;
}

const LIMIT_MS = 20 * 60_000;
const WAIT_MS = 120_000;
/** As many as make a list with groups; one incident of WMServer each. */
const SERVERS = 120;

const WIDE = { width: 1200, height: 520 };
const PHONE = { width: 390, height: 844 };

function subjects(incident: string, digest: string): readonly Subject[] {
  return [
    { name: 'inbox', path: '/', ready: '.row.group, .row .what', isFull: true },
    { name: 'incident', path: `/incidents/${incident}`, ready: '.host-events', isFull: true },
    { name: 'owner', path: `/incidents/${incident}`, ready: '.host-events', prepare: nameOwner },
    { name: 'list', path: '/incidents?group=', ready: '.row .host', prepare: untilCounted },
    { name: 'bulk', path: '/incidents?host=media0*&group=', ready: '.row .host', prepare: askAboutAll },
    { name: 'host', path: '/hosts/media01.example.org', ready: '.row' },
    { name: 'digest', path: digest, ready: '.row.group, .row .what' },
    { name: 'login', path: '/login', ready: '.login form', isStill: true },
    { name: 'silence', path: `/silences/new?matcher=${encodeURIComponent('host=~"media.*"')}`, ready: '.empty' },
    { name: 'deliveries', path: '/deliveries', ready: '.table' },
    { name: 'sources', path: '/sources', ready: '.table' },
    { name: 'handover', path: '/handover', ready: '.handover .table' },
    { name: 'catalogue', path: '/catalogue/wmserver-309-port-in-use', ready: '.entry-page' },
    { name: 'keys', path: '/', ready: '.row', prepare: async (page) => await page.keyboard.press('?') },
  ];
}

async function nameOwner(page: Page): Promise<void> {
  await page.locator('.netstat summary').click();
  await page
    .locator('.netstat textarea')
    .fill(
      '  Proto  Local Address          Foreign Address        State           PID\n  TCP    0.0.0.0:80             0.0.0.0:0              LISTENING       4\n  TCP    [::]:80                [::]:0                 LISTENING       4',
    );
  await page.locator('.netstat .causes').waitFor();
  await page.locator('.netstat').evaluate((box) => box.scrollIntoView({ block: 'end' }));
}

/** A phone shows no counts. */
async function untilCounted(page: Page): Promise<void> {
  if ((page.viewportSize() ?? WIDE).width >= WIDE.width) await page.locator('.row .spark').first().waitFor();
}

async function askAboutAll(page: Page): Promise<void> {
  await page.keyboard.press('*');
  await page.keyboard.press('a');
  await page.getByRole('dialog').waitFor();
}

/** Takes them all. Gives the exit code. */
export async function main(tools: Tools): Promise<number> {
  return await onOwnServers({ tools, name: 'pictures', limitMs: LIMIT_MS, say }, async (ending) => {
    await take(ending);
    return 0;
  });
}

async function take(ending: Ending): Promise<void> {
  const [good, bad] = [await startWebhookServer(ending), await startWebhookServer(ending)];
  bad.behave({ kind: 'answer', status: 400, body: 'the field queue is required' });
  const fleet = await startFleet(ending, {
    FOGHORN_NOTIFIER_RECEIVERS: JSON.stringify([hook(good, { name: 'on-call' }), hook(bad, { name: 'tickets' })]),
    FOGHORN_NOTIFIER_ROUTE: JSON.stringify({
      ...AT_ONCE_ROUTE,
      repeat_interval: '4h',
      group_by: ['rule'],
      group_wait: '10s',
      receiver: 'on-call',
      routes: [
        { matchers: ['host=~"media0.+"'], receiver: 'tickets', group_by: ['...'], continue: true },
        { receiver: 'on-call' },
      ],
    }),
  });
  const browser = await startBrowser(ending);
  const shoot = async (all: readonly Subject[]): Promise<void> => await shootAll(browser, fleet.consoleUrl, all);
  await shoot([{ name: 'first-start', path: '/', ready: '.first-start' }]);
  await sendAll(fleet.eventsUrl, consoleStory(Date.now(), SERVERS), WAIT_MS);
  const incident = await until('incidents to show', async () => await conflictOf(fleet.consoleUrl), WAIT_MS);
  const digest = await until('a digest', () => digestPage(good), WAIT_MS);
  await shoot(subjects(incident, digest));
}

async function shootAll(browser: Browser, url: string, all: readonly Subject[]): Promise<void> {
  for (const { name, path, ready, isFull = false, isStill = false, prepare } of all)
    for (const [isPhone, isDark] of isFull ? ALL : SOME) {
      const { page } = await openPage(browser, url, {
        viewport: isPhone ? PHONE : WIDE,
        colorScheme: isDark ? 'dark' : 'light',
        reducedMotion: 'reduce',
      });
      await page.goto(path);
      await page.locator(ready).first().waitFor({ timeout: WAIT_MS });
      if (!isStill) await page.locator('.live.live').waitFor({ timeout: WAIT_MS });
      await prepare?.(page);
      const kind = `${isPhone ? '-phone' : ''}${isDark ? '-dark' : ''}`;
      const file = join(packagePath('docs', 'pictures'), `console-${name}${kind}.png`);
      await page.screenshot({ path: file, animations: 'disabled' });
      await page.context().close();
      say(`written  ${file}`);
    }
}

/** On a phone or not, dark or light. */
const ALL = [
  [false, false],
  [false, true],
  [true, false],
  [true, true],
] as const;
const SOME = [
  [false, false],
  [true, true],
] as const;

/** A conflict whose holder is known. */
async function conflictOf(url: string): Promise<string | undefined> {
  const response = await fetch(`${url}/api/v1/incidents?rule=wmserver-309-port-in-use&limit=500`);
  const { total, incidents } = (await response.json()) as {
    readonly total: number;
    readonly incidents: readonly { readonly id: string; readonly likelyHolderBy?: string }[];
  };
  return total < SERVERS ? undefined : incidents.find(({ likelyHolderBy }) => likelyHolderBy === 'evidence')?.id;
}

function say(line: string): void {
  process.stdout.write(`foghorn  ${line}\n`);
}
