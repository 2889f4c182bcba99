// What keeps people out of a page, by axe-core: WCAG 2.2 A and AA.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** What it finds on the page as it is now, a line for each element. */
export async function violationsIn(page: Page): Promise<readonly string[]> {
  // What a debugger evaluates is not held to the page's policy.
  if (await page.evaluate<boolean>('globalThis.axe === undefined')) await page.evaluate(AXE);
  const values = JSON.stringify(RULES);
  return await page.evaluate<readonly string[]>(
    `axe.run(document, { runOnly: { type: 'tag', values: ${values} }, resultTypes: ['violations'] }).then(({ violations }) =>
      violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => id + ': ' + html.slice(0, 200) + ': ' + failureSummary)))`,
  );
}
