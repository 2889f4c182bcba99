// Rendering: no value, however hostile, leaves a placeholder, forges a command or grows without
// bound.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMatcher } from '../../../../shared/catalog/match.ts';
import { matchFields, renderMessage, renderRemediation, toMatch } from '../../../../shared/catalog/render.ts';
import { catalogOf, entryText, event309, shipped309 } from './entry-text.ts';

const [sample = assert.fail()] = catalogOf(entryText()).entries;
const [entry309 = assert.fail()] = catalogOf(shipped309()).entries;
const LEFTOVER = /\{[a-z][a-z0-9_]*(?:\|[^{}]*)?\}|(?<![\w%])%\d/u;

const hostile = [
  '%1',
  'the %2 file',
  '{port}',
  'a{host}b',
  '{file|x}',
  '$&',
  "$1$`$'",
  '"; shutdown /s & echo "',
  '-o ProxyCommand',
  '<script>',
  '\u0000\u0007\u001B[31m\r\n',
  '\u202Egol',
  '\uD800',
  '',
  ' ',
  'x'.repeat(10_000),
  '😀'.repeat(10_000),
  '__proto__',
];

/** Every text in a value, however deep. */
function* textsIn(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) yield* textsIn(part);
}

/** Strings of nasty pieces, the same in every run. */
function* nastyStrings(count: number): Generator<string> {
  const pieces = [
    '%',
    '1',
    '{',
    '}',
    'port',
    '|',
    '$&',
    '$',
    '\\',
    '"',
    '&',
    '\n',
    '\u0000',
    '\uDC00',
    ' ',
    'a',
    '<',
    '%%',
  ];
  let state = 309;
  for (let made = 0; made < count; made += 1) {
    let text = '';
    for (let length = made % 12; length >= 0; length -= 1) {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
      text += pieces[Math.floor(state / 65_536) % pieces.length] ?? '';
    }
    yield text;
  }
}

test('whatever the values are, no placeholder is left and the size is bounded', () => {
  const values = [...hostile, ...nastyStrings(500)];
  for (const [index, value] of values.entries())
    for (const entry of [sample, entry309]) {
      const host = values[(index * 7) % values.length] ?? '';
      const remediation = renderRemediation(entry, { port: value, file: value }, host);
      for (const text of textsIn(remediation)) assert.doesNotMatch(text, LEFTOVER, JSON.stringify([value, host]));
      const json = JSON.stringify(remediation);
      assert.ok(json.length < 40_000, `${json.length} characters for ${JSON.stringify(value.slice(0, 20))}`);
    }
});

test('titles hold no control characters and stay short', () => {
  for (const value of hostile) {
    const { title } = renderRemediation(sample, { port: 80, file: value }, value);
    assert.doesNotMatch(title, /[\p{Cc}\p{Cf}\p{Cs}]/u);
    assert.ok(title.length < 300);
  }
});

test('an unknown value becomes words, in the text its own or the entry\u2019s', () => {
  const known = renderRemediation(sample, { port: 80, file: 'C:\\x y.log' }, 'media01');
  assert.equal(known.title, 'Sample: port 80 on media01');
  assert.equal(known.summary, 'It is C:\\x y.log and port 80.');
  const unknown = renderRemediation(sample, {}, '');
  assert.equal(unknown.title, 'Sample: an unknown port on the affected host');
  assert.equal(unknown.summary, 'It is the file and an unknown port.');
});

test('a command holds bare harmless values, else a mark to be replaced by hand', () => {
  const commandFor = (file: string): string | undefined =>
    renderRemediation(sample, { port: 80, file }, 'h').options[0]?.steps[0]?.command;
  assert.equal(commandFor('C:\\Program Files (x86)\\a-b.log'), 'type "C:\\Program Files (x86)\\a-b.log" & netstat 80');
  for (const file of ['x" & del *', 'a|b', '$(x)', '`x`', '%TEMP%', 'a>b', '-rf', "it's", ''])
    assert.equal(commandFor(file), 'type "<file>" & netstat 80', file);
});

test('an option for other values is left out, and kept while the value is unknown', () => {
  const remediation = `
  - { id: web, title: Of the web, onlyFor: { port: [80, 443] }, steps: [{ text: x }] }
  - { id: any, title: Of all, steps: [{ text: x }] }`;
  const [entry] = catalogOf(entryText({ remediation })).entries;
  assert.ok(entry !== undefined);
  const titles = (params: Readonly<Record<string, number>>) =>
    renderRemediation(entry, params, 'h').options.map(({ title }) => title);
  assert.deepEqual(titles({ port: 443 }), ['Of the web', 'Of all']);
  assert.deepEqual(titles({ port: 554 }), ['Of all']);
  assert.deepEqual(titles({}), ['Of the web', 'Of all']);
});

test('causes and related events for other values are left out, and kept while the value is unknown', () => {
  const textFor = (params: Record<string, number>): string =>
    JSON.stringify(renderRemediation(entry309, params, 'h').causes);
  assert.match(textFor({ port: 80 }), /HTTP\.sys/u);
  assert.doesNotMatch(textFor({ port: 80 }), /RTSP/u);
  assert.match(textFor({ port: 554 }), /RTSP/u);
  assert.doesNotMatch(textFor({ port: 554 }), /HTTP\.sys|1755/u);
  assert.match(textFor({ port: 1755 }), /older Windows Media Services/u);
  assert.equal(renderRemediation(entry309, { port: 8080 }, 'h').causes.length, 1);
  assert.match(textFor({}), /HTTP\.sys.*RTSP.*1755/u);
  assert.ok(!JSON.stringify(renderRemediation(entry309, { port: 554 }, 'h').related).includes('W3SVC'));
});

