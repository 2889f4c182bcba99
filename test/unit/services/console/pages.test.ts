// The pages as a browser gets them: one HTML for all addresses, files for long, headers that let
// nothing else in.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { readBuiltPages } from '../../../../services/console/pages/built-pages.ts';
import { addPages } from '../../../../services/console/pages/pages.ts';
import { routeOf } from '../../../../services/console/web/routes.ts';
import { apiWith, apiParts, ask } from '../../../support/console-api.ts';

const SCRIPT = 'console.log("é")';
const ANYBODY = { accept: 'text/html,*/*' };

const folder = mkdtempSync(join(tmpdir(), 'foghorn-pages-'));
test.after(() => rmSync(folder, { recursive: true }));
mkdirSync(join(folder, 'assets'));
writeFileSync(join(folder, 'index.html'), '<!doctype html><p>the console');
writeFileSync(join(folder, 'assets', 'main-ABCDEFGH.js'), SCRIPT);

const api = apiWith(
  (it) => addPages(it, readBuiltPages(folder)),
  apiParts({ tokens: { kim: { token: 'k'.repeat(16) } } }),
);

const PAGES = [
  '/',
  '/login',
  '/incidents',
  '/incidents/abc',
  '/g/abc',
  '/hosts/media01.example.org',
  '/silences',
  '/silences/new',
  '/deliveries',
  '/catalogue',
  '/catalogue/wmserver-309-port-in-use',
  '/sources',
  '/handover',
];

for (const path of PAGES)
  test(`${path} is the page, without a token, kept nowhere`, async () => {
    const answer = await ask(api, `${path}?state=open`);
    assert.deepEqual([answer.status, answer.headers.get('content-type')], [200, 'text/html; charset=utf-8']);
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    assert.match(await answer.text(), /the console/u);
    assert.notEqual(routeOf(path).page, 'none', 'the router of the pages knows it too');
  });

test('the policy takes scripts and styles from files of this origin alone, and no frame around', async () => {
  const { headers } = await ask(api, '/');
  const policy = new Map(
    (headers.get('content-security-policy') ?? '').split('; ').map((part) => {
      const [name = '', ...values] = part.split(' ');
      return [name, values.join(' ')];
    }),
  );
  assert.equal(policy.get('default-src'), "'none'");
  for (const name of ['script-src', 'style-src', 'connect-src', 'img-src', 'form-action'])
    assert.equal(policy.get(name), "'self'", name);
  assert.equal(policy.get('frame-ancestors'), "'none'");
  assert.equal(policy.get('base-uri'), "'none'");
  assert.equal(policy.get('require-trusted-types-for'), "'script'");
  assert.equal(headers.get('x-content-type-options'), 'nosniff');
  assert.equal(headers.get('referrer-policy'), 'same-origin');
  assert.equal(headers.get('cross-origin-opener-policy'), 'same-origin');
});

test('a file is kept for a year, in gzip where the browser takes it', async () => {
  const plain = await ask(api, '/assets/main-ABCDEFGH.js');
  assert.equal(plain.headers.get('cache-control'), 'public, max-age=31536000, immutable');
  assert.equal(plain.headers.get('content-type'), 'text/javascript; charset=utf-8');
  assert.equal(plain.headers.get('x-content-type-options'), 'nosniff');
  assert.equal(await plain.text(), SCRIPT);
  const packed = await ask(api, '/assets/main-ABCDEFGH.js', { headers: { 'accept-encoding': 'br, gzip' } });
  assert.equal(packed.headers.get('content-encoding'), 'gzip');
  assert.equal(packed.headers.get('vary'), 'accept-encoding');
  assert.equal(gunzipSync(Buffer.from(await packed.arrayBuffer())).toString(), SCRIPT);
});

test('a file that is not there is 404 and not kept, also for what leads out of the folder', async () => {
  for (const name of ['main-OLD.js', '..%2Findex.html', '%2e%2e%2findex.html', 'constructor']) {
    const answer = await ask(api, `/assets/${name}`, { headers: ANYBODY });
    assert.deepEqual([answer.status, answer.headers.get('cache-control')], [404, 'no-store'], name);
  }
});

test('a wrong address is a page for a person and a problem for a program, both 404', async () => {
  const person = await ask(api, '/incident/abc', { headers: ANYBODY });
  assert.deepEqual([person.status, person.headers.get('content-type')], [404, 'text/html; charset=utf-8']);
  const program = await ask(api, '/incident/abc', { headers: { accept: 'application/json' } });
  assert.deepEqual(
    [program.status, program.headers.get('content-type')],
    [404, 'application/problem+json; charset=utf-8'],
  );
  const ofApi = await ask(api, '/api/v1/nothing', { headers: ANYBODY });
  assert.equal(ofApi.headers.get('content-type'), 'application/problem+json; charset=utf-8');
  const post = await ask(api, '/incidents', { method: 'POST', headers: ANYBODY });
  assert.equal(post.status, 405);
});

test('pages that were not built are 503 and say what makes them', async () => {
  assert.equal(readBuiltPages(join(folder, 'nowhere')), undefined);
  const answer = await ask(
    apiWith((it) => addPages(it, undefined)),
    '/incidents',
  );
  assert.equal(answer.status, 503);
  assert.match(await answer.text(), /npm run build/u);
});
