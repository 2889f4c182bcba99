// `npm run console:pictures`: pictures of the console's pages into docs/pictures, from a real stack
// with a made-up morning on it.
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import type { Tools } from '../../deploy/local/servers.ts';
import { packagePath } from '../../shared/runtime/package-root.ts';
import { AT_ONCE } from '../support/at-once.ts';
import { sendAll } from '../support/agent.ts';
import { openPage, startBrowser } from '../support/browser.ts';
import { consoleStory } from '../support/console-story.ts';
import type { Ending } from '../support/ending.ts';
import { startFleet } from '../support/fleet.ts';
import { onOwnServers } from '../support/own-stack.ts';
import { until } from '../support/until.ts';

/** One picture: where, how wide, light or dark. */
interface Picture {
  readonly name: string;
  readonly path: string;
  readonly isDark?: boolean;
  readonly isPhone?: boolean;
  /** What is done before it is taken. */
  prepare?(page: Page): Promise<void>;
}

const LIMIT_MS = 20 * 60_000;
const SEND_LIMIT_MS = 60_000;
/** As many as make a list with groups; one incident of WMServer each. */
const SERVERS = 120;

const WIDE = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };

function picturesOf(incident: string): readonly Picture[] {
  const path = `/incidents/${incident}`;
  return [
    { name: 'console-inbox', path: '/' },
    { name: 'console-inbox-dark', path: '/', isDark: true },
    { name: 'console-inbox-phone', path: '/', isPhone: true },
    { name: 'console-incident', path },
    { name: 'console-incident-dark', path, isDark: true },
    { name: 'console-incident-phone', path, isPhone: true },
    { name: 'console-list', path: '/incidents?group=' },
    { name: 'console-host', path: '/hosts/media01.example.org' },
    { name: 'console-silence', path: `/silences/new?matcher=${encodeURIComponent('host=~"media.*"')}` },
    { name: 'console-keys', path: '/', prepare: async (page) => await page.keyboard.press('?') },
  ];
}

/** Takes them all. Gives the exit code. */
export async function main(tools: Tools): Promise<number> {
  return await onOwnServers({ tools, name: 'pictures', limitMs: LIMIT_MS, say }, async (ending) => {
    await take(ending);
    return 0;
  });
}

async function take(ending: Ending): Promise<void> {
  const fleet = await startFleet(ending, AT_ONCE);
  await sendAll(fleet.eventsUrl, consoleStory(Date.now(), SERVERS), SEND_LIMIT_MS);
  const incident = await until('incidents to show', async () => await conflictOf(fleet.consoleUrl));
  const browser = await startBrowser(ending);
  for (const { name, path, isDark = false, isPhone = false, prepare } of picturesOf(incident)) {
    const { page } = await openPage(browser, fleet.consoleUrl, {
      viewport: isPhone ? PHONE : WIDE,
      colorScheme: isDark ? 'dark' : 'light',
    });
    await page.goto(path);
    await page.locator('.row .what, .incident-head h1, .form').first().waitFor();
    await prepare?.(page);
    const file = join(packagePath('docs', 'pictures'), `${name}.png`);
    await page.screenshot({ path: file, animations: 'disabled' });
    await page.context().close();
    say(`written  ${file}`);
  }
}

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
