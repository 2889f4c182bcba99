// An event as Windows has it, before anybody writes it, and random ones from a seed. Made up.
import type { Random } from '../fuzz/mutate.ts';

/**
 * A value with the type that it has in the log: writers of JSON have numbers for the one and texts
 * for the other. GUIDs are as Windows renders them, binaries hexadecimal.
 */
export interface Value {
  readonly kind: 'text' | 'integer' | 'guid' | 'binary';
  readonly text: string;
}

/** A child of EventData. */
export interface Item {
  readonly element: 'Data' | 'ComplexData' | 'Binary';
  readonly name?: string;
  readonly value: Value;
}

/** An element of UserData: it has a text or children. */
export interface Node {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly text: string;
  readonly children: readonly Node[];
}

/** The rendering by the machine's message tables; what is empty is not in them. */
export interface Rendering {
  readonly message: string;
  readonly level: string;
  readonly task: string;
  readonly opcode: string;
  readonly keywords: readonly string[];
}

/** An event. */
export interface MadeEvent {
  readonly provider: string;
  readonly guid?: string;
  readonly id: number;
  readonly qualifiers?: number;
  readonly version: number;
  readonly level: number;
  readonly task: number;
  readonly opcode: number;
  readonly keywords: bigint;
  /** UTC with up to seven digits of a second. */
  readonly time: string;
  readonly record: bigint;
  readonly activity?: string;
  readonly related?: string;
  readonly pid: number;
  readonly tid: number;
  readonly channel: string;
  readonly computer: string;
  readonly sid?: string;
  readonly data?: readonly Item[];
  readonly userData?: Node;
  readonly rendering?: Rendering;
}

const TEXTS = [
  '',
  '',
  ' ',
  'x',
  '8080',
  '%%1833',
  '%%1833 %%1834',
  'C:\\Windows\\x.exe /c "dir"',
  'a & b < c > "d" \'e\'',
  'a ]]> b',
  '&amp;',
  '<x>y</x>',
  'Grüße aus Łódź, 日本語',
  '😀',
  ' before and behind ',
  'tab\there',
  '\n',
  ' \r\n ',
  'two\nlines',
  'two\r\nlines',
  'old\rlines',
  'ends\r\n',
  'ends\r',
  'control \u0001 \u001b[0m',
  'deleted \u007f',
  '\u0085 \u2028 \ufeff',
  'not a character \ufffe',
  '0',
  '-',
  '-1',
  '007',
  '0x1f',
  'true',
  'null',
  '1e999',
  '{"a":1}',
  '["a","b"]',
  '__proto__',
  '36885ca6-218d-4b27-a083-b213629ddb2f',
  'S-1-5-18',
  '2026-03-01T10:00:00Z',
  'y'.repeat(400),
] as const;
const INTEGERS = [
  '0',
  '1',
  '8080',
  '-1',
  '4294967295',
  '9007199254740993',
  '-9223372036854775808',
  '18446744073709551615',
];
const NAMES = [
  'TargetUserName',
  'IpAddress',
  'Port',
  'port',
  'a.b',
  'a.c',
  'with blank',
  'Größe',
  'Name',
  'Data',
  'param1',
  'param3',
  'Binary',
  'Value',
  'text',
  'content',
  '__proto__',
  'constructor',
  'toString',
  'x_1',
  'x',
  '1st',
  'UtcTime',
] as const;
const ELEMENTS = ['EventXML', 'Param1', 'Detail', 'Detail', 'Item', 'Item', 'Text', 'Name', 'Value', 'text'] as const;
const PROVIDERS = [
  'WMServer',
  'Microsoft-Windows-Security-Auditing',
  'Service Control Manager',
  'Contoso & Söhne <1>',
  'Microsoft-Windows-Kernel-Power',
] as const;
const CHANNELS = ['System', 'Security', 'Application', 'Microsoft-Windows-Sysmon/Operational', 'Ereignisse (alt)'];
const SIDS = ['S-1-5-18', 'S-1-5-21-1004336348-1177238915-682003330-512'];
const LEVEL_NAMES = ['Information', 'Critical', 'Error', 'Warning', 'Information', 'Verbose'];
const OPCODE_NAMES = ['Info', 'Start', 'Stop', 'DCStart', 'DCStop', 'Extension', 'Reply', 'Resume', 'Suspend', 'Send'];
const KEYWORDS = [0n, 1n << 55n, 1n << 52n, 1n << 53n, (1n << 63n) | (1n << 53n), (1n << 63n) | 1n, (1n << 64n) - 1n];

