// `npm run messages:pictures`: pictures of emails on a phone into docs/pictures, of the samples
// that `foghorn notify preview` has.
import { join } from 'node:path';
import { emailOf } from '../../services/notifier/channels/email/message.ts';
import { type Sample, sampleNotification } from '../../services/cli/notify/samples.ts';
import { packagePath } from '../../shared/runtime/package-root.ts';
import { openPage, startBrowser } from '../support/browser.ts';
import { createEnding } from '../support/ending.ts';

const PICTURES: readonly (readonly [sample: Sample, isDark: boolean])[] = [
  ['opened', false],
  ['opened', true],
  ['digest', false],
  ['resolved', false],
];
const READER = {
  receiver: 'mail',
  id: 'sample',
  consoleUrl: 'https://foghorn.example.org',
  linkKeys: ['k'.repeat(32)],
};
/** The same at each run. */
const NOW_MS = Date.UTC(2026, 10, 30, 9, 0, 0);

const ending = createEnding();
try {
  const browser = await startBrowser(ending);
  for (const [sample, isDark] of PICTURES) {
    const { html } = emailOf(await sampleNotification(sample, { ...READER, nowMs: NOW_MS }), 'example.org');
    const { page } = await openPage(browser, READER.consoleUrl, {
      viewport: { width: 390, height: 844 },
      colorScheme: isDark ? 'dark' : 'light',
    });
    await page.setContent(html);
    const file = join(packagePath('docs', 'pictures'), `mail-${sample}-phone${isDark ? '-dark' : ''}.png`);
    // The first of two screens.
    await page.screenshot({ path: file });
    await page.context().close();
    process.stdout.write(`foghorn  written  ${file}\n`);
  }
} finally {
  await ending.end();
}
