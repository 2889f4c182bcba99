// The page behind the link that acknowledges: nothing in it comes alive, and nothing is loaded.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { ACKNOWLEDGE_HEADERS, acknowledgePage } from '../../../../services/console/pages/acknowledge-page.ts';
import type { IncidentView } from '../../../../services/console/read/views.ts';
import { HOSTILE } from '../../../support/notifications.ts';

const INCIDENT = {
  title: 'WMS cannot bind to its TCP port',
  host: 'media01',
  params: { port: 80 },
  severity: 'error',
  opened: '2026-03-01T10:00:00.000Z',
} as unknown as IncidentView;

async function pageWith(text: string): Promise<string> {
  const incident = { ...INCIDENT, title: text, host: text, params: { port: text }, severity: text };
  const page = { title: text, lines: [text], incident, page: '/incidents/abc', button: text };
  return String(await acknowledgePage(page));
}

test('it has the facts, the name to give and one button, in a form that goes to the same address', async () => {
  const text = String(await acknowledgePage({ title: 'Sure?', lines: ['One.'], incident: INCIDENT, button: 'Yes' }));
  assert.match(text, /<dd>media01, port 80<\/dd>.*<dd>2026-03-01 10:00:00 UTC<\/dd>/su);
  assert.match(text, /<form method="post">.*<input name="name" .*<button>Yes<\/button>/su);
  assert.doesNotMatch(String(await acknowledgePage({ title: 'Over', lines: [] })), /<form|<button|<a /u);
});

test('the policy allows its style alone, and no address is passed on', async () => {
  const policy = ACKNOWLEDGE_HEADERS['content-security-policy'];
  const style = /<style>(?<style>.*)<\/style>/su.exec(await pageWith('x'))?.groups?.['style'] ?? '';
  const hash = createHash('sha256').update(style).digest('base64');
  assert.equal(
    policy,
    `default-src 'none'; style-src 'sha256-${hash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  );
  assert.equal(ACKNOWLEDGE_HEADERS['referrer-policy'], 'no-referrer');
});

for (const [name, text] of Object.entries(HOSTILE))
  test(`${name} stays text`, async () => {
    const [hostile, harmless] = [await pageWith(text), await pageWith('Zebra')];
    const tags = (page: string): readonly string[] => page.match(/<[/!a-z][^>]*>/giu) ?? [];
    assert.deepEqual(tags(hostile), tags(harmless));
  });
