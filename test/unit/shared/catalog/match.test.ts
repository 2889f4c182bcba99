// Matching: by provider and id, never by a part of a name; parameters from the inserts first and
// from the text last.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMatcher } from '../../../../shared/catalog/match.ts';
import type { WindowsEvent } from '../../../../shared/contracts/windows-event.ts';
import { catalogOf, entryText, event309, shipped309 } from './entry-text.ts';

const match309 = createMatcher(catalogOf(shipped309()));

test('the provider matches in any case, trimmed, and by its alias', () => {
  for (const providerName of [
    'WMServer',
    ' wmserver ',
    'WMSERVER\n',
    'Windows Media Services',
    'windows media services',
  ])
    assert.equal(match309(event309({ providerName }))?.entry.id, 'wmserver-309-port-in-use', providerName);
});

test('event 309 of anyone else, and other events of WMServer, are not tagged', () => {
  const strangers = [
    'Microsoft-Windows-AppReadiness',
    'Microsoft-Windows-User Device Registration',
    'Microsoft-Windows-MCCS-ActiveSyncProvider',
    'WMServer2',
    'XWMServer',
    'WM Server',
    'Microsoft-Windows-WMServer',
    '',
    'constructor',
    '__proto__',
  ];
  for (const providerName of strangers)
    assert.equal(match309(event309({ providerName, message: 'cannot bind to TCP port 80' })), undefined, providerName);
  for (const eventId of [308, 310, 337, 3090, 30, 0])
    assert.equal(match309(event309({ eventId, eventData: { param1: '80' } })), undefined, String(eventId));
});

const text = (port: string): string =>
  `Windows Media Services cannot bind to TCP port ${port}. The port is being used by another service.`;

const ports: readonly (readonly [string, Partial<WindowsEvent>, number | undefined, readonly string[]])[] = [
  ['first insert', { eventData: { param1: '80' } }, 80, []],
  ['insert with spaces', { eventData: { param1: ' 554\r\n' } }, 554, []],
  ['inserts counted from 0', { eventData: { param0: '1755', param1: 'other' } }, 1755, []],
  ['insert and text agree', { eventData: { param1: '8080' }, message: text('8080') }, 8080, []],
  ['insert wins over the text', { eventData: { param1: '80' }, message: text('8080') }, 80, ['foghorn_port_mismatch']],
  ['text alone', { message: text('65535') }, 65_535, []],
  ['text, other case and spaces', { message: 'cannot bind to tcp\r\n PORT:  80' }, 80, []],
  [
    'text without a template',
    { message: 'The following information was included with the event:\r\n\r\n80\r\n' },
    80,
    [],
  ],
  ['text with a port that goes on', { message: text('80,443') }, undefined, []],
  ['text with an unfilled template', { message: text('%1') }, undefined, []],
  ['invalid insert, text helps', { eventData: { param1: 'http' }, message: text('80') }, 80, ['foghorn_port_invalid']],
  ['empty insert is none', { eventData: { param1: ' ' }, message: text('80') }, 80, []],
  ['nothing at all', {}, undefined, []],
  ...['0', '65536', '-80', '80.0', '8e1', '0x50', '%1', '{port}', '80; rm', '９０', '1'.repeat(100_000)].map(
    (param1) =>
      [`insert ${param1.slice(0, 12)}`, { eventData: { param1 } }, undefined, ['foghorn_port_invalid']] as const,
  ),
];

for (const [what, differences, port, tags] of ports)
  test(`port: ${what}`, () => {
    const found = match309(event309(differences));
    assert.deepEqual(found?.params, port === undefined ? {} : { port });
    assert.deepEqual(found?.tags, tags);
  });

test('a long message is searched in bounded time', () => {
  const hostile = ['TCP port '.repeat(200_000), `TCP${' '.repeat(500_000)}port`, 'event: '.repeat(200_000)];
  const start = process.cpuUsage();
  for (const message of hostile) assert.deepEqual(match309(event309({ message }))?.params, {});
  // Bounded means milliseconds; the limit only has to distinguish that from quadratic time.
  assert.ok(process.cpuUsage(start).user < 5_000_000);
});

