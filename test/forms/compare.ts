// What Foghorn makes of an event by a form, beside what it makes of the same event as Windows
// renders it.
import { isDeepStrictEqual } from 'node:util';
import { loadCatalogFolders } from '../../shared/runtime/catalog-files.ts';
import { createEnrich } from '../../services/enricher/enrich.ts';
import { carriedBy, type Form, type Written } from './form.ts';
import type { Item, MadeEvent } from './made-event.ts';
import { windowsXml } from './xml.ts';

const RECEIVED_MS = Date.UTC(2027, 0, 1);
const enrich = createEnrich({
  catalog: await loadCatalogFolders([]),
  now: () => RECEIVED_MS,
  keepOriginal: false,
  maxDocumentBytes: 1_000_000,
});

/** Of the sender, not of the event. */
const OF_THE_SENDER = /^(?:agent|data_stream|ecs|foghorn\.form|winlog\.api)(?:\.|$)/u;

type Flat = ReadonlyMap<string, unknown>;

/** The fields of the document by their paths; of what is no event the reason. */
export function fieldsOf(written: Written): Flat {
  const bytes = Buffer.from(written);
  const format = bytes.includes('<Event') && bytes[0] !== 0x7b ? 'xml' : 'json';
  const raw = {
    bytes,
    encoding: 'utf-8',
    format,
    input: 'http',
    sender: '192.0.2.9',
    receivedAtMs: RECEIVED_MS,
  } as const;
  const verdict = enrich(raw);
  if (verdict.kind === 'emit') return flat(JSON.parse(String(verdict.records[0]?.value)), new Map(), '');
  return new Map([['dead letter', verdict.kind === 'dead' ? `${verdict.reason}: ${verdict.detail}` : verdict.kind]]);
}

function flat(value: unknown, into: Map<string, unknown>, path: string): Flat {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return into.set(path, value);
  for (const [name, item] of Object.entries(value)) flat(item, into, path === '' ? name : `${path}.${name}`);
  return into;
}

/**
 * The fields that differ and may not, each with both values; none when the form gives what event
 * XML does.
 */
export async function differencesOf(form: Form, event: MadeEvent): Promise<readonly string[]> {
  const right = fieldsOf(windowsXml(carriedBy(form, event)));
  const own = fieldsOf(await form.write(event));
  const { differences = [] } = form;
  const wrong = own.get('foghorn.form') === form.form ? [] : [`foghorn.form: ${shown(own.get('foghorn.form'))}`];
  const names = [...new Set([...right.keys(), ...own.keys()])]
    .filter((name) => !OF_THE_SENDER.test(name) && !differences.some(({ fields }) => fields.test(name)))
    .filter((name) => !isDeepStrictEqual(right.get(name), own.get(name)));
  return [...wrong, ...names.map((name) => `${name}: ${shown(own.get(name))}, not ${shown(right.get(name))}`)];
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 200);
}

/** The smallest event that still differs, found by leaving out and making plain what one can. */
export async function shrunk(form: Form, given: MadeEvent): Promise<MadeEvent> {
  for (const smaller of smallerOf(given))
    if ((await differencesOf(form, smaller)).length > 0) return shrunk(form, smaller);
  return given;
}

const PLAIN = {
  provider: 'P',
  id: 1,
  version: 0,
  level: 4,
  task: 0,
  opcode: 0,
  keywords: 0n,
  time: '2026-03-01T10:15:30.1234567Z',
  record: 1n,
  pid: 0,
  tid: 0,
  channel: 'System',
  computer: 'M1',
} as const;
const OPTIONAL = ['guid', 'qualifiers', 'activity', 'related', 'sid', 'data', 'userData', 'rendering'] as const;

/** The event with one thing less, for each thing. */
function smallerOf(event: MadeEvent): readonly MadeEvent[] {
  const { data = [], userData } = event;
  const less = OPTIONAL.filter((key) => event[key] !== undefined).map((key) => without(event, key));
  const plain = (Object.keys(PLAIN) as (keyof typeof PLAIN)[])
    .filter((key) => event[key] !== PLAIN[key])
    .map((key) => ({ ...event, [key]: PLAIN[key] }));
  const shorter = data.map((_, place) => ({ ...event, data: data.toSpliced(place, 1) }));
  const plainer = data.flatMap((item, place) =>
    plainerOf(item).map((one) => ({ ...event, data: data.with(place, one) })),
  );
  const fewer = (userData?.children ?? []).map((_, place) => ({
    ...event,
    userData: { ...userData, children: userData?.children.toSpliced(place, 1) } as MadeEvent['userData'] & object,
  }));
  return [...less, ...plain, ...shorter, ...plainer, ...fewer];
}

function plainerOf(item: Item): readonly Item[] {
  const { name, value, ...others } = item;
  const nameless: Item = { ...others, value };
  const short: Item = { ...item, value: { kind: 'text', text: 'v' } };
  return [...(name === undefined ? [] : [nameless]), ...(value.text === 'v' ? [] : [short])];
}

function without(event: MadeEvent, key: (typeof OPTIONAL)[number]): MadeEvent {
  const left: { -readonly [K in keyof MadeEvent]: MadeEvent[K] } = { ...event };
  delete left[key];
  return left;
}
