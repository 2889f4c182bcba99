// Loading: every fault at once, each with its file, line and field; nothing half-checked gets
// through.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatCatalogError, parseCatalog } from '../../../../shared/catalog/load.ts';
import { catalogOf, entryText, errorsOf, shipped309 } from './entry-text.ts';

test('a sound entry loads, with defaults filled in, and entries come out ordered by id', () => {
  const { entries } = catalogOf(entryText({ id: 'b', eventIds: '[8]' }), entryText({ id: 'a' }));
  assert.deepEqual(
    entries.map((entry) => [entry.id, entry.kind, entry.moreSpecificThan]),
    [
      ['a', 'fault', []],
      ['b', 'fault', []],
    ],
  );
});

test('all faults of all files are reported at once, with file, line and field', () => {
  const text = entryText({ severity: 'terrible', eventIds: '[70000]', reviewed: 'soon' });
  const errors = errorsOf(text, entryText({ id: 'Not A Slug' }));
  const lineOf = (start: string): number => text.split('\n').findIndex((line) => line.startsWith(start)) + 1;
  assert.deepEqual(
    errors.map(({ file, line, path }) => [file, line, path]),
    [
      ['0.yaml', lineOf('eventIds'), 'eventIds[0]'],
      ['0.yaml', lineOf('severity'), 'severity'],
      ['0.yaml', lineOf('reviewed'), 'reviewed'],
      ['1.yaml', 1, 'id'],
    ],
  );
  assert.match(formatCatalogError(errors[0] ?? assert.fail()), /^0\.yaml:5 eventIds\[0\]: /u);
});

test('what the schema refuses in one section hides no problem of another, and makes none there', () => {
  const text = `${entryText({
    title: '"{prot} is taken"',
    causes: '\n  - text: one {port}\n    chek: x',
    verification: '[{ text: x, command: "run {what}" }]',
  }).replace(/^(?:class|summary):.*\n/gmu, '')}serverity: error\n`;
  assert.deepEqual(
    errorsOf(text).map(({ path }) => path),
    ['class', 'summary', 'causes[0].chek', 'serverity', 'title', 'verification[0].command'],
  );
  const unreadable = errorsOf(entryText({ title: '"{prot}"', parameters: '[{ name: 7 }]' }));
  assert.ok(
    unreadable.every(({ path }) => path.startsWith('parameters')),
    'which placeholders there are is not known then',
  );
  assert.deepEqual(
    errorsOf('[]').map(({ path }) => path),
    [''],
  );
});

test('a missing field is reported as missing, an unknown one at its own line', () => {
  const text = `${entryText().replace(/^class:.*\n/mu, '')}serverity: error\n`;
  const errors = errorsOf(text);
  assert.deepEqual(
    errors.map(({ path, message }) => [path, message]),
    [
      ['class', 'is missing'],
      ['serverity', 'there is no such field'],
    ],
  );
  assert.equal(errors[1]?.line, text.split('\n').length - 1);
});

test('a fault deep in the entry is reported at its line', () => {
  const text = entryText({ causes: '\n  - text: one\n  - text: two\n    check: look at {prot}' });
  const [error] = errorsOf(text);
  assert.equal(error?.path, 'causes[1].check');
  assert.equal(text.split('\n')[(error?.line ?? 0) - 1], '    check: look at {prot}');
  assert.match(error?.message ?? '', /unknown placeholder \{prot\}; there are \{host\}, \{port\}, \{file\}/u);
});

test('a list has three key steps at most [issue 17 §2]', () => {
  const steps = (keys: number): string =>
    [1, 2, 3, 4].map((step) => `\n  - { text: step ${step}${step <= keys ? ', key: true' : ''} }`).join('');
  assert.equal(catalogOf(entryText({ verification: steps(3) })).entries.length, 1);
  const [error] = errorsOf(entryText({ verification: steps(4) }));
  assert.deepEqual(
    [error?.path, error?.message],
    ['verification', 'a short message shows 3 steps; mark no more of them with key'],
  );
});

const parameter = (rest: string): string => `\n  - { name: port, type: port, meaning: a port, insert: 1, ${rest} }`;
const words = 'prose: { unknown: an unknown port }';
const plain = { message: '"%1"', title: 'Sample', summary: 'Sample', remediation: '[]' };

