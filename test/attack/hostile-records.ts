// Records made to break whoever reads them, for every topic: valid ones with one field spoilt at a
// time, bytes that are no JSON, and odd keys and headers.
import { gzipSync } from 'node:zlib';
import type { OutRecord, TopicKey } from '../../shared/contracts/record.ts';

/** A hostile record and what is wrong with it. */
export interface HostileRecord {
  readonly what: string;
  readonly record: OutRecord;
}

const MEBIBYTE = 1024 * 1024;
/** Beyond what a recursive reader survives, and far below the largest record. */
const DEPTH = 50_000;
const MANY_HEADERS = 1000;
const LONG = 100_000;

type Json = unknown;

/** What takes the place of a field's value. */
const SPOILT: Readonly<Record<string, Json>> = {
  null: null,
  zero: 0,
  'a negative number': -1,
  'a fraction': 1.5,
  'a number beyond the safe integers': 2 ** 53,
  'a number beyond all times': 9e15,
  'a huge number': 1e300,
  'an empty text': '',
  'a text with a colon': 'a:b',
  'a text with a NUL and line breaks': 'a\0b\r\nc',
  'a lone surrogate': 'EVIL\ud800',
  'an action of the bulk API': '1}}\n{"delete":{"_index":"x","_id":"y"}}\n',
  'a number as text': '1',
  'a long text': 'x'.repeat(LONG),
  true: true,
  'an empty object': {},
  'an object': { a: { b: [1] } },
  'a list': [],
  'a list of nothing': [null],
  'the name of a prototype': { constructor: { prototype: { polluted: true } } },
};

/** All records against one topic; `samples` are valid ones of it, whose values are JSON. */
export function hostileRecords(topic: TopicKey, samples: readonly OutRecord[]): readonly HostileRecord[] {
  const [first] = samples;
  if (first === undefined) return [];
  return [
    ...samples.flatMap((sample, index) => spoilt(sample, `sample ${index + 1}`)),
    ...bytes(String(first.value)).map(({ what, value }) => ({ what, record: { ...first, value } })),
    ...frames(first),
  ].map(({ what, record }) => ({ what, record: { ...record, topic } }));
}

/** Each field in turn, at every depth: every other value, or missing. */
function spoilt(sample: OutRecord, name: string): readonly HostileRecord[] {
  const value = parsed(sample);
  if (value === undefined) return [];
  return pathsOf(value).flatMap((path) => {
    const field = `${name}: ${path.join('.')}`;
    const others = Object.entries(SPOILT).map(([what, other]) => ({ what: `${field} is ${what}`, other }));
    return [
      ...others.map(({ what, other }) => ({
        what,
        record: { ...sample, value: JSON.stringify(replaced(value, path, other)) },
      })),
      { what: `${field} is missing`, record: { ...sample, value: JSON.stringify(replaced(value, path, undefined)) } },
    ];
  });
}

function parsed({ value }: OutRecord): Json {
  try {
    return value === null ? undefined : (JSON.parse(String(value)) as Json);
  } catch {
    return undefined;
  }
}

function pathsOf(value: Json): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, own]) => [[key], ...pathsOf(own).map((path) => [key, ...path])]);
}

function replaced(value: Json, [key = '', ...rest]: readonly string[], other: Json): Json {
  const entries = Object.entries(value as object).map(([name, own]: [string, Json]) => [
    name,
    name === key ? (rest.length === 0 ? other : replaced(own, rest, other)) : own,
  ]);
  return Array.isArray(value) ? entries.map(([, own]) => own) : (Object.fromEntries(entries) as Json);
}

/** Values that are no JSON object, or a strange one. */
function bytes(good: string): readonly { readonly what: string; readonly value: string | Buffer | null }[] {
  const open = good.startsWith('{') ? good.slice(1) : '';
  return [
    { what: 'no value', value: null },
    { what: 'no bytes', value: '' },
    { what: 'a blank', value: ' ' },
    { what: 'null', value: 'null' },
    { what: 'a number', value: '1' },
    { what: 'a text', value: '"x"' },
    { what: 'an empty list', value: '[]' },
    { what: 'an empty object', value: '{}' },
    { what: 'words', value: 'no json' },
    { what: 'NaN', value: '{"a":NaN,"b":Infinity}' },
    { what: 'a byte order mark', value: `\uFEFF${good}` },
    { what: 'half of it', value: good.slice(0, Math.floor(good.length / 2)) },
    { what: 'two of it', value: `${good}${good}` },
    { what: 'a line break in it', value: `${good.slice(0, 1)}\n${good.slice(1)}` },
    { what: 'gzip', value: gzipSync(good) },
    { what: 'binary', value: Buffer.from([0, 255, 254, 1, 2, 3, 0x80, 0xc0]) },
    {
      what: 'invalid UTF-8 in it',
      value: Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff]), Buffer.from('"}')]),
    },
    { what: 'UTF-16', value: Buffer.from(good, 'utf16le') },
    { what: 'a mebibyte of text', value: `{"x":"${'x'.repeat(MEBIBYTE)}"}` },
    { what: 'deep lists', value: '['.repeat(DEPTH) },
    { what: 'deep objects', value: `${'{"a":'.repeat(DEPTH)}1${'}'.repeat(DEPTH)}` },
    { what: 'a deep field', value: `{"deep":${'['.repeat(DEPTH)}${']'.repeat(DEPTH)},${open || '"a":1}'}` },
    { what: '__proto__', value: `{"__proto__":{"polluted":true},${open || '"a":1}'}` },
    { what: 'a name twice', value: open === '' ? '{"a":1,"a":2}' : `{${open.slice(0, -1)},${open}` },
    {
      what: 'many names',
      value: JSON.stringify(Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`k${at}`, at]))),
    },
  ];
}

/** Odd keys and headers around a good value. */
function frames(good: OutRecord): readonly HostileRecord[] {
  const many = Object.fromEntries(Array.from({ length: MANY_HEADERS }, (_, at) => [`h${at}`, 'x']));
  const odd: Readonly<Record<string, string>> = {
    id: 'a:b\n',
    received: '9e99',
    created: 'NaN',
    revision: 'x',
    encoding: 'utf-9',
  };
  return [
    { what: 'no key', record: { ...good, key: null } },
    { what: 'an empty key', record: { ...good, key: '' } },
    { what: 'a binary key', record: { ...good, key: Buffer.from([0, 255, 58, 10]) } },
    { what: 'a long key', record: { ...good, key: 'k'.repeat(LONG) } },
    { what: 'no headers', record: { ...good, headers: {} } },
    { what: 'odd headers', record: { ...good, headers: odd } },
    {
      what: 'a time beyond all times',
      record: { ...good, headers: { ...good.headers, received: '9007199254740991' } },
    },
    { what: 'many headers', record: { ...good, headers: { ...good.headers, ...many } } },
    { what: 'a long header', record: { ...good, headers: { ...good.headers, long: 'x'.repeat(LONG) } } },
    { what: 'a tombstone under no id', record: { ...good, key: 'a:b', value: null } },
    {
      what: 'a tombstone of the last revision',
      record: { ...good, value: null, headers: { revision: '9007199254740991' } },
    },
    { what: 'a tombstone without a revision', record: { ...good, value: null, headers: { revision: 'NaN' } } },
  ];
}
