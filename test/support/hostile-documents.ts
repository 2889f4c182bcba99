// Documents made to break a mapping: ever new field names, nesting, types that contradict one
// another, names no index can have.

type Json = Readonly<Record<string, unknown>>;

/** One kind of malice, made different by a number. */
type Malice = (index: number) => Json;

const WIDE = 100;

function nested(depth: number, leaf: unknown): unknown {
  let value = leaf;
  for (let level = depth; level > 0; level -= 1) value = { [`n${level}`]: value };
  return value;
}

function wide(prefix: string, value: (place: number) => unknown, count = WIDE): Json {
  return Object.fromEntries(Array.from({ length: count }, (_, place) => [`${prefix}${place}`, value(place)]));
}

/** By name, so that a failure says which. */
const MALICES: Readonly<Record<string, Malice>> = {
  newName: (index) => ({ [`made_up_${index}`]: `value ${index}` }),
  newObject: (index) => ({ [`thing${index}`]: { a: 1, b: 'x', c: { d: true } } }),
  wide: (index) => wide(`w${index}_`, (place) => place),
  wideEventData: (index) => ({ winlog: { event_data: wide(`k${index}_`, (place) => `v${place}`, 1000) } }),
  numberForText: (index) => ({ contradiction: index }),
  textForNumber: () => ({ contradiction: 'a text', server: { port: 'eighty' } }),
  objectForText: () => ({ contradiction: { inner: 1 }, host: { name: { first: 'a' } } }),
  textForObject: () => ({ winlog: 'a text' }),
  arrayForObject: () => ({ winlog: [{ channel: 'a' }, { channel: 'b' }] }),
  mixedArray: () => ({ mixed: [1, 'two', { three: 3 }, [4, [5]], null] }),
  boolForNumber: () => ({ winlog: { version: true, process: { pid: 'x', thread: { id: 1.5 } } } }),
  deep: (index) => ({ [`deep${index % 7}`]: nested(60, 'x') }),
  deepEventData: () => ({ winlog: { event_data: { a: nested(60, 'x') } } }),
  objectEventData: () => ({ winlog: { event_data: { a: { b: [{ c: 1 }] }, b: null, c: 5, d: true } } }),
  dots: (index) => ({ 'a.b.c': index, '.lead': 1 }),
  dotsAtEnd: () => ({ 'trail.': 1 }),
  onlyDots: () => ({ '..': 1 }),
  emptyName: () => ({ '': 1 }),
  blankName: () => ({ ' ': 1, winlog: { event_data: { '': 'x', ' ': 'y' } } }),
  nulInName: () => ({ winlog: { event_data: { 'a\0b': 'x' } } }),
  nulInValue: () => ({ winlog: { event_data: { a: 'x\0y' } } }),
  dotsInEventData: () => ({ winlog: { event_data: { 'a.b': '1', 'a.b.c': '2', a: '3' } } }),
  metadataName: () => ({ _id: 'x', _source: { a: 1 }, _routing: 'y' }),
  longValue: () => ({ winlog: { event_data: { long: 'x'.repeat(100_000) } }, long_text: 'ü'.repeat(50_000) }),
  longName: (index) => ({ ['n'.repeat(5000) + String(index)]: 1 }),
  longMessage: () => ({ message: 'word '.repeat(10_000) }),
  strangeNames: (index) => ({ [`\u202E${index}`]: 1, '💥': 'x', ключ: { имя: 1 }, '<script>': 1, "'; --": 1 }),
  loneSurrogate: () => ({ message: 'a\uD800b', winlog: { event_data: { s: '\uDFFF' } } }),
  hugeNumbers: () => ({ server: { port: 1e300 }, winlog: { version: -9e18 }, event: { severity: 1e19 } }),
  badDates: () => ({ event: { created: 'the day before', ingested: 99_999_999_999_999 } }),
  badTime: () => ({ '@timestamp': 'never' }),
  timeArray: () => ({ '@timestamp': ['2026-03-01T10:00:00Z', '2026-03-01T11:00:00Z'] }),
  farTime: () => ({ '@timestamp': '9999-12-31T23:59:59.999Z' }),
  dateLike: (index) => ({ looks: index % 2 === 0 ? '2026-03-01' : 'no date' }),
  constants: () => ({ data_stream: { dataset: 'another', namespace: 'x', type: 'metrics' } }),
  reserved: () => ({ foghorn: { remediation: 'a text', received: {} } }),
};

/** The kinds, in the order they take turns. */
export const MALICE_NAMES: readonly string[] = Object.keys(MALICES);

/**
 * Document number `index`; kinds take turns. All carry `event.id` and the kind in `tags` unless the
 * kind is against that.
 */
export function hostileDocument(index: number): Json {
  const name = MALICE_NAMES[index % MALICE_NAMES.length] ?? '';
  const malice = MALICES[name]?.(index) ?? {};
  return {
    '@timestamp': '2026-03-01T10:00:00Z',
    tags: name,
    ...malice,
    event: { id: `hostile-${index}`, ...(malice['event'] as Json | undefined) },
  };
}