const refused: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
  ['an insertion mark in prose', { summary: '"port %1"' }, 'summary'],
  ['a stray brace in prose', { notes: '["a { b"]' }, 'notes[0]'],
  [
    'an unknown placeholder in a command',
    { verification: '[{ text: x, command: "run {what}" }]' },
    'verification[0].command',
  ],
  ['an unknown placeholder in evidence', { clearedBy: '[{ kind: person, text: "{who}" }]' }, 'clearedBy[0].text'],
  ['an insert that no parameter takes', { message: '"%1 %2 %3"' }, 'message'],
  [
    'a parameter name taken twice',
    { parameters: parameter(words) + parameter(words).replace('insert: 1', 'insert: 2'), ...plain },
    'parameters[1].name',
  ],
  [
    'a parameter called host',
    { parameters: parameter(words).replace('name: port', 'name: host'), ...plain },
    'parameters[0].name',
  ],
  [
    'a parameter called as what every object inherits [security L13]',
    { parameters: parameter(words).replace('name: port', 'name: constructor'), ...plain },
    'parameters[0].name',
  ],
  [
    'a parameter that comes from nowhere',
    { parameters: parameter(words).replace('insert: 1, ', ''), ...plain },
    'parameters[0]',
  ],
  [
    'a phrase without its value',
    { parameters: parameter('prose: { known: port, unknown: none }'), ...plain },
    'parameters[0].prose.known',
  ],
  [
    'a placeholder in the words for unknown',
    { parameters: parameter('prose: { unknown: "{port}" }'), ...plain },
    'parameters[0].prose.unknown',
  ],
  ['a field the document fills itself', { fields: '{ event.id: x }' }, 'fields.event.id'],
  ['text in a port field', { fields: '{ server.port: x }' }, 'fields.server.port'],
  ['a field inside another', { fields: '{ a.b: x, a.b.c: y }' }, 'fields.a.b.c'],
  ['a limit on an unknown parameter', { causes: '[{ text: x, onlyFor: { prot: [80] } }]' }, 'causes[0].onlyFor.prot'],
  [
    'an option limited by an unknown parameter',
    { remediation: '[{ id: x, title: x, onlyFor: { prot: [80] }, steps: [{ text: x }] }]' },
    'remediation[0].onlyFor.prot',
  ],
  ['a limit to no port', { causes: '[{ text: x, onlyFor: { port: [0] } }]' }, 'causes[0].onlyFor.port'],
  [
    'evidence about an unknown parameter',
    { clearedBy: '[{ kind: probe, probe: tcp-listener, parameter: prot, answers: [{ protocol: mms }], text: x }]' },
    'clearedBy[0].parameter',
  ],
  [
    'a probe that nobody makes [issue 15]',
    { clearedBy: '[{ kind: probe, probe: wmi, parameter: port, answers: [{ protocol: mms }], text: x }]' },
    'clearedBy[0].probe',
  ],
  [
    'a probe that any open port would satisfy [issue 15]',
    { clearedBy: '[{ kind: probe, probe: tcp-listener, parameter: port, answers: [], text: x }]' },
    'clearedBy[0].answers',
  ],
  [
    'an answer by HTTP without the name of the server [issue 15]',
    { clearedBy: '[{ kind: probe, probe: tcp-listener, parameter: port, answers: [{ protocol: http }], text: x }]' },
    'clearedBy[0].answers[0].server',
  ],
  [
    'a server with its version [issue 15]',
    {
      clearedBy:
        '[{ kind: probe, probe: tcp-listener, parameter: port, answers: [{ protocol: http, server: a/1 }], text: x }]',
    },
    'clearedBy[0].answers[0].server',
  ],
  ['an unknown kind of evidence', { clearedBy: '[{ kind: hope, text: x }]' }, 'clearedBy[0].kind'],
  ['a condition that tests nothing', { when: '[{}]' }, 'when[0]'],
  [
    'a script address',
    { references: '[{ kind: related, title: x, url: "javascript:alert(1)" }]' },
    'references[0].url',
  ],
  [
    'an unknown related entry',
    { related: '[{ entry: nowhere, provider: X, eventIds: [1], relation: recovery, text: x }]' },
    'related[0].entry',
  ],
  ['precedence over an unknown entry', { moreSpecificThan: '[nowhere]' }, 'moreSpecificThan[0]'],
];

for (const [what, changes, path] of refused)
  test(`refused: ${what}`, () => {
    const errors = errorsOf(entryText(changes));
    assert.deepEqual(
      errors.map((error) => error.path),
      [path],
      JSON.stringify(errors),
    );
    assert.ok((errors[0]?.line ?? 0) > 0);
  });

