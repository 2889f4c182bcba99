// What does not fit its place goes to a place of its own, with a tag; nothing is lost, and nothing
// else is touched.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eachField, FIELD_TREE, readFields } from '../../../../shared/ecs/field-tree.ts';
import { MAX_UNMAPPED } from '../../../../shared/windows/limits.ts';
import { BEYOND_TAG, MISPLACED_TAG, NAME_TAG, settleFields } from '../../../../shared/windows/settle-fields.ts';
import { TEXT_REPAIRED_TAG } from '../../../../shared/windows/well-formed.ts';
import { documentOf, winlogbeatDocument } from './event-text.ts';

type Json = Record<string, unknown>;

/** The document after settling, as it is written, what was taken out, and the tags. */
function settled(given: Json) {
  const [document, tags] = [structuredClone(given), new Set<string>()];
  const aside = settleFields(document, tags);
  return { document: JSON.parse(JSON.stringify(document)) as Json, aside, tags: [...tags] };
}

test('an ordinary document of an agent stays as it is', () => {
  const given = {
    '@timestamp': '2026-11-20T09:00:00Z',
    '@version': '1',
    message: 'm',
    tags: ['a', 'b'],
    labels: { env: 'prod' },
    fields: { team: { name: 'media' } },
    user: { name: 'alice', id: ['S-1'], group: null },
    process: { pid: 1, args: ['a', 'b'], parent: { pid: 2 } },
    dns: { answers: [{ data: 'x' }, { data: 'y' }] },
    client: { geo: { location: { lat: 1, lon: 2 } } },
    winlog: { event_id: '1', event_data: { a: '1' }, logon: { type: 'Network' }, process: { thread: { id: 1 } } },
    powershell: { command: { invocation_details: [{ type: 'a' }] } },
  };
  assert.deepEqual(settled(given), { document: given, aside: {}, tags: [] });
});

test('each object of ECS and of the agents: a text, a number or a list there goes aside and the object is free [case 39]', () => {
  let objects = 0;
  eachField(FIELD_TREE, (path, field) => {
    if (typeof field === 'string') return;
    objects += 1;
    for (const value of ['text', 0, true, ['a', 1]]) {
      const given = path.split('.').reduceRight<unknown>((inner, name) => ({ [name]: inner }), value) as Json;
      const { document, aside, tags } = settled(given);
      assert.deepEqual([aside, tags], [{ misplaced: { [path]: value } }, [MISPLACED_TAG]], path);
      assert.ok(!JSON.stringify(document).includes('text'));
    }
  });
  assert.ok(objects > 300);
});

test('each leaf of ECS and of the agents: an object there goes aside', () => {
  eachField(FIELD_TREE, (path, field) => {
    if (field === 'flattened' || typeof field !== 'string') return;
    const given = path.split('.').reduceRight<unknown>((inner, name) => ({ [name]: inner }), { x: 1 }) as Json;
    const { aside, tags } = settled(given);
    assert.deepEqual([aside, tags], [{ misplaced: { [path]: { x: 1 } } }, [MISPLACED_TAG]]);
  });
});

test('of a list of both, what fits stays', () => {
  const { document, aside } = settled({
    user: [{ name: 'a' }, 'x', null, [{ name: { first: 'b' } }]],
    process: { args: ['a', { b: 1 }, ['c']] },
    labels: ['x', { a: 1 }],
  });
  assert.deepEqual(document, { user: [{ name: 'a' }, {}], process: { args: ['a', 'c'] }, labels: [{ a: 1 }] });
  assert.deepEqual(aside.misplaced, { user: 'x', 'user.name': { first: 'b' }, 'process.args': { b: 1 }, labels: 'x' });
});

test('fields that nobody knows go to one place by their paths, and keep their shape', () => {
  const { document, aside, tags } = settled({
    custom: { a: [1, { b: 'x' }] },
    user: { name: 'a', mood: 'good' },
    n: 5,
  });
  assert.deepEqual(document, { user: { name: 'a' } });
  assert.deepEqual(aside, { unmapped: { custom: { a: [1, { b: 'x' }] }, 'user.mood': 'good', n: 5 } });
  assert.deepEqual(tags, []);
});

test('a dotted name within an object is that of the field it names, where that is free', () => {
  const { document, aside } = settled({
    user: { 'group.name': 'g', 'mood.today': 1, name: 'x', 'name.y': 2 },
    process: { parent: 'p', 'parent.pid': 7 },
    file: { 'hash.md5': { a: 1 }, hash: { md5: 'm' } },
  });
  assert.deepEqual(document, {
    user: { name: 'x', group: { name: 'g' } },
    process: { parent: { pid: 7 } },
    file: { hash: { md5: 'm' } },
  });
  assert.deepEqual(aside.unmapped, { 'user.mood.today': 1, 'user.name.y': 2 });
  assert.deepEqual(aside.misplaced, { 'process.parent': 'p', 'file.hash.md5': { a: 1 } });
});