test('the message is made from the template only when every insert is there and valid', () => {
  const made = (eventData: Record<string, string>): string | undefined =>
    renderMessage(sample, event309({ eventData }));
  assert.equal(made({ param1: '80', param2: '$& {port}x.log' }), undefined);
  assert.equal(made({ param1: '80', param2: '$&.log' }), '80 cannot open $&.log');
  assert.equal(made({ param0: '80', param1: 'b' }), '80 cannot open b');
  assert.equal(made({ param1: '80' }), undefined);
  assert.equal(made({ param1: 'x', param2: 'b' }), undefined);
  assert.equal(renderMessage(sample, event309()), undefined);
  const [without = assert.fail()] = catalogOf(entryText().replace(/^message:.*\n/mu, '')).entries;
  assert.equal(renderMessage(without, event309({ eventData: { param1: '80', param2: 'b' } })), undefined);
});

test('the match of 309 and its fields', () => {
  const found = createMatcher(catalogOf(shipped309()))(event309({ eventData: { param1: '80' } })) ?? assert.fail();
  const match = toMatch(found, 'media01');
  const reference =
    'https://learn.microsoft.com/previous-versions/windows/it-pro/windows-server-2008-r2-and-2008/cc727478(v=ws.10)';
  assert.deepEqual(
    [match.ruleId, match.ruleVersion, match.params, match.discriminators, match.reference],
    ['wmserver-309-port-in-use', entry309.version, { port: 80 }, ['80'], reference],
  );
  assert.deepEqual(matchFields(found, match), {
    rule: {
      id: 'wmserver-309-port-in-use',
      name: 'Windows Media Services cannot bind to its TCP port',
      version: String(entry309.version),
      ruleset: 'foghorn',
      reference,
    },
    foghorn: {
      remediation: {
        id: 'wmserver-309-port-in-use',
        version: entry309.version,
        title: 'Windows Media Services cannot use TCP port 80 on media01',
        class: 'address-in-use',
        severity: 'error',
      },
      port_source: 'insert',
    },
    event: { reference },
    network: { transport: 'tcp' },
    server: { port: 80 },
  });
});

test('beats#52775: a document says where its port came from', () => {
  const sourceOf = (differences: Parameters<typeof event309>[0]): unknown => {
    const found = createMatcher(catalogOf(shipped309()))(event309(differences)) ?? assert.fail();
    const fields = matchFields(found, toMatch(found, 'media01'));
    return (fields['foghorn'] as Readonly<Record<string, unknown>>)['port_source'];
  };
  const message = 'Windows Media Services cannot bind to TCP port 80.';
  assert.equal(sourceOf({ eventData: { param1: '554' }, message }), 'insert');
  assert.equal(sourceOf({ eventData: { param1: 'http' }, message }), 'text');
  assert.equal(sourceOf({ message }), 'text');
  assert.equal(sourceOf({}), undefined);
  const named = entryText({
    parameters:
      '[{ name: port, type: port, meaning: x, dataNames: [Port], ecs: server.port, prose: { unknown: a port } }]',
    message: 'x',
    remediation: '[]',
    summary: 'x',
  });
  const found = createMatcher(catalogOf(named))(
    event309({ providerName: 'Sample', eventId: 7, eventData: { Port: '80' } }),
  );
  assert.deepEqual(found?.sources, { port: 'data' });
});

test('an unknown port leaves no field and keeps its place among the discriminators', () => {
  const found = createMatcher(catalogOf(shipped309()))(event309()) ?? assert.fail();
  const match = toMatch(found, 'media01');
  assert.deepEqual(match.discriminators, ['']);
  assert.ok(!('server' in matchFields(found, match)));
});

test('a match carries the declared probe with the port of the event, and none without a port [issue 15]', () => {
  const probe = (changes: object): string =>
    `[{ kind: probe, ${Object.entries(changes)
      .map(([key, value]) => `${key}: ${value}`)
      .join(', ')} }]`;
  const declared = {
    probe: 'tcp-listener',
    parameter: 'port',
    answers: '[{ protocol: http, server: nginx }]',
    text: 'x',
  };
  const matchWith = (clearedBy: string, param1: string) => {
    const found = createMatcher(catalogOf(entryText({ clearedBy })))(
      event309({ providerName: 'Sample', eventId: 7, eventData: { param1 } }),
    );
    return toMatch(found ?? assert.fail(), 'h').probe;
  };
  const answers = [{ protocol: 'http', server: 'nginx' }];
  assert.deepEqual(matchWith(probe(declared), '8080'), { port: 8080, answers });
  assert.equal(matchWith(probe(declared), 'many'), undefined);
  assert.equal(matchWith('[{ kind: person, text: x }]', '8080'), undefined);
  const other = { ...declared, parameter: 'file' };
  assert.deepEqual(matchWith(`${probe(other).slice(0, -1)}, ${probe(declared).slice(1)}`, '80'), { port: 80, answers });
});

test('an entry without any address has no reference, and field names are never inherited ones', () => {
  const found = createMatcher(catalogOf(entryText({ fields: '{ constructor.name: x, a.b: 1, a.c: true }' })))(
    event309({ providerName: 'Sample', eventId: 7 }),
  );
  assert.ok(found);
  const match = toMatch(found, 'h');
  const fields = matchFields(found, match);
  assert.ok(!('reference' in match) && !('event' in fields));
  assert.deepEqual(fields['a'], { b: 1, c: true });
  assert.deepEqual(Object.getOwnPropertyDescriptor(fields, 'constructor')?.value, { name: 'x' });
  assert.equal(Object.name, 'Object');
});
