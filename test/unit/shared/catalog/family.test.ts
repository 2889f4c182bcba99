// Every shipped entry: it loads, matches its own event, reads as words whatever the event leaves
// out, and points only to what is there.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fillRemediation } from '../../../../shared/catalog/remediation-text.ts';
import { warningsOf } from '../../../../shared/catalog/lint.ts';
import { createMatcher } from '../../../../shared/catalog/match.ts';
import { renderMessage, renderRemediation, toMatch } from '../../../../shared/catalog/render.ts';
import type { CatalogEntry, CatalogParameter } from '../../../../shared/catalog/schema.ts';
import type { WindowsEvent } from '../../../../shared/contracts/windows-event.ts';
import { packagePath } from '../../../../shared/runtime/package-root.ts';
import { catalogOf, entryText, errorsOf } from './entry-text.ts';

const folder = packagePath('shared', 'catalog', 'entries');
const names = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
const catalog = catalogOf(...names.map((name) => readFileSync(`${folder}/${name}`, 'utf8')));
/** Those of Windows events; what Foghorn itself reports is tested with its reports. */
const entries = catalog.entries.filter(({ provider }) => provider.name !== 'Foghorn');
const match = createMatcher(catalog);
const byId = new Map(catalog.entries.map((entry) => [entry.id, entry]));

/** Ids of WMServer for which a source gives the number. */
const FAMILY = [301, 309, 310, 311, 312, 313, 315, 316, 318, 319, 331, 337, 341, 342, 344, 345, 347, 353, 355, 356];
const ELSEWHERE = [
  ['Microsoft-Windows-HttpEvent', 15005],
  ['Microsoft-Windows-HttpEvent', 15014],
  ['Microsoft-Windows-TerminalServices-RemoteConnectionManager', 1036],
  ['MSSQLSERVER', 9692],
  ['Service Control Manager', 7023],
  ['W3SVC', 1004],
  ['W3SVC', 1007],
  ['Server ActiveSync', 3015],
] as const;
/** Entries of WMServer for which only the text is published. */
const WITHOUT_ID = [
  'wmserver-archive-disk-low',
  'wmserver-playlist-unreadable',
  'wmserver-script-error',
  'wmserver-source-failed',
  'wmserver-wmi-handler-not-started',
  'wmserver-wrapper-unreadable',
];
/**
 * Events that clear a fault and have no entry: they are written for every service and every
 * listener.
 */
const CLEARING_WITHOUT_ENTRY = new Set(['Service Control Manager 7036', `${ELSEWHERE[2][0]} 258`]);

function sampleOf({ type, part, name }: CatalogParameter): string {
  if (part === 'folder') return String.raw`C:\Logs`;
  if (part === 'port' || type === 'port') return '8080';
  if (type === 'integer') return '7';
  if (type === 'path') return String.raw`C:\Logs\a.log`;
  return name === 'endpoint' || name === 'prefix' ? 'http://+:8080/' : `some ${name}`;
}

/** The insertion strings of the entry's event, `param1` on. */
function dataOf(entry: CatalogEntry): Record<string, string> {
  const data: Record<string, string> = {};
  for (const parameter of entry.parameters)
    if (parameter.insert !== undefined) data[`param${parameter.insert}`] = sampleOf(parameter);
  const [needed] = Object.entries(entry.when[0]?.data ?? {});
  if (needed !== undefined) data[needed[0]] = needed[1].equals?.[0] ?? needed[1].contains?.[0] ?? '';
  return data;
}

/**
 * The entry's event with its insertion strings, and with its text where only that states what it
 * is.
 */
function eventOf(entry: CatalogEntry, differences: Partial<WindowsEvent> = {}): WindowsEvent {
  const eventData = dataOf(entry);
  const bare = { form: 'event-xml', providerName: entry.provider.name, eventId: entry.eventIds[0] ?? 65_000 } as const;
  const message = entry.eventIds.length > 0 ? undefined : renderMessage(entry, { ...bare, eventData });
  return { ...bare, eventData, ...(message === undefined ? {} : { message }), ...differences };
}

