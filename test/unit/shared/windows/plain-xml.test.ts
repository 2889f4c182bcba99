// The quick parser gives the strict one's tree or leaves the text to it, and never reads what the
// strict one refuses.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_DEPTH, MAX_ELEMENTS } from '../../../../shared/windows/limits.ts';
import { parsePlainXml } from '../../../../shared/windows/plain-xml.ts';
import { parseXml } from '../../../../shared/windows/xml-tree.ts';
import { eventXml } from './event-text.ts';

const nested = (depth: number): string => `${'<a>'.repeat(depth)}${'</a>'.repeat(depth)}`;

test('what Windows writes is read, and as the strict parser reads it', () => {
  for (const text of [
    eventXml(),
    ' \r\n<a/> \t\r\n',
    '<a ></a >',
    '<?xml version="1.0" encoding="utf-8"?>\n<a/>',
    "<?xml version='1.0' ?><a/>",
    "<e:a xmlns:e = 'urn:e' e:b=\"c\" b='>'>x<e:b />y\r\nz\rw &lt;&amp;&gt;&quot;&apos;&#65;&#x1F600;&#13;]] ]></e:a>".replace(
      ']]>',
      ']',
    ),
    '<a b="&amp;&#10;&#x9;"/>',
    '<a><b><c>1</c>2</b>3<b/></a>',
    '<a constructor="x" toString="y"><hasOwnProperty/></a>',
    nested(MAX_DEPTH),
  ]) {
    const strict = parseXml(text);
    assert.ok(strict.kind === 'root', text);
    assert.deepEqual(parsePlainXml(text), strict.root, text);
  }
});

test('what is not plain is left to the strict parser', () => {
  for (const text of [
    ' <?xml version="1.0"?><a/>',
    '<?xml version="1.1"?><a/>',
    '<?xml version="1.0" standalone="yes"?><a/>',
    '<a><!-- b --></a>',
    '<a><![CDATA[b]]></a>',
    '<a><?b c?></a>',
    '<!DOCTYPE a><a/>',
    '<ä/>',
    '<aä/>',
    '<a ä="b"/>',
    '<_a/>',
    '<a __proto__="b"/>',
    '<a b="1\n2"/>',
  ])
    assert.equal(parsePlainXml(text), undefined, text);
});

test('what the strict parser refuses is never read', () => {
  for (const text of [
    '',
    ' ',
    'a',
    '<',
    '<a',
    '<a>',
    '<a/',
    '<a/ >',
    '<a></b>',
    '<a></ab>',
    '<ab></a>',
    '</a>',
    '<a/></a>',
    '<a/><a/>',
    '<a/>x',
    'x<a/>',
    '<a/>&amp;',
    '< a/>',
    '<a></ a>',
    '<a b/>',
    '<a b=/>',
    '<a b=c/>',
    '<a b="c/>',
    '<a b="<"/>',
    '<a b="1" b="2"/>',
    '<a b="1"c="2"/>',
    '<a"b"/>',
    '<a =""/>',
    '<a>&b;</a>',
    '<a>&amp</a>',
    '<a>& </a>',
    '<a>&</a>',
    '<a>&#;</a>',
    '<a>&#x;</a>',
    '<a>&#X41;</a>',
    '<a>&#1114112;</a>',
    '<a b="&"/>',
    '<a>]]></a>',
    nested(MAX_DEPTH + 1),
    `<a>${'<b/>'.repeat(MAX_ELEMENTS)}</a>`,
  ]) {
    assert.equal(parseXml(text).kind, 'bad', text.slice(0, 40));
    assert.equal(parsePlainXml(text), undefined, text.slice(0, 40));
  }
});