test('an id used twice is refused', () => {
  const errors = errorsOf(entryText(), entryText({ eventIds: '[8]' }));
  assert.deepEqual(
    errors.map(({ file, path }) => [file, path]),
    [['1.yaml', 'id']],
  );
});

const general = entryText({ id: 'general' });
const rivals: readonly (readonly [string, Readonly<Record<string, string>>, boolean])[] = [
  ['the same event', {}, true],
  ['an alias spelled differently', { provider: '{ name: Other, aliases: [" SAMPLE "] }' }, true],
  ['a condition against none', { when: '[{ channels: [System] }]' }, true],
  ['another id', { eventIds: '[8, 9]' }, false],
  ['another provider that holds the name', { provider: '{ name: Sample2 }' }, false],
  ['declared precedence', { moreSpecificThan: '[general]' }, false],
];

for (const [what, changes, isConflict] of rivals)
  test(`two entries, ${what}: ${isConflict ? 'refused' : 'accepted'}`, () => {
    const result = parseCatalog([
      { name: 'general.yaml', text: general },
      { name: 'rival.yaml', text: entryText({ id: 'rival', ...changes }) },
    ]);
    assert.equal(result.kind, isConflict ? 'errors' : 'catalog', JSON.stringify(result));
    if (result.kind === 'errors')
      assert.match(result.errors[0]?.message ?? '', /"general" could match the same event \(sample 7\)/u);
  });

test('conditions count as apart only when they provably are', () => {
  const pair = (one: string, other: string): string[] => [
    entryText({ id: 'one', when: one }),
    entryText({ id: 'other', when: other }),
  ];
  catalogOf(...pair('[{ channels: [System] }]', '[{ channels: [Application] }]'));
  catalogOf(...pair('[{ data: { param1: { equals: [a] } } }]', '[{ data: { param1: { equals: [b] } } }]'));
  errorsOf(...pair('[{ channels: [System] }]', '[{ channels: [" system"] }]'));
  errorsOf(...pair('[{ messageContains: [a] }]', '[{ messageContains: [b] }]'));
  errorsOf(...pair('[{ channels: [System] }, { eventVersions: [1] }]', '[{ channels: [Application] }]'));
});

test('precedence reaches through others, and a circle is refused', () => {
  const low = entryText({ id: 'low' });
  const middle = entryText({ id: 'middle', moreSpecificThan: '[low]' });
  catalogOf(entryText({ id: 'top', moreSpecificThan: '[middle]' }), low, middle);
  const errors = errorsOf(
    entryText({ id: 'one', moreSpecificThan: '[two]' }),
    entryText({ id: 'two', moreSpecificThan: '[one]' }),
  );
  assert.deepEqual(
    errors.map((error) => error.path),
    ['moreSpecificThan', 'moreSpecificThan'],
  );
});

test('a reference to an entry whose file is broken is not reported as unknown', () => {
  const errors = errorsOf(entryText({ id: 'top', moreSpecificThan: '[low]' }), entryText({ id: 'low', version: '0' }));
  assert.deepEqual(
    errors.map((error) => error.path),
    ['version'],
  );
});

test('broken, oversized and hostile YAML is refused without harm', () => {
  const bomb = `a: &a [${'x,'.repeat(50)}x]\n${Array.from('bcdefgh')
    .map((name, index) => `${name}: &${name} [${`*${'abcdefgh'[index]},`.repeat(50)}]`)
    .join('\n')}\n`;
  for (const text of [
    '',
    '- a',
    'a: [',
    'a: 1\na: 2',
    'id: !!js/function x',
    '? [a]\n: 1',
    'a: 1\n---\nb: 1',
    bomb,
    'x'.repeat(600_000),
  ])
    assert.ok(errorsOf(text).length > 0, text.slice(0, 20));
  assert.equal(errorsOf('a: 1\nb: [\n')[0]?.file, '0.yaml');
  errorsOf(`${entryText()}__proto__: { polluted: true }\n`);
  assert.equal('polluted' in {}, false);
});

test('a text that YAML takes for something else, and a placeholder in capitals, are reported with what to write', () => {
  const unquoted = errorsOf(entryText({ title: '{host} has no port' }))[0];
  assert.match(unquoted?.message ?? '', /; a text that begins with \{ stands between quotation marks$/u);
  const capital = errorsOf(entryText({ title: "'{Port} on {host}'" }))[0];
  assert.match(capital?.message ?? '', /belongs to no placeholder; there are \{host\}, \{port\}, \{file\}$/u);
});

test('the shipped entry loads together with others', () => {
  assert.equal(catalogOf(shipped309(), entryText()).entries.length, 2);
});
