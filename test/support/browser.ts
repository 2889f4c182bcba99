// A real Chromium for tests of the console's pages, driven by playwright-core.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import type { Ending } from './ending.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** The program: CHROMIUM_PROGRAM, or the first of the usual names in the path. */
function findChromium(): string | undefined {
  const named = process.env['CHROMIUM_PROGRAM'] ?? '';
  if (named !== '') return named;
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find((file) => existsSync(file));
}

const program = findChromium();

/** What is missing for a test with a browser; undefined where there is one. */
export const missingChromium =
  program === undefined ? 'there is no Chromium: install it, or name it in CHROMIUM_PROGRAM' : undefined;

/** Starts a browser; it ends with the test. */
export async function startBrowser(t: Ending): Promise<Browser> {
  const browser = await chromium.launch({
    ...(program === undefined ? {} : { executablePath: program }),
    // In a container there is neither a sandbox nor a graphics card, and /dev/shm is small.
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking'],
  });
  t.after(async () => await browser.close());
  return browser;
}

/** A page, and what went wrong in it. */
export interface WatchedPage {
  readonly page: Page;
  /** Errors of the script, what the policy refused, and requests that left `url`. */
  readonly faults: readonly string[];
}

/** Opens a page in a context of its own, as another person's browser would. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({ baseURL: url, locale: 'en-GB', timezoneId: 'Europe/Berlin', ...options });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', ({ message }) => faults.push(`error: ${message}`));
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) faults.push(`policy: ${message.text()}`);
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(`${url}/`) && !request.url().startsWith('data:'))
      faults.push(`left: ${request.url()}`);
  });
  return { page, faults };
}
