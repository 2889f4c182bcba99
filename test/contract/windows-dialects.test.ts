// One event by every sender: the same document and the same id, except for what a form lacks, which
// is named here form by form.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadCatalogFolders } from '../../shared/runtime/catalog-files.ts';
import { createEnrich } from '../../services/enricher/enrich.ts';
import { type Dialect, DIALECTS, LOGON_FAILED, PORT_IN_USE, type EventParts } from '../support/dialects.ts';

const RECEIVED_MS = Date.UTC(2026, 2, 1, 12, 0, 0);
const enrich = createEnrich({
  catalog: await loadCatalogFolders([]),
  now: () => RECEIVED_MS,
  keepOriginal: false,
  maxDocumentBytes: 1_000_000,
});

type Flat = Readonly<Record<string, unknown>>;

function flatten(value: unknown, path = ''): Flat {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { [path]: value };
  return Object.assign(
    {},
    ...Object.entries(value).map(([name, item]) => flatten(item, path === '' ? name : `${path}.${name}`)),
  ) as Flat;
}

/** The document as flat fields, and whether there was an alert beside it. */
function read(dialect: Dialect, event: EventParts): { readonly fields: Flat; readonly isAlerted: boolean } {
  const text = dialect.write(event);
  const verdict = enrich({
    bytes: Buffer.from(text),
    encoding: 'utf-8',
    format: text.startsWith('<') ? 'xml' : 'json',
    input: 'http',
    sender: '192.0.2.9',
    receivedAtMs: RECEIVED_MS,
  });
  assert.equal(verdict.kind, 'emit', JSON.stringify(verdict));
  const records = verdict.kind === 'emit' ? verdict.records : [];
  return { fields: flatten(JSON.parse(String(records[0]?.value))), isAlerted: records.length > 1 };
}

/** Of the sender, not of the event: who sent it and in which form. */
const OF_THE_SENDER = /^(?:agent|ecs|foghorn\.form|winlog\.api)(?:\.|$)/u;

/**
 * Fields that may differ from the rendered event XML, by form, because the form lacks them or has
 * less. Everything else has to be equal. The names of task, opcode and keywords are known to the
 * machine alone where they are not standard.
 */
const DIFFERENCES: Readonly<Record<string, readonly string[]>> = {
  'event XML': ['message', 'winlog.task', 'event.action'],
  // Winlogbeat writes milliseconds, and event.created is its own reading time, which these
  // documents leave out.
  'Winlogbeat 8': ['@timestamp', 'winlog.time_created', 'event.created'],
  'Elastic Agent, dotted names': ['@timestamp', 'winlog.time_created', 'event.created'],
  'Winlogbeat 6': ['@timestamp', 'winlog.time_created', 'event.created'],
  // Its time has whole seconds, so the id is another one.
  'Fluent Bit': ['@timestamp', 'winlog.time_created', 'foghorn.lag_ms', 'event.id', 'winlog.task', 'event.action'],
  'Fluent Bit, as XML': ['winlog.task', 'event.action'],
  'XML in event.original': ['winlog.task', 'event.action'],
  evtx_dump: ['message', 'winlog.task', 'event.action'],
  // No record number: its id is of its bytes.
  'OTRF (Mordor)': [
    'winlog.record_id',
    'winlog.process.pid',
    'winlog.process.thread.id',
    'winlog.task',
    'event.action',
    'event.id',
    'foghorn.content',
    'tags',
  ],
};

for (const [title, event] of [
  ['a 309 of WMServer', PORT_IN_USE],
  ['a failed logon', LOGON_FAILED],
] as const) {
  const [first, ...others] = DIALECTS;
  assert.ok(first !== undefined);
  const model = read(first, event);

  for (const dialect of others)
    test(`${title} by ${dialect.name} is the document that event XML gives`, () => {
      const { fields, isAlerted } = read(dialect, event);
      assert.equal(fields['foghorn.form'], dialect.form);
      assert.equal(isAlerted, event === PORT_IN_USE);
      const allowed = DIFFERENCES[dialect.name] ?? [];
      const names = new Set([...Object.keys(model.fields), ...Object.keys(fields)]);
      const different = [...names]
        .filter((name) => !OF_THE_SENDER.test(name) && !allowed.includes(name))
        .filter((name) => JSON.stringify(fields[name]) !== JSON.stringify(model.fields[name]))
        .map((name) => `${name}: ${JSON.stringify(fields[name])}, not ${JSON.stringify(model.fields[name])}`);
      assert.deepEqual(different, []);
    });

  test(`${title}: each difference that is named is one, at least in one of the two events`, () => {
    for (const { name } of others)
      for (const field of DIFFERENCES[name] ?? [])
        assert.ok(
          [PORT_IN_USE, LOGON_FAILED].some((event) => {
            const dialect = others.find((other) => other.name === name) as Dialect;
            return (
              JSON.stringify(read(dialect, event).fields[field]) !== JSON.stringify(read(first, event).fields[field])
            );
          }),
          `${name}: ${field} is equal`,
        );
  });
}

test('the port of a 309 is reported by every form', () => {
  for (const dialect of DIALECTS) {
    const { fields } = read(dialect, PORT_IN_USE);
    assert.deepEqual([fields['server.port'], fields['rule.id']], [554, 'wmserver-309-port-in-use'], dialect.name);
  }
});

test('a port that the text states otherwise is the insertion string’s, and flagged, in every form that has both', () => {
  const torn = { ...PORT_IN_USE, message: PORT_IN_USE.message.replace('554', '8080') };
  const hasMessage = ({ name }: Dialect): boolean => !['event XML', 'evtx_dump'].includes(name);
  for (const dialect of DIALECTS.filter(hasMessage)) {
    const { fields } = read(dialect, torn);
    assert.equal(fields['server.port'], 554, dialect.name);
    assert.ok((fields['tags'] as readonly string[]).includes('foghorn_port_mismatch'), dialect.name);
  }
});

test('ids are equal where the form states what makes them', () => {
  const idOf = (dialect: Dialect): unknown => read(dialect, PORT_IN_USE).fields['event.id'];
  const ids = DIALECTS.filter(({ isWhole, name }) => isWhole && name !== 'Fluent Bit').map(idOf);
  assert.equal(new Set(ids).size, 1);
});
