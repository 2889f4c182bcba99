// The login page in a real Chromium, with no server behind the console: nobody is kept out (WCAG
// 2.2 AA by axe-core), nothing leaves the origin, and a wrong token is refused with a sentence.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startConsoleServer } from '../../services/console/api/server.ts';
import { addSessionOperations } from '../../services/console/api/session-operations.ts';
import { readBuiltPages } from '../../services/console/pages/built-pages.ts';
import { addPages } from '../../services/console/pages/pages.ts';
import { packagePath } from '../../shared/runtime/package-root.ts';
import { violationsIn } from '../support/axe.ts';
import { missingChromium, openPage, startBrowser } from '../support/browser.ts';
import { apiParts } from '../support/console-api.ts';
import { skipWithout } from '../support/needs.ts';

const skip = skipWithout('chromium', missingChromium);

test('the login page keeps nobody out, and refuses a wrong token with a sentence', { skip }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-login-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const { status } = spawnSync(process.execPath, [packagePath('deploy', 'web', 'bundle.mjs'), join(folder, 'web')]);
  assert.equal(status, 0);
  const parts = apiParts({ tokens: { kim: { token: 'kim-kim-kim-kim-kim' } } });
  const server = await startConsoleServer(parts, (api) => {
    addSessionOperations(api);
    addPages(api, readBuiltPages(join(folder, 'web')));
  });
  t.after(async () => await server.stop(AbortSignal.timeout(5000)));
  const browser = await startBrowser(t);
  for (const colorScheme of ['light', 'dark'] as const) {
    const { page, faults } = await openPage(browser, `http://127.0.0.1:${server.port}`, { colorScheme });
    await page.goto('/incidents?q=state:open');
    await page.getByLabel('Name').fill('kim');
    await page.getByLabel('Token').fill('wrong-wrong-wrong');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').waitFor();
    assert.deepEqual(await violationsIn(page), [], colorScheme);
    await page.getByLabel('Token').fill('kim-kim-kim-kim-kim');
    await page.keyboard.press('Enter');
    await page.locator('header.top').waitFor();
    assert.match(page.url(), /\/incidents\?q=state:open$/u, 'the page that was asked for');
    assert.deepEqual(faults, []);
    await page.context().close();
  }
});
