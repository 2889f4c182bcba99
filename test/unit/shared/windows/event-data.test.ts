// EventData and UserData as pairs: positions of the unnamed, nests, depth, numbers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CUT_TAG, MAX_PAIRS, MAX_VALUE_LENGTH } from '../../../../shared/windows/limits.ts';
import { documentOf, eventOf, eventXml } from './event-text.ts';

const dataOf = (children: string) => ({
  ...eventOf(eventXml({ sections: `<EventData>${children}</EventData>` })).eventData,
});
const userDataOf = (children: string) => {
  const { userData } = eventOf(eventXml({ sections: `<UserData>${children}</UserData>` }));
  return userData === undefined ? undefined : { xmlName: userData.xmlName, values: { ...userData.values } };
};

test('an unnamed value is called by its position among all children', () => {
  assert.deepEqual(dataOf('<Data>a</Data><Data Name="b">B</Data><Data>c</Data>'), { param1: 'a', b: 'B', param3: 'c' });
  assert.deepEqual(dataOf('<Data/><Data>b</Data><Data></Data><Data>d</Data>'), { param2: 'b', param4: 'd' });
  assert.deepEqual(dataOf('<Data Name="">a</Data><Data Name="Data">b</Data>'), { param1: 'a', param2: 'b' });
});

test('Binary and other elements keep their own name and take a position', () => {
  assert.deepEqual(dataOf('<Binary>00FF</Binary><Data>b</Data><Extra>c</Extra>'), {
    Binary: '00FF',
    param2: 'b',
    Extra: 'c',
  });
});

test('a name that comes again is numbered, one without a value takes no name', () => {
  assert.deepEqual(dataOf('<Data Name="a"/><Data Name="a">1</Data><Data Name="a">2</Data>'), { a: '1', a_1: '2' });
  assert.deepEqual(dataOf('<Data Name="param2">named</Data><Data>unnamed</Data>'), {
    param2: 'named',
    param2_1: 'unnamed',
  });
});

test('text that looks like markup stays text; white space inside a value stays', () => {
  assert.deepEqual(
    dataOf('<Data>&lt;Data&gt;1&lt;/Data&gt;</Data><Data><![CDATA[<a b="c">&amp;]]></Data><Data> x </Data>'),
    {
      param1: '<Data>1</Data>',
      param2: '<a b="c">&amp;',
      param3: ' x ',
    },
  );
  assert.deepEqual(dataOf('<Data>8<!-- between -->0</Data>'), { param1: '80' });
  assert.deepEqual(dataOf('<Data>a\r\nb&#13;&#10;c&#10;</Data>'), { param1: 'a\nb\nc' });
});

test('ComplexData and other nests give all their text', () => {
  assert.deepEqual(dataOf('<ComplexData Name="Point"><X>1</X><Y> 2 </Y><Z><W>3</W></Z></ComplexData><Data>z</Data>'), {
    Point: '1  2  3',
    param2: 'z',
  });
});

test('no data at all is no data', () => {
  for (const sections of [
    '',
    '<EventData/>',
    '<EventData>\n  </EventData>',
    '<EventData><Data/></EventData>',
    '<UserData/>',
  ]) {
    const event = eventOf(eventXml({ sections }));
    assert.deepEqual([event.eventData, event.userData], [undefined, undefined], sections);
  }
});

test('UserData opens its first element and names it', () => {
  assert.deepEqual(
    userDataOf(
      '<x:LogFileCleared xmlns:x="urn:x"><User>bob</User><Channel>Security</Channel></x:LogFileCleared><Second><A>1</A></Second>',
    ),
    {
      xmlName: 'LogFileCleared',
      values: { User: 'bob', Channel: 'Security', 'Second.A': '1' },
    },
  );
  assert.deepEqual(userDataOf('<Empty/>'), { xmlName: 'Empty', values: {} });
});

test('the pairs of UserData follow the rules of EventData', () => {
  assert.deepEqual(userDataOf('<A><Data>a</Data><Data>b</Data><Data Name="q"> c </Data><B Name="">d\r\n</B></A>'), {
    xmlName: 'A',
    values: { param1: 'a', param2: 'b', q: ' c ', B: 'd' },
  });
});

test('what lies deeper in UserData, and attributes, get dotted names; declarations of namespaces are none', () => {
  assert.deepEqual(
    userDataOf(
      '<A xmlns="urn:a"><B>1<C>2<D Name="d">3</D></C></B>\n<E xmlns:x="urn:x" x:f="g" F="h">\n <Data>i</Data>\n</E></A>',
    ),
    { xmlName: 'A', values: { B: '1', 'B.C': '2', 'B.C.d': '3', 'E.param1': 'i', 'E.f': 'g', 'E.F': 'h' } },
  );
});

test('what UserData says twice, or beside its first element, is kept', () => {
  const valuesOf = (children: string) => ({
    ...eventOf(eventXml({ sections: `<UserData>${children}</UserData>` })).userData?.values,
  });
  assert.deepEqual(valuesOf('<A c="0"><B>1</B><B>2</B></A>'), { c: '0', B: '1', B_1: '2' });
  assert.deepEqual(valuesOf('<A><B>1</B></A><C><D>1</D></C>'), { B: '1', 'C.D': '1' });
  assert.deepEqual(valuesOf('<A><B>1</B><B>1</B><B/></A>'), { B: '1', B_1: '1' });
});

test('an event inside of UserData is data', () => {
  const inner = eventXml().replace(' xmlns="http://schemas.microsoft.com/win/2004/08/events/event"', '');
  const event = eventOf(eventXml({ provider: '<Provider Name="Outer"/>', sections: `<UserData>${inner}</UserData>` }));
  assert.deepEqual([event.providerName, event.eventData, event.userData?.xmlName], ['Outer', undefined, 'Event']);
  assert.equal(event.userData?.values['System.EventID'], '309');
});

test('too many and too long values are cut, and the document says so', () => {
  const many = documentOf(eventXml({ sections: `<EventData>${'<Data>v</Data>'.repeat(MAX_PAIRS + 1)}</EventData>` }));
  assert.equal(Object.keys(many['winlog']?.['event_data'] ?? {}).length, MAX_PAIRS);
  assert.deepEqual(many.tags, [CUT_TAG]);
  const long = documentOf(
    eventXml({ sections: `<UserData><A><B>${'v'.repeat(MAX_VALUE_LENGTH + 1)}</B></A></UserData>` }),
  );
  assert.deepEqual(long['winlog']?.['user_data'], { B: 'v'.repeat(MAX_VALUE_LENGTH), xml_name: 'A' });
  assert.deepEqual(long.tags, [CUT_TAG]);
  assert.equal(documentOf(eventXml()).tags, undefined);
});
