// Articles in the vendors' dialects become drafts that the catalogue takes; what lacks an id
// becomes none.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { importArticles } from '../../../../shared/catalog/import.ts';
import { parseCatalog } from '../../../../shared/catalog/load.ts';

const TODAY = '2026-01-31';
const labels = `Share via
Event ID 4711 — Made-up Transfers

Applies To: Windows Server 2008, Windows Server 2012

The made-up service moves files.

Event Details

Product: Made-up Service
ID: 4711
Source: MadeUp
Version: 9.5
Symbolic Name: MADEUP_PORT_TAKEN
Message: The made-up service cannot listen on port %1.
The account is %2.

Resolve

Free the port

Stop the other program. For more information, see the Stopping Programs.

Verify

To look whether it listens, do this:

  1. Open a prompt.
  2. Type the command.

Note: A firewall may be between.

Made-up Transfers

Made-up Role`;

function only(page: string) {
  const [result, ...others] = importArticles(page, { today: TODAY });
  assert.equal(others.length, 0);
  if (result?.kind !== 'draft') throw new Error(result?.reason);
  return { ...result.draft, entry: parse(result.draft.yaml) as Record<string, unknown> };
}

test('an article with labels: every fact in its place, and the draft loads', () => {
  const { id, yaml, entry, unread } = only(labels);
  assert.equal(id, 'madeup-4711');
  assert.deepEqual(entry['product'], {
    name: 'Made-up Service',
    role: 'Made-up Role',
    aspect: 'Made-up Transfers',
    versions: { from: '9.5' },
    appliesTo: ['Windows Server 2008', 'Windows Server 2012'],
  });
  assert.deepEqual(
    [entry['provider'], entry['eventIds'], entry['symbolicName'], entry['message'], entry['explanation']],
    [
      { name: 'MadeUp' },
      [4711],
      'MADEUP_PORT_TAKEN',
      'The made-up service cannot listen on port %1.\nThe account is %2.',
      'The made-up service moves files.',
    ],
  );
  const parameters = entry['parameters'] as { name: string; type: string; insert: number; ecs?: string }[];
  assert.deepEqual(
    parameters.map(({ name, type, insert, ecs }) => [name, type, insert, ecs]),
    [
      ['port', 'port', 1, 'server.port'],
      ['insert_2', 'text', 2, undefined],
    ],
  );
  assert.deepEqual(entry['remediation'], [
    {
      id: 'resolve',
      title: 'Free the port',
      steps: [{ text: 'Stop the other program. For more information, see the Stopping Programs.' }],
    },
  ]);
  assert.deepEqual(entry['verification'], [{ text: 'Open a prompt.' }, { text: 'Type the command.' }]);
  assert.deepEqual(entry['notes'], ['To look whether it listens, do this:', 'A firewall may be between.']);
  assert.deepEqual(entry['references'], [{ title: 'Stopping Programs', kind: 'related' }]);
  assert.deepEqual(unread, ['Share via']);
  assert.equal(parseCatalog([{ name: 'draft.yaml', text: yaml }]).kind, 'catalog');
});

test('rows between bars, as tables have them', () => {
  const page = `# MadeUp
## Details

| Product Name | Made-up Server |
| :--- | :--- |
| Event ID | 12 |
| Event Source | MADEUP |
| Symbolic Name | NO_PORT |
| Message Text | Port %1 is in use. |

## Explanation
Another program has it.

## User Action
Use another port.`;
  const { id, entry } = only(page);
  assert.equal(id, 'madeup-12');
  assert.equal(entry['message'], 'Port %1 is in use.');
  assert.deepEqual(entry['remediation'], [{ id: 'resolve', title: 'Resolve', steps: [{ text: 'Use another port.' }] }]);
});

test('two articles on one page are two drafts', () => {
  const second = labels.replaceAll('4711', '4712');
  const ids = importArticles(`${labels}\n\n${second}`, { today: TODAY }).map((result) =>
    result.kind === 'draft' ? result.draft.id : result.reason,
  );
  assert.deepEqual(ids, ['madeup-4711', 'madeup-4712']);
});

test('a second article that is cut off is refused with all that is there of it, and the first has nothing of it [14 §6]', () => {
  const text = `The second thing ${'works at length and '.repeat(10)}ZEBRA CROSSING and is cut o`;
  for (const between of ['Applies To: Windows Server 2003\n\n', '', 'Applies To:\nWindows Server 2003\n']) {
    const page = `Event ID 4711 — First\n\n${labels}\n\nResolve\n\nUse another.\n\nRelated:\n\nEvent ID 4712 — Second\n\n${between}${text}`;
    const [first, second, ...others] = importArticles(page, { today: TODAY });
    assert.equal(others.length, 0);
    assert.equal(first?.kind, 'draft');
    assert.doesNotMatch(JSON.stringify(first), /ZEBRA|Second/u);
    assert.equal(second?.kind, 'refused');
    assert.match(second?.kind === 'refused' ? second.reason : '', /Second.*lacks an event id/u);
    assert.match(second?.kind === 'refused' ? second.unread.join('\n') : '', /ZEBRA CROSSING/u);
  }
  const links = `${labels}\n\nResolve\n\nUse another.\n\nRelated:\n\nEvent ID 4712 — Second\n\nEvent ID 4713 — Third`;
  assert.equal(importArticles(links, { today: TODAY }).length, 1, 'links are no articles');
});

test('what was parsed of a refused page is listed [14 §6]', () => {
  const [refused] = importArticles(`${labels.replace('Source: MadeUp\n', '')}\n\nResolve\n\nUse another.`, {
    today: TODAY,
  });
  assert.match(refused?.kind === 'refused' ? refused.unread.join('\n') : '', /id: 4711[^]*Use another\./u);
});

for (const [name, page, reason] of [
  ['no id', labels.replace('ID: 4711\n', ''), /an event id/u],
  ['an id that is no number', labels.replace('ID: 4711', 'ID: see below'), /an event id/u],
  ['two ids', labels.replace('ID: 4711\n', 'ID: 4712\n'), /one id/u],
  ['no source', labels.replace('Source: MadeUp\n', ''), /a source/u],
  ['nothing of an article', 'hello\nworld', /an event id, a source, a message/u],
  ['nothing', '', /an event id/u],
] as const) {
  test(`${name}: refused, nothing guessed`, () => {
    const [result] = importArticles(page, { today: TODAY });
    assert.equal(result?.kind, 'refused');
    assert.match(result?.kind === 'refused' ? result.reason : '', reason);
  });
}
