// The strict parser: names without prefixes, direct text, and bounds instead of bombs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_DEPTH, MAX_ELEMENTS } from '../../../../shared/windows/limits.ts';
import { parseXml, type XmlElement } from '../../../../shared/windows/xml-tree.ts';

function rootOf(text: string): XmlElement {
  const result = parseXml(text);
  return result.kind === 'root' ? result.root : assert.fail(result.detail);
}

function faultOf(text: string): string {
  const result = parseXml(text);
  return result.kind === 'bad' ? result.detail : assert.fail('it was read');
}

test('prefixes are left out, of elements and of attributes, and the unprefixed attribute counts', () => {
  const root = rootOf(
    '<e:Event xmlns:e="urn:e"><e:System e:Name="a"/><Data x:Name="other" Name="own" y:Name="third"/></e:Event>',
  );
  assert.equal(root.name, 'Event');
  assert.deepEqual(
    root.children.map(({ name, attributes }) => [name, attributes['Name']]),
    [
      ['System', 'a'],
      ['Data', 'own'],
    ],
  );
});

test('text is the element’s own: CDATA and the five entities count, comments and instructions do not', () => {
  const root = rootOf(
    '<a>1 &lt;&amp;&gt;&quot;&apos; <!-- no --><![CDATA[<b>&amp;]]><?no no?>&#65;&#x1F600;<c>deep</c>2</a>',
  );
  assert.equal(root.text, '1 <&>"\' <b>&amp;A😀2');
  assert.equal(root.children[0]?.text, 'deep');
});

test('a document type is refused before any entity of it could grow', () => {
  const bomb = '<!DOCTYPE a [<!ENTITY b "xxxxxxxxxx"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><a>&c;&c;&c;</a>';
  assert.match(faultOf(bomb), /document type/u);
  assert.match(faultOf('<!DOCTYPE a SYSTEM "file:///etc/hostname"><a/>'), /document type/u);
  assert.match(faultOf('<a>&b;</a>'), /line 1, column \d+/u);
});

test('depth and number of elements are bounded', () => {
  const nest = (depth: number): string => '<a>'.repeat(depth) + '</a>'.repeat(depth);
  assert.ok(rootOf(nest(MAX_DEPTH)));
  assert.match(faultOf(nest(MAX_DEPTH + 1)), /deeper/u);
  assert.match(faultOf(nest(200_000)), /deeper/u);
  assert.equal(rootOf(`<a>${'<b/>'.repeat(MAX_ELEMENTS - 1)}</a>`).children.length, MAX_ELEMENTS - 1);
  assert.match(faultOf(`<a>${'<b/>'.repeat(MAX_ELEMENTS)}</a>`), /more than/u);
});

test('faults say the line', () => {
  assert.match(faultOf('<a>\n<b>\n</c></a>'), /^line 3, column \d+: /u);
  for (const text of [
    '',
    ' ',
    'a',
    '<a',
    '<a>',
    '<a/><b/>',
    '<a b=1/>',
    '<a b="1" b="2"/>',
    '<a>\u0001</a>',
    '<a>]]></a>',
  ])
    assert.ok(faultOf(text), text);
});
