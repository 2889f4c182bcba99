// Saved pages in whichever encoding: nothing is replaced without a word, and what is no text is
// refused.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { pageText } from '../../../../shared/catalog/articles/page-bytes.ts';
import { importArticles } from '../../../../shared/catalog/import.ts';
import { packagePath } from '../../../../shared/runtime/package-root.ts';

const article = readFileSync(packagePath('test', 'data', 'articles', '01-labels.txt'), 'utf8');
const little = Buffer.from(article, 'utf16le');
const big = Buffer.from(little).swap16();
const mark = (bytes: readonly number[], text: Buffer): Buffer => Buffer.concat([Buffer.from(bytes), text]);

for (const [name, bytes] of [
  ['UTF-16LE', little],
  ['UTF-16BE', big],
  ['UTF-16LE with a mark', mark([0xff, 0xfe], little)],
  ['UTF-16BE with a mark', mark([0xfe, 0xff], big)],
  ['UTF-8', Buffer.from(article)],
  ['UTF-8 with a mark', mark([0xef, 0xbb, 0xbf], Buffer.from(article))],
  ['UTF-16LE that begins with a dash', Buffer.from(`— ${article}`, 'utf16le')],
  ['UTF-16BE that begins with a dash', Buffer.from(`— ${article}`, 'utf16le').swap16()],
] as const)
  test(`${name} gives the article [14 §6]`, () => {
    const page = pageText(bytes);
    assert.equal(page.kind, 'text');
    if (page.kind !== 'text') return;
    assert.equal(page.text.replace('— Event', 'Event'), article);
    assert.equal(page.remark, undefined);
    assert.equal(importArticles(page.text, { today: '2026-01-31' })[0]?.kind, 'draft');
  });

test('an encoding that the page declares, and the code page of Windows where none is', () => {
  const quoted = Buffer.from('\u0093Zoë\u0094', 'latin1');
  const declared = mark([], Buffer.concat([Buffer.from('<html><meta charset="koi8-r">'), Buffer.from([0xf0])]));
  assert.deepEqual(pageText(declared), { kind: 'text', text: '<html><meta charset="koi8-r">П' });
  const page = pageText(quoted);
  assert.equal(page.kind === 'text' && page.text, '“Zoë”');
  assert.match((page.kind === 'text' && page.remark) || '', /windows-1252/u);
  const wrong = pageText(Buffer.concat([Buffer.from('<html><meta charset=utf-8>'), quoted]));
  assert.match((wrong.kind === 'text' && wrong.remark) || '', /windows-1252/u);
});

test('half a character at the end of UTF-16 is reported', () => {
  const page = pageText(little.subarray(0, little.length - 1));
  assert.match((page.kind === 'text' && page.remark) || '', /half a character of UTF-16LE/u);
});

for (const [name, bytes, reason] of [
  ['PDF', Buffer.from('%PDF-1.7\n'), /is a PDF; save the page as/u],
  ['an Office document', Buffer.from('PK\u0003\u0004\u0014'), /Office document/u],
  ['a web archive', Buffer.from('From: <Saved by a browser>\nContent-Type: multipart/related;\n'), /MHTML/u],
  ['bytes', Buffer.concat([Buffer.alloc(40, 0x41), Buffer.alloc(3), Buffer.alloc(400, 0x42)]), /zero characters/u],
  ['what is too large', Buffer.alloc(16_777_217, 0x41), /has 16777217 bytes/u],
] as const)
  test(`${name} is refused with the reason`, () => {
    const page = pageText(bytes);
    assert.match(page.kind === 'refused' ? page.reason : '', reason);
  });