const conditions: readonly (readonly [string, string, Partial<WindowsEvent>, boolean])[] = [
  ['channel', '[{ channels: [system] }]', { channel: 'System' }, true],
  ['other channel', '[{ channels: [system] }]', { channel: 'Application' }, false],
  ['no channel', '[{ channels: [system] }]', {}, false],
  ['absent version is 0', '[{ eventVersions: [0] }]', {}, true],
  ['other version', '[{ eventVersions: [0] }]', { version: 2 }, false],
  [
    'value of an insert',
    '[{ data: { param2: { equals: ["%%10048"] } } }]',
    { eventData: { param1: 'x', param2: '%%10048' } },
    true,
  ],
  [
    'value of an insert counted from 0',
    '[{ data: { param2: { equals: [b] } } }]',
    { eventData: { param0: 'a', param1: 'B' } },
    true,
  ],
  [
    'part of a named value',
    '[{ data: { Error: { contains: ["socket"] } } }]',
    { eventData: { Error: 'One Socket each' } },
    true,
  ],
  [
    'value in user data',
    '[{ data: { Error: { equals: [x] } } }]',
    { userData: { xmlName: 'E', values: { Error: 'x' } } },
    true,
  ],
  ['inherited names are no data', '[{ data: { toString: { contains: [native] } } }]', { eventData: {} }, false],
  ['message', '[{ messageContains: [one, SOCKET] }]', { message: 'each socket address' }, true],
  ['all parts of one', '[{ channels: [System], messageContains: [x] }]', { channel: 'System', message: 'y' }, false],
  ['one of several', '[{ channels: [System] }, { messageContains: [y] }]', { message: 'y' }, true],
];

for (const [what, when, differences, isMatch] of conditions)
  test(`condition: ${what} ${isMatch ? 'holds' : 'does not hold'}`, () => {
    const match = createMatcher(catalogOf(entryText({ when })));
    assert.equal(match(event309({ providerName: 'Sample', eventId: 7, ...differences })) !== undefined, isMatch);
  });

test('the more specific entry wins, whatever the order of files, and gives way when its conditions fail', () => {
  const low = entryText({ id: 'low' });
  const middle = entryText({ id: 'middle', moreSpecificThan: '[low]', when: '[{ channels: [System, Other] }]' });
  const top = entryText({ id: 'top', moreSpecificThan: '[middle]', when: '[{ channels: [System] }]' });
  for (const texts of [
    [low, middle, top],
    [top, middle, low],
    [middle, top, low],
  ]) {
    const match = createMatcher(catalogOf(...texts));
    const idIn = (channel: string): string | undefined =>
      match(event309({ providerName: 'Sample', eventId: 7, channel }))?.entry.id;
    assert.deepEqual(['System', 'Other', 'Application'].map(idIn), ['top', 'middle', 'low']);
  }
});

test('named values, text up to literal words, and cleaned text', () => {
  const parameters = `
  - { name: file, type: path, meaning: a file, insert: 1, dataNames: [File], prose: { unknown: a file }, textPatterns: [{ after: "log file '", before: "'." }] }`;
  const match = createMatcher(
    catalogOf(entryText({ parameters, message: '"%1"', title: 'T', summary: 'S', remediation: '[]' })),
  );
  const fileOf = (differences: Partial<WindowsEvent>): unknown =>
    match(event309({ providerName: 'Sample', eventId: 7, ...differences }))?.params['file'];
  assert.equal(fileOf({ eventData: { File: 'C:\\a b.log' } }), 'C:\\a b.log');
  assert.equal(fileOf({ userData: { xmlName: 'E', values: { File: 'x' } } }), 'x');
  assert.equal(fileOf({ message: "cannot open the log  file 'C:\\it's.log'. Again." }), "C:\\it's.log");
  assert.equal(fileOf({ eventData: { param1: ' C:\\a\u0000\u202Eb\r\nc ' } }), 'C:\\a b c');
  assert.equal(fileOf({ eventData: { param1: 'my%20file.wmv' } }), 'my%20file.wmv');
  assert.equal(String(fileOf({ eventData: { param1: '😀'.repeat(5000) } })).length, 1024);
});
