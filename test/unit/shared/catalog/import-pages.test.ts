// Pages as people save and copy them: from Event Viewer, from a knowledge base, as HTML; and what
// is behind a `see`, in a note, or under a condition.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';
import { importArticles } from '../../../../shared/catalog/import.ts';
import type { CatalogEntry } from '../../../../shared/catalog/schema.ts';
import { packagePath } from '../../../../shared/runtime/package-root.ts';

type Entry = Omit<CatalogEntry, 'remediation' | 'verification' | 'notes' | 'references' | 'causes'> &
  Partial<Pick<CatalogEntry, 'remediation' | 'verification' | 'notes' | 'references' | 'causes'>>;

function read(file: string, source?: string) {
  const page = readFileSync(packagePath('test', 'data', 'articles', file), 'utf8');
  return importArticles(page, { today: '2026-01-31', ...(source === undefined ? {} : { source }) });
}

function only(file: string) {
  const [result, ...others] = read(file);
  assert.equal(others.length, 0);
  if (result?.kind !== 'draft') throw new Error(`${file}: ${result?.reason}`);
  return { entry: parse(result.draft.yaml) as Entry, unread: result.draft.unread };
}

const stepsOf = ({ remediation = [] }: Entry): readonly (readonly string[])[] =>
  remediation.map(({ title, steps }) => [title, ...steps.map(({ text }) => text)]);
const checksOf = ({ verification = [] }: Entry): readonly string[] => verification.map(({ text }) => text);
const linksOf = ({ references = [] }: Entry): readonly (readonly (string | undefined)[])[] =>
  references.map(({ title, url }) => (url === undefined ? [title] : [title, url]));

test('an event copied from the older Event Viewer: the description is the message [14 §6]', () => {
  const { entry, unread } = only('viewer-2003.txt');
  assert.equal(
    entry.message,
    'The ferry service cannot moor at port 80. Another ship lies there.\nFor more information, see Help and Support Center at http://go.example.com/fwlink/events.asp.',
  );
  assert.deepEqual([entry.provider.name, entry.eventIds, entry.severity], ['FerrySrv', [4721], 'error']);
  assert.deepEqual([entry.remediation, entry.references], [undefined, undefined]);
  assert.ok(entry.gaps.some((gap) => gap.includes('that of one event')));
  for (const part of ['category: Berths', 'time: 6:15:00 AM', 'computer: HARBOUR-1', '0000: 1f 00 07 80'])
    assert.ok(
      unread.some((line) => line.includes(part)),
      part,
    );
});

test('an event copied from Event Viewer: what looks like a label within the description belongs to it [14 §6]', () => {
  const { entry, unread } = only('viewer-2012.txt');
  assert.deepEqual(entry.message?.split('\n'), [
    'A passenger came without a ticket.',
    'Passenger:',
    'Name: Anna',
    'Level: 2',
    'Time: late',
    'Reason: The counter was closed.',
  ]);
  assert.deepEqual([entry.eventIds, entry.severity], [[4722], 'warning']);
  for (const part of ['channel: Harbour', 'user: HARBOUR\\purser', 'Event Xml:', '<Provider Name="FerrySrv" />'])
    assert.ok(unread.includes(part), part);
});

for (const file of ['kb-plain.txt', 'support-kb.html'])
  test(`${file}: the event among the symptoms, and each section in its place`, () => {
    const { entry } = only(file);
    const isText = file.endsWith('.txt');
    assert.deepEqual(
      entry.message?.split('\n'),
      isText ? ['The tide table %1 is older than %2 days.'] : ['The bell at port 443 does not ring.', 'Ice: 3 cm'],
    );
    assert.deepEqual(
      entry.explanation,
      isText
        ? 'After a storm the ferry service does not start. The following event is logged: Passengers also hear the horn.'
        : 'The bell is silent in winter. An event that resembles the following is logged: Passengers are late.',
    );
    assert.deepEqual(entry.causes, [
      {
        text: isText
          ? 'This problem occurs because the tide table was not printed during the storm.'
          : 'This issue occurs because water freezes in the bell.',
      },
    ]);
    assert.deepEqual(
      stepsOf(entry),
      isText
        ? [
            ['Resolve', 'Stop the ferry service.', 'Print the tide table.', 'Start the ferry service.'],
            ['WORKAROUND', 'Ask the neighbour for a tide table.'],
          ]
        : [
            ['Method 1: Warm the bell', 'Light a candle.', 'Hold it below the bell.'],
            ['Method 2: Take the spare bell', 'Unscrew the bell.', 'Hang the spare bell up.'],
            ['Workaround', 'Shout.'],
          ],
    );
    assert.deepEqual(
      linksOf(entry),
      isText ? [['Printing tide tables']] : [['900002', 'https://support.harbour.example.org/900002']],
    );
  });

