// The bundle of the console's pages: small enough, from this origin alone, with its licence.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { packagePath } from '../../../../shared/runtime/package-root.ts';

const MAX_SCRIPT_BYTES = 150_000;

const folder = mkdtempSync(join(tmpdir(), 'foghorn-web-'));
test.after(() => rmSync(folder, { recursive: true }));

/** Makes the pages into a folder; gives the names of the files that the HTML loads. */
function bundleInto(out: string): readonly string[] {
  const { status, stderr } = spawnSync(process.execPath, [packagePath('deploy', 'web', 'bundle.mjs'), out], {
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  return readdirSync(join(out, 'assets')).toSorted();
}

const out = join(folder, 'web');
const names = bundleInto(out);
const html = readFileSync(join(out, 'index.html'), 'utf8');
const read = (name: string): string => readFileSync(join(out, 'assets', name), 'utf8');

test('one script, one style sheet and one icon, each by the hash of its content', () => {
  assert.deepEqual(
    names.map((name) => name.replace(/-[\dA-Z]{8}\./u, '-HASH.')),
    ['icon-HASH.svg', 'main-HASH.js', 'style-HASH.css'],
  );
  assert.deepEqual(bundleInto(join(folder, 'again')), names, 'the same sources give the same names');
});

test(`the script has fewer than ${MAX_SCRIPT_BYTES} bytes in gzip`, () => {
  const script = names.find((name) => name.endsWith('.js')) ?? '';
  const bytes = gzipSync(read(script)).byteLength;
  assert.ok(bytes > 1000 && bytes < MAX_SCRIPT_BYTES, `${bytes} bytes`);
});

test('the HTML names each file, and holds neither script nor style nor another origin', () => {
  for (const name of names) assert.ok(html.includes(`"/assets/${name}"`), name);
  assert.doesNotMatch(html, /<style|style=|\son\w+=|https?:|<script[^>]*>[^<]/u);
});

test('the files name no other origin to load from', () => {
  for (const name of names) {
    const found = read(name).match(/https?:\/\/[\w.-]+[^\s"'`)]*/gu) ?? [];
    const foreign = found.filter((url) => !/^https?:\/\/(?:www\.w3\.org\/|127\.0\.0\.1)/u.test(url));
    assert.deepEqual(foreign, [], name);
    assert.doesNotMatch(read(name), /@import|@font-face|sourceMappingURL/u, name);
  }
});

test('the script brings the licence of what is in it', () => {
  const script = read(names.find((name) => name.endsWith('.js')) ?? '');
  assert.match(script, /^\/\*! preact[^*]*MIT License[^*]*Jason Miller/u);
});