/** A random event: the same numbers give the same event. */
export function randomEvent(random: Random): MadeEvent {
  const [level, opcode] = [random(8) === 0 ? random(256) : random(6), random(4) === 0 ? random(256) : random(10)];
  return {
    provider: pick(PROVIDERS, random),
    id: random(0x1_00_00),
    version: random(3) === 0 ? random(256) : 0,
    level,
    task: random(2) === 0 ? 0 : random(0x1_00_00),
    opcode,
    keywords: pick(KEYWORDS, random),
    time: time(random),
    record: pick([1n, 4711n, (1n << 32n) + 5n, (1n << 53n) + 1n, (1n << 64n) - 1n], random),
    pid: random(3) === 0 ? 0 : random(2 ** 31),
    tid: random(3) === 0 ? 0 : random(70_000),
    channel: pick(CHANNELS, random),
    computer: pick(['M1', 'MEDIA01.example.org', 'ПК-7'], random),
    ...optional(random),
    ...contentOf(random),
    ...(random(2) === 0 ? {} : { rendering: rendering(random, { level, opcode }) }),
  };
}

function optional(random: Random): Partial<MadeEvent> {
  const activity =
    random(2) === 0 ? {} : { activity: guid(random), ...(random(2) === 0 ? {} : { related: guid(random) }) };
  return {
    ...(random(2) === 0 ? {} : { guid: guid(random) }),
    ...(random(2) === 0 ? {} : { qualifiers: random(0x1_00_00) }),
    ...activity,
    ...(random(2) === 0 ? {} : { sid: pick(SIDS, random) }),
  };
}

function contentOf(random: Random): Partial<MadeEvent> {
  if (random(5) > 0) return { data: list(random(7), () => item(random)) };
  return random(2) === 0 ? {} : { userData: node(random, 3) };
}

function rendering(random: Random, { level, opcode }: Pick<MadeEvent, 'level' | 'opcode'>): Rendering {
  return {
    message: pick(
      [...TEXTS, 'The port 8080 is being used by another service.\r\n\r\nSubject:\r\n\tSecurity ID:\tS-1-5-18'],
      random,
    ),
    level: LEVEL_NAMES[level] ?? 'Of its own',
    task: pick(['', 'Logon', 'Särskild'], random),
    opcode: OPCODE_NAMES[opcode] ?? pick(['', 'Of its own'], random),
    keywords: list(random(3), () => pick(['Audit Success', 'Classic', 'Mein Schlüssel'], random)),
  };
}

function item(random: Random): Item {
  const element = random(10) === 0 ? pick(['ComplexData', 'Binary'] as const, random) : 'Data';
  if (element === 'Binary') return { element, value: { kind: 'binary', text: '00FFA0' } };
  const name = random(3) === 0 ? undefined : pick(NAMES, random);
  return { element, ...(name === undefined ? {} : { name }), value: value(random, element) };
}

function value(random: Random, element: Item['element']): Value {
  if (element === 'ComplexData') return { kind: 'binary', text: '0102' };
  const kind = random(10);
  if (kind < 2) return { kind: 'integer', text: pick(INTEGERS, random) };
  return kind === 2 ? { kind: 'guid', text: guid(random) } : { kind: 'text', text: pick(TEXTS, random) };
}

function node(random: Random, depth: number): Node {
  const hasChildren = depth === 3 || (depth > 0 && random(3) === 0);
  return {
    name: pick(ELEMENTS, random),
    attributes: random(4) === 0 ? { [pick(['Kind', 'Name', 'value'], random)]: pick(['a', 'b & c', ''], random) } : {},
    text: hasChildren ? '' : pick(TEXTS, random),
    children: hasChildren ? list(1 + random(4), () => node(random, depth - 1)) : [],
  };
}

function time(random: Random): string {
  const second = new Date(Date.UTC(2026, random(12), 1 + random(28), random(24), random(60), random(60))).toISOString();
  return `${second.slice(0, -'.000Z'.length)}.${String(random(10_000_000)).padStart(7, '0')}Z`;
}

function guid(random: Random): string {
  const digits = list(32, () => random(16).toString(16)).join('');
  return `{${digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/u, '$1-$2-$3-$4-$5')}}`;
}

/** One of several. */
export function pick<T>(items: readonly T[], random: Random): T {
  return items[random(items.length)] as T;
}

function list<T>(length: number, make: () => T): readonly T[] {
  return Array.from({ length }, make);
}