function* textsOf(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (typeof value === 'object' && value !== null) for (const item of Object.values(value)) yield* textsOf(item);
}

function assertReadable(value: unknown, what: string): void {
  for (const text of textsOf(value)) {
    assert.doesNotMatch(text, /%\d|\bundefined\b|\bNaN\b|\[object|[{}]/u, what);
    assert.notEqual(text.trim(), '', what);
  }
}

test('there is an entry for each event of the family and for the same fault elsewhere', () => {
  const known = entries.flatMap(({ provider, eventIds }) => eventIds.map((id) => `${provider.name} ${id}`));
  assert.deepEqual(
    known.toSorted(),
    [...FAMILY.map((id) => `WMServer ${id}`), ...ELSEWHERE.map(([name, id]) => `${name} ${id}`)].toSorted(),
  );
  const withoutId = catalog.entries.filter(({ eventIds }) => eventIds.length === 0);
  assert.deepEqual(
    withoutId.map(({ id }) => id),
    WITHOUT_ID,
  );
});

for (const entry of entries) {
  const { id, kind } = entry;
  const full = Object.fromEntries(entry.parameters.map((parameter) => [parameter.name, sampleOf(parameter)]));

  test(`${id}: reads as words with all, some and no values`, () => {
    const without = Object.keys(full).map((name) =>
      Object.fromEntries(Object.entries(full).filter(([it]) => it !== name)),
    );
    const unfilled = Object.fromEntries(Object.keys(full).map((name, index) => [name, `%${index + 1}`]));
    for (const params of [full, ...without, unfilled, {}])
      for (const host of ['media01', ''])
        assertReadable(renderRemediation(entry, params, host), `${id} ${JSON.stringify(params)}`);
    assert.deepEqual(renderRemediation(entry, unfilled, ''), renderRemediation(entry, {}, ''));
    assert.match(renderRemediation(entry, full, 'media01').title, /media01/u);
  });

  test(`${id}: its event is known under every name of the provider, by insertion strings`, () => {
    for (const providerName of [entry.provider.name, ...entry.provider.aliases]) {
      const found = match(eventOf(entry, { providerName: ` ${providerName.toUpperCase()} ` }));
      assert.equal(found?.entry.id, id);
      const expected = entry.parameters.map((it) => [
        it.name,
        it.type === 'port' || it.type === 'integer' ? Number(sampleOf(it)) : sampleOf(it),
      ]);
      assert.deepEqual(found?.params, Object.fromEntries(expected));
      assert.deepEqual(found?.tags, []);
      const { remediation } = toMatch(found, 'media01');
      assertReadable(
        fillRemediation(remediation, () => entry),
        id,
      );
      assert.equal(remediation.title, renderRemediation(entry, found.params, 'media01').title);
    }
  });

  test(`${id}: the message is rendered only from usable values, and gives them back`, () => {
    const message = renderMessage(entry, eventOf(entry)) ?? assert.fail();
    assertReadable(message, id);
    if (entry.parameters.length > 0) {
      assert.equal(renderMessage(entry, eventOf(entry, { eventData: {} })), undefined);
      assert.equal(
        renderMessage(entry, eventOf(entry, { eventData: { param1: '%1', param2: '%2', param3: '%3' } })),
        undefined,
      );
    }
    const found = match(eventOf(entry, { message, eventData: {} }));
    // A message with nothing in front of its value cannot be taken apart.
    const readable = entry.parameters.filter(
      (it) => !(entry.message ?? '').startsWith(`%${it.insert}`) && it.textPatterns.length > 0,
    );
    for (const parameter of readable)
      assert.equal(String(found?.params[parameter.name]), sampleOf(parameter), parameter.name);
  });

  test(`${id}: says what a person needs to decide and to act`, () => {
    assert.equal(entry.reviewed, '2026-11-23');
    assert.ok(entry.gaps.length > 0);
    if (kind === 'fault') assertWhole(entry);
    else assert.equal(entry.severity, 'info');
    for (const step of entry.remediation.flatMap((option) => option.steps)) assertCareful(step);
  });

  test(`${id}: what it points to is there`, () => {
    for (const related of entry.related) {
      const other = related.entry === undefined ? undefined : byId.get(related.entry);
      if (related.entry === undefined) continue;
      assert.equal(other?.provider.name, related.provider);
      assert.deepEqual(other?.eventIds, related.eventIds);
    }
    for (const evidence of entry.clearedBy) if (evidence.kind === 'event') assertClears(entry, evidence);
  });
}

function assertWhole({ causes, remediation, verification, clearedBy }: CatalogEntry): void {
  assert.ok(causes.length > 0 && remediation.length > 0 && verification.length > 0);
  assert.equal(clearedBy.at(-1)?.kind, 'person');
  for (const cause of causes) assert.ok(cause.check !== undefined, cause.text);
}

/**
 * Whoever runs a command that changes something learns with which right, and what it risks or how
 * to take it back.
 */
function assertCareful(step: CatalogEntry['remediation'][number]['steps'][number]): void {
  assert.ok(step.where !== undefined, step.text);
  if (!/\b(?:stop|add|set|delete|grant|ALTER)\b/u.test(step.command ?? '')) return;
  assert.ok(step.privilege !== undefined, step.text);
  assert.ok(step.undo !== undefined || step.risk !== undefined, step.text);
}

function assertClears(
  entry: CatalogEntry,
  evidence: Extract<CatalogEntry['clearedBy'][number], { kind: 'event' }>,
): void {
  for (const eventId of evidence.eventIds) {
    const other = catalog.entries.find((it) => it.provider.name === evidence.provider && it.eventIds.includes(eventId));
    if (other === undefined)
      assert.ok(CLEARING_WITHOUT_ENTRY.has(`${evidence.provider} ${eventId}`), `${entry.id} ${eventId}`);
    else {
      assert.equal(other.kind, 'recovery');
      const shared = new Set(other.parameters.map(({ name }) => name));
      for (const name of evidence.sameParameters) assert.ok(shared.has(name), `${other.id} has no ${name}`);
      assert.ok(
        other.related.some(({ entry: id }) => id === entry.id),
        `${other.id} does not name ${entry.id}`,
      );
    }
  }
}

for (const [fault, recovery] of [
  [310, 311],
  [312, 313],
  [318, 319],
] as const)
  test(`${recovery} clears ${fault} of the same place, also in the next log cycle, and of no other`, () => {
    const at = (eventId: number, place: string): unknown => {
      const found = match({
        form: 'event-xml',
        providerName: 'WMServer',
        eventId,
        eventData: { param1: place, param2: '5' },
      });
      const evidence = byId.get(match({ form: 'event-xml', providerName: 'WMServer', eventId: fault })?.entry.id ?? '')
        ?.clearedBy[0];
      assert.ok(evidence?.kind === 'event' && evidence.eventIds.includes(recovery));
      assert.ok(evidence.sameParameters.length > 0);
      return evidence.sameParameters.map((name) => found?.params[name] ?? assert.fail(name));
    };
    const [today, tomorrow, elsewhere] =
      fault === 318
        ? ['C:', 'C:', 'D:']
        : [String.raw`C:\Logs\WMS_1.log`, String.raw`C:\Logs\WMS_2.log`, String.raw`D:\Logs\WMS_1.log`];
    assert.deepEqual(at(recovery, tomorrow), at(fault, today));
    assert.notDeepEqual(at(recovery, elsewhere), at(fault, today));
  });

const scm = { form: 'event-xml', providerName: 'Service Control Manager', eventId: 7023 } as const;
const oneUsage = 'Only one usage of each socket address (protocol/network address/port) is normally permitted.';
for (const [what, event, service] of [
  ['by the number in the data', { eventData: { param1: 'DNS Server', param2: '%%10048' } }, 'DNS Server'],
  [
    'in another language',
    { eventData: { param1: 'DNS-Server', param2: '%%10048' }, message: 'Der Dienst wurde beendet' },
    'DNS-Server',
  ],
  [
    'by the text alone',
    { message: `The DNS Server service terminated with the following error: \n${oneUsage}` },
    'DNS Server',
  ],
  [
    'not with another error',
    { eventData: { param1: 'DNS Server', param2: '%%5' }, message: 'Access is denied.' },
    undefined,
  ],
  ['not with a longer number', { eventData: { param1: 'DNS Server', param2: '%%100480' } }, undefined],
  ['not without a reason', { eventData: { param1: 'DNS Server' } }, undefined],
] as const)
  test(`7023 is an address in use ${what}`, () => {
    const found = match({ ...scm, ...event });
    assert.equal(found?.params['service'], service);
    assert.equal(found?.entry.id, service === undefined ? undefined : 'scm-7023-address-in-use');
  });

for (const [address, port] of [
  ['0.0.0.0:80', 80],
  ['[::]:54288', 54_288],
  ['[fe80::1%4]:443', 443],
  ['http://*:80:10.0.0.1/', 80],
  ['https://+:8443/media', 8443],
  ['fe80:1::80', undefined],
  ['::80', undefined],
  ['10.0.0.1', undefined],
  ['10.0.0.1:99999', undefined],
  ['http://media01/a:80', undefined],
] as const)
  test(`15005 states the port of ${address}: ${port ?? 'none'}`, () => {
    const http = { form: 'event-xml', providerName: 'Microsoft-Windows-HttpEvent', eventId: 15_005 } as const;
    const named = match({ ...http, eventData: { DeviceObject: String.raw`\Device\Http\ReqQueue`, Address: address } });
    assert.equal(named?.params['port'], port);
    assert.equal(named?.params['endpoint'], address);
    const message = `Unable to bind to the underlying transport for ${address}. The IP Listen-Only list may contain a reference`;
    assert.equal(match({ ...http, message })?.params['port'], port);
  });

for (const [file, place] of [
  [String.raw`\\nas\logs\WMS.log`, String.raw`\\nas\logs`],
  [String.raw`C:\WMS.log`, 'C:\\'],
  ['C:/Logs/WMS.log', 'C:/Logs'],
  ['WMS.log', undefined],
  ['', undefined],
] as const)
  test(`310 states the folder of "${file}"`, () => {
    const found = match({ form: 'event-xml', providerName: 'WMServer', eventId: 310, eventData: { param1: file } });
    assert.equal(found?.params['folder'], place);
  });

test('the ids of the family under another provider, and ids nearby without an entry, have none', () => {
  for (const eventId of FAMILY)
    assert.equal(match({ form: 'event-xml', providerName: 'Microsoft-Windows-AppReadiness', eventId }), undefined);
  for (const eventId of [300, 302, 308, 314, 317, 320, 330, 338, 343, 354, 357, 3090])
    assert.equal(match({ form: 'event-xml', providerName: 'WMServer', eventId }), undefined);
});

test('a text without an id counts only at its beginning, for its provider, and where no entry has the id', () => {
  const message = "The playlist file 'a.wsx' on publishing point 'news' cannot be read.";
  const event = { form: 'event-xml', providerName: 'WMServer', eventId: 65_000, message } as const;
  assert.deepEqual(match({ ...event, message: `  ${message.toUpperCase()}` })?.params, {
    playlist: 'A.WSX',
    publishing_point: 'NEWS',
  });
  assert.equal(match(event)?.entry.id, 'wmserver-playlist-unreadable');
  assert.equal(match({ ...event, eventId: 309 })?.entry.id, 'wmserver-309-port-in-use');
  assert.equal(match({ ...event, providerName: 'Backup' }), undefined);
  assert.equal(match({ ...event, message: `Somebody wrote: ${message}` }), undefined);
  const { message: _, ...silent } = event;
  assert.equal(match(silent), undefined);
});

test('341 is distinguished from its form without a playlist', () => {
  const message = "The publishing point 'news' cannot stream the media source from 'a.wmv'.";
  const found = match({ form: 'event-xml', providerName: 'WMServer', eventId: 65_000, message });
  assert.equal(found?.entry.id, 'wmserver-source-failed');
  assert.deepEqual(found?.params, { publishing_point: 'news', media: 'a.wmv' });
  const longer = `${message} The media source is referenced by 'b.wsx'.`;
  const numbered = match({ form: 'event-xml', providerName: 'WMServer', eventId: 341, message: longer });
  assert.deepEqual(numbered?.params, { publishing_point: 'news', media: 'a.wmv', playlist: 'b.wsx' });
});

for (const [what, changes, path] of [
  ['no id and no beginning of a text', { eventIds: '[]' }, 'eventIds'],
  [
    'no id and a condition without a beginning',
    { eventIds: '[]', when: '[{ messageStarts: [a long beginning] }, { channels: [System] }]' },
    'eventIds',
  ],
  [
    'a beginning that fits anything',
    { eventIds: '[]', when: '[{ messageStarts: [The] }]' },
    'when[0].messageStarts[0]',
  ],
  [
    'a part of a whole insert',
    { parameters: '[{ name: port, type: port, part: port, meaning: x, insert: 1, prose: { unknown: a port } }]' },
    'parameters[0].insert',
  ],
  [
    'a folder that is no path',
    {
      parameters:
        '[{ name: port, type: port, part: folder, meaning: x, dataNames: [param1], prose: { unknown: a port } }]',
    },
    'parameters[0].part',
  ],
] as const)
  test(`refused: ${what}`, () => {
    assert.ok(errorsOf(entryText(changes)).some((error) => error.path === path));
  });

test('what an entry is related to is named as the entry that it is, where there is one', () => {
  for (const { id, related } of catalog.entries)
    for (const { entry, provider, eventIds } of related) {
      const there = catalog.entries.filter(
        (it) => it.provider.name === provider && it.eventIds.some((eventId) => eventIds.includes(eventId)),
      );
      assert.deepEqual(
        there.map((it) => it.id),
        entry === undefined ? [] : [entry],
        `${id}: ${provider} ${eventIds.join()}`,
      );
    }
});

test('two entries without an id are distinguished by how their texts begin', () => {
  const entry = (id: string, start: string): string =>
    entryText({ id, eventIds: '[]', when: `[{ messageStarts: ["${start}"] }]` });
  assert.equal(catalogOf(entry('one', 'The disk is full'), entry('two', 'The disk is gone')).entries.length, 2);
  assert.match(
    errorsOf(entry('one', 'The disk is full'), entry('two', 'the DISK is full again'))[0]?.message ?? '',
    /same event/u,
  );
});

test('every list of steps that a short message cuts marks the key steps; one without is warned of [issue 17 §2]', () => {
  const warned = catalog.entries.flatMap((entry) => warningsOf(entry).map(({ path }) => [entry.id, ...path]));
  assert.deepEqual(warned, []);
  const entry = byId.get('wmserver-309-port-in-use');
  assert.ok(entry !== undefined);
  const unmarked = { ...entry, verification: entry.verification.map(({ text }) => ({ text })) };
  assert.deepEqual(
    warningsOf(unmarked).map(({ path, message }) => [path, /first 3 of 9 steps/u.test(message)]),
    [[['verification'], true]],
  );
});
