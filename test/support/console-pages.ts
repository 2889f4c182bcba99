// People at the console's pages: a whole Foghorn, a browser, and what somebody does in it.
import assert from 'node:assert/strict';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { AT_ONCE } from './at-once.ts';
import { sendAll } from './agent.ts';
import { openPage } from './browser.ts';
import type { Ending } from './ending.ts';
import type { MadeEvent } from './events.ts';
import { type Fleet, startFleet } from './fleet.ts';
import { LIMIT_MS, until } from './until.ts';

/** The tokens of two people who may change and of one who may only look. */
export const PEOPLE = {
  kim: { token: 'kim-kim-kim-kim-kim', scopes: ['operate'] },
  robin: { token: 'robin-robin-robin', scopes: ['operate'] },
  viewer: { token: 'viewer-viewer-viewer', scopes: ['read'] },
} as const;

/** Who there is. */
export type PersonName = keyof typeof PEOPLE;

/** A whole Foghorn with these people; `env` on top. */
export async function startPagesFleet(t: Ending, env: Readonly<Record<string, string>> = {}): Promise<Fleet> {
  return await startFleet(t, { ...AT_ONCE, FOGHORN_CONSOLE_HTTP_TOKENS: JSON.stringify(PEOPLE), ...env });
}

/** Asks the API as kim. */
export async function askApi<T>(fleet: Pick<Fleet, 'consoleUrl'>, path: string): Promise<T> {
  const response = await fetch(`${fleet.consoleUrl}${path}`, {
    headers: { authorization: `Bearer ${PEOPLE.kim.token}` },
  });
  assert.equal(response.status, 200, path);
  return (await response.json()) as T;
}

/** The part of a list that tests look at. */
export interface Listed {
  readonly total: number;
  readonly incidents: readonly {
    readonly id: string;
    readonly host: string;
    readonly state: string;
    readonly assignee?: string;
    readonly acknowledgedBy?: string;
  }[];
}

/** Sends events and waits until there are so many incidents. */
export async function sendUntil(fleet: Fleet, events: readonly MadeEvent[], incidents: number): Promise<void> {
  await sendAll(fleet.eventsUrl, events, LIMIT_MS);
  await until(
    `${incidents} incidents`,
    async () => (await askApi<Listed>(fleet, '/api/v1/incidents?limit=1')).total >= incidents,
    LIMIT_MS,
  );
}

/** Somebody at a page. */
export interface Visitor {
  readonly page: Page;
  /** What went wrong in the page; to be nothing at the end. */
  readonly faults: readonly string[];
}

/** Opens a page as somebody who is logged in. */
export async function visit(
  browser: Browser,
  fleet: Pick<Fleet, 'consoleUrl'>,
  { name, path = '/', ...options }: { readonly name: PersonName; readonly path?: string } & BrowserContextOptions,
): Promise<Visitor> {
  const visitor = await openPage(browser, fleet.consoleUrl, options);
  const { page } = visitor;
  page.setDefaultTimeout(LIMIT_MS);
  const { token } = PEOPLE[name];
  const login = await page.request.post('/api/v1/session', {
    headers: { 'x-foghorn-page': '1' },
    data: { name, token },
  });
  assert.ok(login.ok(), await login.text());
  await page.goto(path);
  await page.locator('header.top').waitFor();
  return visitor;
}