test('references: whole titles, each alone, and none that is only looked at [14 §6]', () => {
  const { entry, unread } = only('references.txt');
  assert.deepEqual(linksOf(entry), [
    ['Gates in Harbour Server 6.0'],
    ['Closing gates by hand'],
    ['Using the gate motor'],
    ['Oiling hinges'],
    ['Painting gates'],
    ['Plan of the gates', 'http://harbour.example.org/plan/gates.aspx?id=6.0'],
    ['Gates of the Harbour and Bridges of the Harbour'],
    ['Event ID 4725 — Ferry Bridges'],
    ['Opening gates'],
  ]);
  assert.ok(entry.gaps.includes('“Gates of the Harbour and Bridges of the Harbour” may be two references in one.'));
  assert.deepEqual(unread, []);
});

test('a normal condition with an exception is a fault, and its repair stays [14 §6]', () => {
  const { entry } = only('normal-unless.txt');
  assert.deepEqual([entry.kind, entry.severity], [undefined, 'warning']);
  assert.match(stepsOf(entry).flat().join(), /Otherwise, restart the crane\./u);
  assert.equal(entry.notes, undefined);
});

test('steps are steps wherever they stand, and notes are notes [14 §6]', () => {
  const { entry, unread } = only('steps-and-notes.txt');
  assert.deepEqual(stepsOf(entry), [
    [
      'Free the winch',
      'Switch the winch off, and then do the following:',
      'Open the cover.',
      'Pull the rope out.',
      'Close the cover.',
    ],
    ['Oil the winch', 'Take the oil can from the shed.', 'Type winch oil.', 'Press Enter.', 'Wipe the winch dry.'],
  ]);
  assert.deepEqual(checksOf(entry), ['Turn the winch once by hand.', 'Switch it on.', 'Pull a rope in.']);
  for (const note of ['Oil is slippery.', 'Oil burns.', 'winch oil [-all]'])
    assert.ok(entry.notes?.includes(note), note);
  assert.deepEqual(unread, ['Note']);
});

test('HTML of the older library: tables of facts and notes, icon, entities, navigation [14 §6]', () => {
  const { entry, unread } = only('msdn-classic.html');
  assert.equal(entry.message, "The mast '%1' is bent by %2 degrees.\nWind: %3");
  assert.deepEqual(
    [entry.symbolicName, entry.severity, entry.product?.aspect, entry.product?.role],
    ['FERRY_MAST_BENT', 'warning', 'Ferry Masts', 'Harbour Services'],
  );
  assert.equal(entry.explanation, 'Masts carry the flags of a ferry. For more information, see About masts and flags.');
  assert.deepEqual(linksOf(entry), [['About masts and flags', 'http://harbour.example.org/masts']]);
  assert.deepEqual(stepsOf(entry), [
    [
      'Straighten the mast',
      'Click Masts, and then click Straighten.',
      'Type mast /straight <number>.',
      'Wait.',
      'For a small mast, one hour.',
      'For a large mast, two hours.',
    ],
  ]);
  assert.match(entry.remediation?.[0]?.steps[0]?.privilege ?? '', /membership in Crew/u);
  assert.ok(entry.notes?.includes('A bent mast can break.'));
  assert.deepEqual(checksOf(entry), ['Look at it from the bow.', 'Look at it from the side.']);
  assert.equal(entry.source.url, 'http://harbour.example.org/library/cc4731(WS.10).aspx');
  assert.deepEqual(unread, [
    'title of the page: Event ID 4731 — Ferry Masts',
    'navigation: - Event ID 4730 — Ferry Sails · - Event ID 4731 — Ferry Masts',
    'picture: Cc4731.note(en-us,WS.10).gif',
    'foot of the page: Terms of Use | Trademarks · © 2009 The Harbour',
    'Updated: November 17, 2007',
  ]);
  assert.doesNotMatch(JSON.stringify([entry, unread]), /Script|colour: red/u);
});

test('HTML of today’s library: only the main part is the article, links are kept [14 §6]', () => {
  const { entry, unread } = only('learn.html');
  assert.deepEqual(
    [entry.eventIds, entry.message, entry.product?.versions?.from],
    [[4732], 'The buoy %1 is not at port %2.', '9.6'],
  );
  assert.deepEqual(stepsOf(entry), [
    [
      'Find the buoy',
      'Look for the buoy down the river. For more information, see How buoys drift and Painting buoys.',
    ],
  ]);
  assert.deepEqual(linksOf(entry), [
    ['How buoys drift'],
    ['Painting buoys', 'https://learn.harbour.example.org/paint'],
    ['Anchors of buoys', 'https://learn.harbour.example.org/anchors'],
    ['Lights of buoys'],
  ]);
  assert.deepEqual([entry.notes, checksOf(entry)], [['Buoys are heavy.'], ['Call the harbour master.']]);
  assert.deepEqual(entry.product?.appliesTo, ['Harbour Server 2008', 'Harbour Server 2012']);
  assert.equal(entry.source.url, 'https://learn.harbour.example.org/buoys');
  assert.equal(entry.explanation, 'Buoys show where the water is deep.');
  for (const part of ['Sign in', 'Table of contents', 'Privacy', 'In this article', '06/23/2010'])
    assert.ok(
      unread.some((line) => line.includes(part)),
      part,
    );
});

