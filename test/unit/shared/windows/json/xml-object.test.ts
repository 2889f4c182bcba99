// One event in the words of every converter is the event that its XML is, field by field.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readEvent } from '../../../../../shared/windows/read-event.ts';
import { toEcs } from '../../../../../shared/windows/to-ecs.ts';
import { parseXml, type XmlElement } from '../../../../../shared/windows/xml-tree.ts';
import { eventOf } from '../event-text.ts';

type Json = Record<string, unknown>;

const SYSTEM =
  '<System><Provider Name="P" Guid="{54849625-5478-4994-a5ba-3e3b0328c30d}"/><EventID Qualifiers="49152">309</EventID><Version>1</Version><Level>2</Level><Task>3</Task><Opcode>1</Opcode>' +
  '<Keywords>0x8080000000000000</Keywords><TimeCreated SystemTime="2026-11-20T09:00:00.2500000Z"/><EventRecordID>77</EventRecordID><Correlation ActivityID="{5965e1c0-dda7-0003-d8e1-6559a7ddd801}"/>' +
  '<Execution ProcessID="4" ThreadID="8"/><Channel>Application</Channel><Computer>MEDIA01.example.org</Computer><Security UserID="S-1-5-18"/></System>';
const RENDERING =
  '<RenderingInfo Culture="en-US"><Message>m</Message><Level>Error</Level><Task>T</Task><Opcode>O</Opcode><Keywords><Keyword>Classic</Keyword><Keyword>Mine</Keyword></Keywords></RenderingInfo>';
const CONTENTS = [
  '<EventData><Data Name="Port">8080</Data><Data Name="Who">alice</Data></EventData>',
  '<EventData><Data>8080</Data><Data>b</Data></EventData>',
  '<EventData><Data>8080</Data><Binary>00FF</Binary></EventData>',
  '<EventData><Data Name="a">1</Data><Data Name="a">2</Data><Data Name="a">1</Data></EventData>',
  '<UserData><Root A="1" B="2"><Item>x</Item><Item>y</Item><Deep C="3"><Value>v</Value></Deep></Root></UserData>',
  '',
];

interface Words {
  readonly name: string;
  readonly attribute: (name: string) => string;
  readonly under?: string;
  readonly text: string;
  readonly isList?: boolean;
}

const CONVERTERS: readonly Words[] = [
  { name: 'evtx_dump', attribute: (name) => name, under: '#attributes', text: '#text' },
  { name: 'BadgerFish and AxoSyslog', attribute: (name) => `@${name}`, text: '#text' },
  { name: 'fast-xml-parser', attribute: (name) => `@_${name}`, text: '#text' },
  { name: 'xml2js', attribute: (name) => name, under: '$', text: '_', isList: true },
  { name: 'xml-js', attribute: (name) => name, under: '_attributes', text: '_text' },
  { name: 'mxj', attribute: (name) => `-${name}`, text: '#text' },
  { name: 'XmlSimple', attribute: (name) => name, text: 'content' },
  { name: 'Go', attribute: (name) => name, text: 'Value' },
];

/** An element as a converter with these words writes it. */
function written(element: XmlElement, words: Words): unknown {
  const attributes = Object.entries(element.attributes).map(([name, value]) => [words.attribute(name), value] as const);
  const object: Json =
    words.under === undefined || attributes.length === 0
      ? Object.fromEntries(attributes)
      : { [words.under]: Object.fromEntries(attributes) };
  for (const child of element.children) {
    const value = written(child, words);
    const present = object[child.name];
    if (present === undefined) object[child.name] = words.isList === true ? [value] : value;
    else object[child.name] = [present, value].flat();
  }
  if (Object.keys(object).length === 0) return element.text;
  return element.text === '' ? object : { ...object, [words.text]: element.text };
}

for (const words of CONVERTERS)
  test(`${words.name}: the same event as its XML`, () => {
    for (const content of CONTENTS)
      for (const rendering of ['', RENDERING]) {
        const xml = `<Event>${SYSTEM}${content}${rendering}</Event>`;
        const parsed = parseXml(xml);
        assert.ok(parsed.kind === 'root');
        const json = JSON.stringify({ Event: written(parsed.root, words) });
        const [asXml, asJson] = [xml, json].map((text) => {
          const read = readEvent(Buffer.from(text), 'utf-8');
          assert.ok(read.kind === 'event', text);
          const { foghorn: _form, ...document } = toEcs(read.event, { receivedAt: '2026-11-20T10:00:00.000Z' });
          return JSON.parse(JSON.stringify(document)) as Json;
        });
        assert.deepEqual(asJson, asXml, json);
      }
  });

test('a map of names beside or in place of Data loses nothing', () => {
  const dataOf = (EventData: unknown) => ({
    ...eventOf({ Event: { System: { Provider: 'P', EventID: '1' }, EventData } }).eventData,
  });
  assert.deepEqual(dataOf({ Data: { Name: 'x', Other: 'y' } }), { Name: 'x', Other: 'y' });
  assert.deepEqual(dataOf({ Data: { Name: 'x' }, Binary: '00' }), { Name: 'x', Binary: '00' });
  assert.deepEqual(dataOf({ Data: [{ a: '1' }, { b: '2' }] }), { a: '1', b: '2' });
  assert.deepEqual(
    dataOf([
      { Name: 'a', content: '1' },
      { Name: 'b', Value: '2' },
    ]),
    { a: '1', b: '2' },
  );
  assert.deepEqual(dataOf('text'), { param1: 'text' });
  assert.deepEqual(dataOf(['x', 'y']), { param1: 'x', param2: 'y' });
  assert.deepEqual(dataOf({ Value: '1', content: '2', text: '3' }), { Value: '1', content: '2', text: '3' });
});
