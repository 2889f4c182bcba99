// Each form in which the vendor's articles are met (test/data/articles, in words of our own)
// becomes drafts that load, and nothing of it is lost in silence.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';
import { importArticles } from '../../../../shared/catalog/import.ts';
import { parseCatalog } from '../../../../shared/catalog/load.ts';
import { packagePath } from '../../../../shared/runtime/package-root.ts';

interface Entry {
  readonly id: string;
  readonly name: string;
  readonly kind?: string;
  readonly provider: { readonly name: string };
  readonly product?: { readonly name: string; readonly role?: string; readonly aspect?: string };
  readonly symbolicName?: string;
  readonly message: string;
  readonly parameters?: readonly { readonly name: string; readonly insert: number }[];
  readonly severity: string;
  readonly explanation?: string;
  readonly causes?: readonly { readonly text: string; readonly check?: string }[];
  readonly remediation?: readonly {
    readonly title: string;
    readonly when?: string;
    readonly steps: readonly { readonly text: string; readonly privilege?: string }[];
  }[];
  readonly verification?: readonly { readonly text: string }[];
  readonly notes?: readonly string[];
  readonly references?: readonly { readonly title: string }[];
  readonly gaps: readonly string[];
}

const FOLDER = packagePath('test', 'data', 'articles');

function drafts(file: string, source?: string) {
  const page = readFileSync(`${FOLDER}/${file}`, 'utf8');
  const results = importArticles(page, { today: '2026-01-31', ...(source === undefined ? {} : { source }) });
  const entries = results.flatMap((it) => (it.kind === 'draft' ? [parse(it.draft.yaml) as Entry] : []));
  const unread = results.flatMap((it) => (it.kind === 'draft' ? it.draft.unread : it.unread));
  const refused = results.flatMap((it) => (it.kind === 'refused' ? [it.reason] : []));
  return { page, results, entries, unread, refused };
}

function only(file: string) {
  const { entries, unread, refused } = drafts(file);
  const [entry, ...others] = entries;
  assert.ok(entry !== undefined && others.length === 0 && refused.length === 0, refused.join());
  return { ...entry, unread };
}

const stepsOf = ({ remediation = [] }: Entry): readonly (readonly string[])[] =>
  remediation.map(({ title, steps }) => [title, ...steps.map(({ text }) => text)]);
const verificationOf = ({ verification = [] }: Entry): readonly string[] => verification.map(({ text }) => text);

test('every draft loads, and every word of a page is in a draft or among the unread', () => {
  const lostIn: string[] = [];
  for (const file of readdirSync(FOLDER)) {
    const { page, results, refused } = drafts(file, 'FerrySrv');
    const texts = results.map((it) =>
      it.kind === 'draft' ? [it.draft.yaml, ...it.draft.unread] : [it.reason, ...it.unread],
    );
    const all = texts.flat(2).join(' ').toLowerCase();
    for (const result of results)
      if (result.kind === 'draft')
        assert.equal(
          parseCatalog([{ name: file, text: result.draft.yaml }]).kind,
          'catalog',
          `${file}: ${result.draft.yaml}`,
        );
    // A page of which nothing is taken is refused as a whole.
    if (results.every((it) => it.kind === 'refused')) continue;
    const plain = file.includes('.htm') ? withoutTags(page) : page;
    const said = plain.match(/[\p{L}]{4,}/gu) ?? [];
    const lost = said.filter((word) => !all.includes(word.toLowerCase()) && !FRAME.has(word.toLowerCase()));
    if (lost.length > 0) lostIn.push(`${file} ${refused.join()}: ${[...new Set(lost)].join(', ')}`);
  }
  assert.deepEqual(lostIn, []);
});