test('HTML of an index, of a list of messages, and of two articles [14 §6]', () => {
  const drafts = (file: string) =>
    read(file, 'FerrySrv').map((it) => (it.kind === 'draft' ? (parse(it.draft.yaml) as Entry) : undefined));
  assert.deepEqual(
    drafts('index.html').map((entry) => [entry?.id, entry?.message]),
    [
      ['ferrysrv-4734', 'The ferry service cannot moor at port %1.'],
      ['ferrysrv-4735', 'The berth "%1" is dry.\nDepthLeft: %2 feet'],
      ['ferrysrv-4736', 'Strange letters were found in the log of the ferry.'],
    ],
  );
  assert.deepEqual(
    drafts('message-file.html').map((entry) => [entry?.id, entry?.severity, entry?.message]),
    [
      ['ferrysrv-4740', 'warning', 'The deck %1 is slippery.'],
      ['ferrysrv-4741', 'warning', 'The deck %1 is dry & safe.'],
    ],
  );
  assert.deepEqual(
    drafts('two-articles.html').map((entry) => entry && [entry.id, stepsOf(entry), checksOf(entry)]),
    [
      ['ferrysrv-4742', [['Resolve', 'Push the door.']], ['Walk through the door.']],
      ['ferrysrv-4743', [['Resolve', 'Nail the stair down.']], []],
    ],
  );
});

test('HTML of SQL Server’s articles [14 §6]', () => {
  const { entry } = only('sql.html');
  assert.deepEqual(
    [entry.id, entry.message, entry.product?.role],
    ['ferryserver-4737', "Boiler %1 of '%2' has no steam.", 'FerryEngine'],
  );
  assert.deepEqual(entry.causes, [{ text: 'Nobody ordered coal.' }, { text: 'The coal is wet.' }]);
  assert.deepEqual(linksOf(entry), [['Ordering coal'], ['Drying coal']]);
});

test('HTML that closes nothing, and places its text by a table [14 §6]', () => {
  const { entry, unread } = only('tag-soup.htm');
  assert.deepEqual([entry.message, entry.explanation], ['The soup %1 is cold.', 'The kitchen makes soup & tea.']);
  assert.deepEqual(stepsOf(entry), [['Warm the soup', 'Light the stove.', 'Stir.', 'Taste.']]);
  assert.deepEqual(checksOf(entry), ['Ask a passenger.']);
  for (const part of ['Home', 'Search']) assert.ok(unread.includes(part), part);
});

test('HTML with the facts in a definition list [14 §6]', () => {
  const { entry } = only('definition-list.html');
  assert.deepEqual([entry.symbolicName, entry.message], ['FERRY_CABIN_WET', 'The cabin %1 is wet.']);
  assert.deepEqual(
    entry.causes?.map(({ text }) => text),
    ['The window is open.', 'The roof leaks.'],
  );
  assert.deepEqual(stepsOf(entry), [
    ['Close the window', 'Go to the cabin and close the window.'],
    ['Repair the roof', 'Take tar.', 'Close the hole.'],
  ]);
});

test('HTML that is cut off says so [14 §6]', () => {
  const { entry } = only('cut-off.html');
  assert.ok(entry.gaps.includes('The article may be cut off; it ends with “Fill the pump with wat”.'));
});

test('HTML nested deeper than any page, and with marks at wrong places, is read without harm', () => {
  const details = '<p>ID: 4745</p><p>Source: FerrySrv</p><p>Message: The keel %1 is hot.</p>';
  const deep = (tag: string): string => `<html><body>${`<${tag}>`.repeat(20_000)}${details}`;
  for (const tag of ['div', 'table><tr><td', 'nav', 'li', 'a href=x', 'b'])
    assert.equal(importArticles(deep(tag), { today: '2026-01-31' })[0]?.kind, 'draft', tag);
  const wrong = `<html></td></table></li></a><tr><td>${details}</ul></main></h1>`;
  assert.equal(importArticles(wrong, { today: '2026-01-31' })[0]?.kind, 'draft');
});