test('names that no index takes are changed and said', () => {
  for (const [name, safe] of [
    ['', '_'],
    [' ', '_'],
    ['..', '_._._'],
    ['.a', '_.a'],
    ['a.', 'a._'],
    ['a. .b', 'a._.b'],
    ['a\0b', 'a\uFFFDb'],
  ] as const) {
    assert.deepEqual(settled({ [name]: 1 }), { document: {}, aside: { unmapped: { [safe]: 1 } }, tags: [NAME_TAG] });
    assert.deepEqual(settled({ user: { [name]: 1 } }).aside, { unmapped: { [`user.${safe}`]: 1 } });
    assert.deepEqual(settled({ labels: { [name]: 1 } }).document, { labels: { [safe]: 1 } });
  }
  // Two that become one stay two values.
  assert.deepEqual(settled({ x: { '': 1, ' ': [2, 3] } }).aside, { unmapped: { x: { _: [1, 2, 3] } } });
  for (const name of ['__proto__', 'constructor', 'toString', '_id', '_source']) {
    const given = JSON.parse(`{"${name}":{"a":1},"user":{"${name}":"x"}}`) as Json;
    const { document, aside } = settled(given);
    assert.deepEqual(
      [JSON.stringify(document), JSON.stringify(aside)],
      ['{"user":{}}', `{"unmapped":{"${name}":{"a":1},"user.${name}":"x"}}`],
    );
  }
});

test('what is too deep, too long or too much is kept as JSON, and said', () => {
  let deep: unknown = 'end';
  for (let depth = 0; depth < 60; depth += 1) deep = { n: deep };
  for (const given of [{ deep }, { labels: deep }, { user: deep }]) {
    const { document, aside, tags } = settled(given);
    assert.ok(JSON.stringify([document, aside]).includes('end') && tags.includes(BEYOND_TAG));
    assert.ok(depthOf([document, aside]) <= 20);
  }
  const wide = Object.fromEntries(Array.from({ length: 2000 }, (_, at) => [`k${at}`, at]));
  for (const given of [wide, { x: wide }, { user: wide }, { labels: wide }]) {
    const { document, aside, tags } = settled(given);
    const text = JSON.stringify([document, aside]);
    for (let at = 0; at < 2000; at += 1) assert.ok(text.includes(`k${at}`));
    assert.ok(tags.includes(BEYOND_TAG));
    assert.ok(Object.keys(aside.unmapped ?? {}).length <= MAX_UNMAPPED);
  }
  const { aside } = settled({ [`n${'x'.repeat(5000)}`]: 1, x: { ['y'.repeat(5000)]: 1 } });
  assert.equal(Object.keys(JSON.parse(aside.unmapped_rest ?? '{}') as Json)[0]?.length, 5001);
  assert.equal(typeof aside.unmapped?.['x'], 'string');
});

test('the two events of the report: what came aside, and what is found where it belongs [case 39]', () => {
  const poison = documentOf(winlogbeatDocument({}, { source: 'C:\\Logs\\app.log', user: 'alice' }));
  assert.deepEqual([poison['source'], poison['user']], [undefined, undefined]);
  assert.deepEqual(poison['foghorn'], {
    form: 'winlogbeat',
    misplaced: { source: 'C:\\Logs\\app.log', user: 'alice' },
  });
  assert.deepEqual(poison.tags, [MISPLACED_TAG]);
  const own = { source: { ip: '192.0.2.7', port: 50_123 }, user: { name: 'alice', domain: 'EXAMPLE' } };
  const ordinary = documentOf(winlogbeatDocument({}, own));
  assert.deepEqual([ordinary['source'], ordinary['user'], ordinary.tags], [own.source, own.user, undefined]);
  assert.deepEqual(ordinary['foghorn'], { form: 'winlogbeat' });
});

test('objects that Foghorn writes into are not overwritten without a word', () => {
  const document = documentOf(winlogbeatDocument({ process: 'x' }, { event: 'e', host: ['h'], ecs: 1, log: 'l' }));
  assert.deepEqual(document['foghorn']?.['misplaced'], {
    event: 'e',
    host: 'h',
    ecs: 1,
    log: 'l',
    'winlog.process': 'x',
  });
  assert.equal(document['event']?.['code'], '309');
});

test('a name given once as a value and once as an object keeps both', () => {
  for (const given of [
    { user: 'alice', 'user.name': 'bob' },
    { 'user.name': 'bob', user: 'alice' },
  ]) {
    const document = documentOf(winlogbeatDocument({}, given));
    assert.deepEqual(document['user'], { name: 'bob' });
    assert.deepEqual(document['foghorn']?.['misplaced'], { user: 'alice' });
  }
  const twice = documentOf(winlogbeatDocument({}, { user: { name: 'a' }, 'user.name': 'b' }));
  assert.deepEqual([twice['user'], twice['foghorn']?.['misplaced']], [{ name: 'b' }, { 'user.name': 'a' }]);
});

test('NUL in a name becomes U+FFFD, in event data too; in a value it is made visible, as in event XML', () => {
  const document = documentOf(winlogbeatDocument({ event_data: { 'a\0b': 'x', c: 'y\0' }, user_data: { 'd\0': 'z' } }));
  assert.deepEqual(document['winlog']?.['event_data'], { 'a\uFFFDb': 'x', c: 'y\\u0000' });
  assert.deepEqual(document['winlog']?.['user_data'], { 'd\uFFFD': 'z' });
  assert.deepEqual(document.tags, [TEXT_REPAIRED_TAG]);
});

test('the notation of fields: objects within one another, keywords where no type is given', () => {
  const tree = readFields('a { b c:long d { e } } f:ip', 'a { d { g:date } b:date }');
  const found: string[] = [];
  eachField(tree, (path, field) => typeof field === 'string' && found.push(`${path}=${field}`));
  assert.deepEqual(found, ['a.b=date', 'a.c=long', 'a.d.e=keyword', 'a.d.g=date', 'f=ip']);
  for (const text of ['a { b', 'a } b']) assert.throws(() => readFields(text), TypeError);
});

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}