function withoutTags(html: string): string {
  return html
    .replaceAll(/<(?<tag>script|style)\b[\s\S]*?<\/\k<tag>>|<!--[\s\S]*?-->/giu, ' ')
    .replaceAll(/<\/?(?:b|i|strong|code)>/giu, '')
    .replaceAll(/<[^>]*>|&[#\w]+;/gu, ' ');
}

/** Labels, headings and the like, which say where something belongs. */
const FRAME = new Set(
  'applies event events details product source version symbolic name message text resolve verify diagnose explanation user action also component related management information note symbolicname messageid severity facility application language english success symptoms this cause level type task description resolution workaround status more information references topics category serviceid ferrysrvversion shortmessage perform procedure'.split(
    ' ',
  ),
);

test('a page cut off anywhere gives drafts that load, or none', () => {
  for (const file of readdirSync(FOLDER)) {
    const page = readFileSync(`${FOLDER}/${file}`, 'utf8');
    const lengths = Array.from({ length: Math.ceil(page.length / 37) }, (_, index) => index * 37);
    const results = lengths.flatMap((length) =>
      importArticles(page.slice(0, length), { today: '2026-01-31', source: 'FerrySrv' }),
    );
    for (const { draft } of results.filter((it) => it.kind === 'draft'))
      assert.equal(parseCatalog([{ name: file, text: draft.yaml }]).kind, 'catalog', draft.yaml);
  }
});

test('1: labels and values', () => {
  const entry = only('01-labels.txt');
  assert.deepEqual(stepsOf(entry), [['Clear the berth', 'Ask the other ship to leave.', 'Moor again.']]);
  assert.deepEqual(verificationOf(entry), ['Look out of the window.', 'Count the ferries.']);
  assert.deepEqual(entry.unread, []);
});

test('2: rows with bars, a message of two lines between them', () => {
  const entry = only('02-pipes.txt');
  assert.equal(entry.message, "The counter has no tickets for '%1'.\nTicketsLeft: %2");
  assert.deepEqual(stepsOf(entry), [['Print tickets', 'Switch the printer on.', 'Print a hundred tickets.']]);
  assert.deepEqual([entry.product?.aspect, entry.product?.role], ['Ferry Tickets', 'Harbour Services']);
});

test('3: without symbolic name and without the words Resolve and Verify', () => {
  const entry = only('03-bare.txt');
  assert.equal(entry.message, 'The ramp %1 cannot be lowered. Something lies below it.');
  assert.equal(stepsOf(entry)[0]?.[0], 'Free the ramp');
  assert.deepEqual(verificationOf(entry), ['Lower the ramp.', 'Wave the first car on.']);
  assert.deepEqual(entry.unread, []);
  assert.ok(entry.gaps.includes('The article states no symbolic name.'));
});

test('4: a date, and the colour of an icon as severity; without Verify the foot of the page is no repair', () => {
  const entry = only('04-updated-colour.txt');
  assert.equal(entry.severity, 'warning');
  assert.ok(entry.gaps.some((gap) => gap.includes('yellow')));
  assert.equal(entry.explanation, 'Engines move ferries.');
  assert.deepEqual(stepsOf(entry), [['Let the engine cool down', 'Stop the ferry and wait for ten minutes.']]);
  assert.equal(entry.product?.role, 'Harbour Services');
  assert.deepEqual(entry.unread, ['Updated: November 17, 2007']);
});

test('5: furniture of the page in any language', () => {
  const entry = only('05-chrome.txt');
  assert.deepEqual([entry.severity, entry.explanation], ['error', 'Lights show where a ferry is.']);
  assert.deepEqual(stepsOf(entry), [['Change the bulb', 'Take a new bulb from the store.']]);
  for (const line of ['Partager via', '06/23/2010', 'War diese Seite hilfreich?'])
    assert.ok(entry.unread.includes(line), line);
});

test('6: two articles on one event, titles doubled, curly quotes', () => {
  const { entries, unread } = drafts('06-two-articles.txt');
  assert.deepEqual(
    entries.map(({ id, message }) => [id, message]),
    [
      ['ferrysrv-4706', "The horn '%1' made no sound on '%2'."],
      ['ferrysrv-4706-2', "The horn '%1' made no sound."],
    ],
  );
  assert.deepEqual(entries.map(stepsOf).flat(2), [
    'Clean the horn',
    'Clean the horn with a "soft" cloth.',
    'Clean the horn',
    'Clean the horn with water.',
  ]);
  assert.deepEqual(unread, ['Updated: August 14, 2009', 'Updated: November 17, 2007']);
});

test('7: a message over several lines and paragraphs', () => {
  assert.equal(
    only('07-long-message.txt').message,
    'The radio lost the station %1.\nReason: %2\nThe captain has been told.\nThe crew may call again.',
  );
});

test('8: several causes, each with its check, and a repair for each', () => {
  const entry = only('08-causes.txt');
  assert.deepEqual(
    entry.causes?.map(({ text, check }) => [text, check?.split('\n').length]),
    [
      ['The weather is bad.', undefined],
      ['The tank on the ferry is full', 4],
      ['The pump has no power', 2],
    ],
  );
  assert.deepEqual(stepsOf(entry), [
    ['Empty the tank', 'Put a can below the tap.', 'Open the tap.'],
    ['Give the pump power', 'Plug in the pump.'],
  ]);
  assert.match(entry.remediation?.[0]?.steps[0]?.privilege ?? '', /local Crew group/u);
});

test('9: a normal condition is information and has no repair', () => {
  const entry = only('09-normal.txt');
  assert.deepEqual([entry.kind, entry.severity, entry.remediation], ['information', 'info', undefined]);
  assert.deepEqual(entry.notes, ['This is a normal condition. No further action is required.']);
});

test('10: lists of every kind, in their order, and a choice that has lost its bodies', () => {
  const entry = only('10-lists.txt');
  const [fasten, choose, unload] = stepsOf(entry);
  assert.deepEqual(fasten?.slice(1), [
    'Stop the ferry.',
    'Take a rope.',
    'Either tie the cargo by hand.',
    'Use two knots.',
    'Use a third in a storm.',
    'Done when the cargo does not move.',
  ]);
  assert.deepEqual(choose, ['Choose a rope', 'Either:', 'Or:']);
  assert.deepEqual(unload, ['Unload the cargo', 'Open the hatch', 'Lift the cargo out', 'Close the hatch']);
  assert.deepEqual(verificationOf(entry), ['Push the cargo.', 'Pull the cargo.']);
  assert.ok(entry.notes?.includes('Use the brake, not the anchor.'));
  assert.deepEqual(entry.gaps.filter((gap) => gap.includes('not in the article')).length, 2);
});

test('11: labels and words that have run together; the reference of a command is no repair', () => {
  const entry = only('11-run-together.txt');
  assert.deepEqual(
    [entry.id, entry.symbolicName, entry.message],
    ['ferrysrv-4711', 'FERRY_ROPE_SHORT', 'The rope %2 is too short.'],
  );
  assert.deepEqual(stepsOf(entry), [['Add a rope', 'Open a prompt.', 'Type ferry rope add ropelistRPName.']]);
  assert.ok(entry.gaps.some((gap) => gap.includes('ropelistRPName')));
  assert.ok(entry.notes?.includes('add ropelist name=(blue|green)'));
});

test('12: preliminary, and without Applies To', () => {
  const entry = only('12-no-applies-to.txt');
  assert.equal(entry.explanation, 'Flags tell where a ferry is at home.');
  assert.deepEqual(entry.unread, ['This is preliminary documentation and subject to change.']);
});

for (const file of ['13-index.txt', '13-index-bars.txt'])
  test(`13: ${file} gives a draft for each row`, () => {
    const { entries, refused } = drafts(file);
    assert.deepEqual(refused, []);
    assert.deepEqual(
      entries.map(({ id, message }) => [id, message.split('\n')]),
      [
        ['ferrysrv-4713', ['The ferry service cannot moor at port %1.']],
        ['ferrysrv-4714', ["The berth '%1' is dry.", 'DepthLeft: %2 feet']],
        ['ferrysrv-4715', [entries[2]?.message ?? '']],
      ],
    );
  });

test('13: rows without an id are refused, and each is named', () => {
  const { entries, refused } = drafts('13-index-without-ids.txt');
  assert.deepEqual(entries, []);
  assert.equal(refused.length, 3);
  assert.match(refused[1] ?? '', /The berth '%1' is dry.*lacks an event id/u);
});

test('14: SQL Server’s Markdown', () => {
  const entry = only('14-sql.txt');
  assert.equal(entry.message, "The %1 ferry cannot moor at port %2 because it is in use by '%3'.");
  assert.deepEqual(
    entry.parameters?.map(({ name, insert }) => [name, insert]),
    [
      ['insert_1', 1],
      ['port', 2],
      ['insert_3', 3],
    ],
  );
  assert.deepEqual([entry.product?.name, entry.product?.role], ['Ferry Server', 'FerryEngine']);
  assert.match(entry.explanation ?? '', /^Another ship lies at the port named\./u);
  assert.deepEqual(entry.causes, [{ text: 'The ship is late.' }, { text: 'The port is small.' }]);
  assert.deepEqual(
    entry.references?.map(({ title }) => title),
    ['Mooring (Ferries)'],
  );
  assert.equal(entry.unread.length, 2);
});

test('14: the same as text, label and value each in a line', () => {
  const entry = only('14-sql-rendered.txt');
  assert.deepEqual(
    [entry.id, entry.message, entry.symbolicName],
    ['ferryserver-4714', 'The ferry cannot moor at port %1.', undefined],
  );
  assert.deepEqual(stepsOf(entry), [['Resolve', 'Send that ship away.', 'Use another port.']]);
});

test('15: lists of messages, with the source that they do not name', () => {
  const { entries, refused } = drafts('15-message-file.txt', 'FerrySrv');
  assert.deepEqual(
    entries.map(({ id, severity, kind, symbolicName, message }) => [
      id,
      severity,
      kind,
      symbolicName,
      message.split('\n')[0],
    ]),
    [
      ['ferrysrv-4715', 'error', undefined, 'FERRY_BERTH_TAKEN', 'The ferry service cannot moor at port %1.'],
      ['ferrysrv-4720', 'info', 'information', 'FERRY_BERTH_FREE', 'The berth is free again.'],
    ],
  );
  assert.match(refused.join(), /The next berth is used.*lacks an event id/u);
  assert.equal(drafts('15-message-file.txt').entries.length, 0);
});

test('15: lists of id, name and text', () => {
  const list = drafts('15-list.txt', 'FerrySrv');
  assert.deepEqual(
    list.entries.map(({ id, symbolicName, message }) => [id, symbolicName, message]),
    [
      ['ferrysrv-4715', 'FERRY_BERTH_TAKEN', 'The ferry service cannot moor at port %1. Another ship lies there.'],
      ['ferrysrv-4716', 'FERRY_BERTH_FREE', 'The berth is free again.'],
    ],
  );
  assert.ok(list.unread.includes('Last reviewed by the harbour master.'));
  assert.deepEqual(
    drafts('15-list-severity.txt', 'FerrySrv').entries.map(({ id, severity, message }) => [id, severity, message]),
    [
      ['ferrysrv-15', 'info', 'The ferry service starts.'],
      ['ferrysrv-471', 'error', 'The ferry %1 has sunk.'],
    ],
  );
});

test('16: a page that was cut off says so', () => {
  assert.ok(only('16-truncated.txt').gaps.includes('The article may be cut off; it ends with “Sec”.'));
  assert.ok(drafts('13-index-without-ids.txt').refused.length === 3);
});

test('Markdown with bold labels', () => {
  const entry = only('markdown-labels.txt');
  assert.deepEqual(stepsOf(entry), [['Close the window', 'Take a board.', 'Nail it on.']]);
  assert.deepEqual(entry.notes, ['Mind your thumb.']);
});

test('lines that a narrow page has broken are whole again, and marks of a list that stand alone find their item', () => {
  const entry = only('narrow.txt');
  assert.deepEqual(stepsOf(entry), [
    [
      'Wait for the tide',
      'Look at the table of the tides, which hangs in the office of the harbour master, and note the next high water.',
      'Wait.',
    ],
  ]);
  assert.match(
    entry.message,
    /^The ferry %1 ran aground because the tide was lower than the Harbour Service had expected\.$/u,
  );
});

test('no id is guessed: a label above all, two ids, one too large', () => {
  const page = (head: string): string => `${head}\nSource: FerrySrv\nMessage: The ferry has sunk.\n`;
  const resultOf = (head: string) => importArticles(page(head), { today: '2026-01-31' })[0];
  assert.equal(resultOf('Event ID: 309')?.kind, 'draft');
  for (const head of ['', 'Event ID: 309\nID: 310', 'ID: 99999', 'Event ID 309 — Ferries\nID: 310', 'ID: 309, 310'])
    assert.equal(resultOf(head)?.kind, 'refused', head);
});
