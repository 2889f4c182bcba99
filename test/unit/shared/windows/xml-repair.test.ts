// Mending: what XML 1.0 forbids becomes visible, what was cut off after the data is left out, all
// else stays as it is.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { showForbidden, withoutRendering } from '../../../../shared/windows/xml-repair.ts';

test('forbidden characters become visible text', () => {
  assert.equal(showForbidden('a\u0000b\u001Fc\uFFFEd\uFFFF'), 'a\\u0000b\\u001fc\\ufffed\\uffff');
  assert.equal(showForbidden('\uD83D.\uDE00'), '\\ud83d.\\ude00');
});

test('references to forbidden characters become visible text too', () => {
  assert.equal(
    showForbidden('&#0;&#x1f;&#xD800;&#xFFFF;&#x110000;&#4294967295;'),
    '\\u0000\\u001f\\ud800\\uffff\\u110000\\uffffffff',
  );
});

test('what is allowed stays', () => {
  const text = 'tab\t line\r\n é 😀 \u0085 &#9;&#xA;&#13;&#65;&#x10FFFF; &amp; &#; &#x;';
  assert.equal(showForbidden(text), text);
});

test('repeated calls do not depend on one another', () => {
  assert.deepEqual(['\u0001', 'a', '\u0001', '\u0001'].map(showForbidden), ['\\u0001', 'a', '\\u0001', '\\u0001']);
});

test('a RenderingInfo without an end is left out and the event closed', () => {
  assert.equal(withoutRendering('<Event>a<RenderingInfo Culture="en"><Message>half'), '<Event>a</Event>');
  assert.equal(withoutRendering('<Event>a<RenderingInfo'), '<Event>a</Event>');
  assert.equal(withoutRendering('<e:Event>a<e:RenderingInfo><e:Mess'), '<e:Event>a</e:Event>');
});

test('the word RenderingInfo in a cut-off message is no tag', () => {
  assert.equal(withoutRendering('<Event>a<RenderingInfo><Message>no RenderingInfo for'), '<Event>a</Event>');
});

test('a complete RenderingInfo is taken out, whatever is in it', () => {
  assert.equal(withoutRendering('<Event>a<RenderingInfo><Message>a & b</RenderingInfo>b</Event>'), '<Event>ab</Event>');
  assert.equal(
    withoutRendering('<Event><R/><RenderingInfo>1</RenderingInfo>2</RenderingInfo></Event>'),
    '<Event><R/></Event>',
  );
});

test('where there is none, nothing is touched', () => {
  for (const text of ['<Event><EventData>half', '<Event><RenderingInformation>', '<Event></RenderingInfo></Event>'])
    assert.equal(withoutRendering(text), undefined);
});
