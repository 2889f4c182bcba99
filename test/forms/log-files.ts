// Parsers of log files.
import { keywordNames } from '../../shared/windows/names.ts';
import type { Form, Loss } from './form.ts';
import { digits, json, objectOf, present, typed, untyped } from './json.ts';
import { NAMED_APART, fraction, MESSAGE_ONLY, NO_ACTIVITY, NO_GUID, NO_RENDERING, NO_USER_DATA } from './losses.ts';
import type { Item, MadeEvent, Node, Value } from './made-event.ts';
import { firstNamedOf, hexadecimal, nameOf, treeOf, unnamedOf } from './tree.ts';
import { indented, xmlOf } from './xml.ts';

const MICROSECONDS = fraction(6, 'the crate writes microseconds');
/** GUIDs in capitals, without braces. */
const bare = (guid: string): string => guid.replaceAll(/[{}]/gu, '').toUpperCase();
const crateValue = (value: Value): Value => (value.kind === 'guid' ? { ...value, text: bare(value.text) } : value);

/** The event with what the `evtx` crate writes in place of what Windows does. */
function byCrate(given: MadeEvent): MadeEvent {
  const event = MICROSECONDS.take(NO_RENDERING.take(given));
  return {
    ...event,
    ...(event.guid === undefined ? {} : { guid: bare(event.guid) }),
    ...(event.activity === undefined ? {} : { activity: bare(event.activity) }),
    ...(event.related === undefined ? {} : { related: bare(event.related) }),
    ...(event.data === undefined
      ? {}
      : { data: event.data.map((item) => ({ ...item, value: crateValue(item.value) })) }),
  };
}

const attributes = (given: Readonly<Record<string, string>>): object =>
  Object.keys(given).length === 0 ? {} : { '#attributes': given };

/** An element of UserData as the crate has it; names that come again are numbered. */
function crateNode(node: Node): unknown {
  if (node.children.length === 0) {
    if (Object.keys(node.attributes).length === 0) return node.text === '' ? null : node.text;
    return { ...attributes(node.attributes), ...(node.text === '' ? {} : { '#text': node.text }) };
  }
  return { ...attributes(node.attributes), ...numbered(node.children.map((child) => [child.name, crateNode(child)])) };
}

function numbered(pairs: readonly (readonly [string, unknown])[]): Readonly<Record<string, unknown>> {
  const fields = new Map<string, unknown>();
  for (const [name, value] of pairs) {
    let free = name;
    for (let number = 1; fields.has(free); number += 1) free = `${name}_${number}`;
    fields.set(free, value);
  }
  return Object.fromEntries(fields);
}

function crateData(data: readonly Item[]): unknown {
  const unnamed = data.filter((item) => nameOf(item) === undefined).map(({ value }) => typed(value));
  const named = data.filter((item) => nameOf(item) !== undefined);
  return numbered([
    ...(unnamed.length === 0 ? [] : ([['Data', { '#text': unnamed }]] as const)),
    ...named.map((item) => [nameOf(item) ?? '', typed(item.value)] as const),
  ]);
}

function crateJson(given: MadeEvent): unknown {
  const event = byCrate(given);
  const { data, userData, guid, sid, activity, related, qualifiers } = event;
  return {
    Event: {
      '#attributes': { xmlns: 'http://schemas.microsoft.com/win/2004/08/events/event' },
      System: {
        Provider: attributes(present({ Name: event.provider, Guid: guid }) as Record<string, string>),
        EventID: qualifiers === undefined ? event.id : { '#attributes': { Qualifiers: qualifiers }, '#text': event.id },
        Version: event.version,
        Level: event.level,
        Task: event.task,
        Opcode: event.opcode,
        Keywords: hexadecimal(event.keywords),
        TimeCreated: attributes({ SystemTime: event.time }),
        EventRecordID: digits(event.record),
        Correlation:
          activity === undefined
            ? null
            : attributes(present({ ActivityID: activity, RelatedActivityID: related }) as Record<string, string>),
        Execution: { '#attributes': { ProcessID: event.pid, ThreadID: event.tid } },
        Channel: event.channel,
        Computer: event.computer,
        Security: sid === undefined ? null : attributes({ UserID: sid }),
      },
      ...(data === undefined ? {} : { EventData: data.length === 0 ? null : crateData(data) }),
      ...(userData === undefined ? {} : { UserData: { [userData.name]: crateNode(userData) } }),
    },
  };
}

/** Elements of one name are numbered, whatever attribute distinguishes them. */
const NUMBERED: Loss = {
  why: 'an element that comes again has a number behind its name, and values without one are a list apart from those with',
  take: ({ data, userData, ...event }) => ({
    ...event,
    ...(data === undefined ? {} : { data: numberedItems(data) }),
    ...(userData === undefined ? {} : { userData: numberedNode(userData) }),
  }),
};

function numberedItems(data: readonly Item[]): readonly Item[] {
  const named = data.filter((item) => nameOf(item) !== undefined);
  const names = Object.keys(numbered(named.map((item) => [nameOf(item) ?? '', undefined])));
  return [
    ...unnamedOf({ data }),
    ...named.map((item, place): Item => ({ ...item, element: 'Data', name: names[place] ?? '' })),
  ];
}

function numberedNode(node: Node): Node {
  const names = Object.keys(numbered(node.children.map(({ name }) => [name, undefined])));
  const children = node.children.map((child, place) => ({ ...numberedNode(child), name: names[place] ?? child.name }));
  return { ...node, children };
}

const systemOf = (event: MadeEvent, seconds: unknown): Readonly<Record<string, unknown>> =>
  present({
    Provider: present({ Name: event.provider, Guid: event.guid }),
    Version: event.version,
    Level: event.level,
    Task: event.task,
    Opcode: event.opcode,
    TimeCreated: { SystemTime: seconds },
    EventRecordID: digits(event.record),
    Correlation: present({ ActivityID: event.activity, RelatedActivityID: event.related }),
    Execution: { ProcessID: event.pid, ThreadID: event.tid },
    Channel: event.channel,
    Computer: event.computer,
    Security: present({ UserID: event.sid }),
  });

const namedOrList = (event: MadeEvent): Readonly<Record<string, unknown>> => {
  const unnamed = unnamedOf(event).map(({ value }) => typed(value));
  return {
    ...(unnamed.length === 0 ? {} : { Data: unnamed }),
    ...objectOf(firstNamedOf(event).map((item) => [nameOf(item) ?? '', typed(item.value)])),
  };
};

/** Seconds as a number of 64 bits. */
const SECONDS: Loss = {
  why: 'the time is a number of 64 bits',
  take: (event) => {
    const rest = String(secondsOf(event)).split('.')[1];
    return { ...event, time: `${event.time.slice(0, 19)}${rest === undefined ? '' : `.${rest}`}Z` };
  },
};
const secondsOf = ({ time }: MadeEvent): number =>
  Date.parse(`${time.slice(0, 19)}Z`) / 1000 + Number(`0.${time.slice(20, -1)}`);

/**
 * Its records have no texts of the message tables but the message, where Velociraptor has those
 * tables.
 */
const velociraptor: Form = {
  name: 'Velociraptor 0.75',
  form: 'evtx-json',
  write: (event) =>
    json({
      System: {
        ...systemOf(event, secondsOf(event)),
        EventID: present({ Value: event.id, Qualifiers: event.qualifiers }),
        Keywords: digits(event.keywords),
      },
      EventData: namedOrList(event),
      Message: event.rendering?.message,
    }),
  losses: [SECONDS, MESSAGE_ONLY, NO_USER_DATA, NAMED_APART],
};

/** All texts; names of EventData are those of fields. */
const golang: Form = {
  name: 'golang-evtx 1.3',
  form: 'evtx-json',
  write: (event) =>
    json({
      Event: {
        System: {
          ...(untyped(systemOf(event, event.time)) as object),
          EventID:
            event.qualifiers === undefined
              ? String(event.id)
              : { Qualifiers: String(event.qualifiers), Value: String(event.id) },
          Keywords: `0x${event.keywords.toString(16).padStart(16, '0')}`,
        },
        EventData: untyped(namedOrList(event)),
      },
    }),
  losses: [NO_RENDERING, NO_USER_DATA, NAMED_APART],
};

const ELEMENTS = ['Data', 'ComplexData', 'Binary'] as const;
const columnItem = ({ name, value }: Item): unknown =>
  name === undefined ? value.text : { '@Name': name, '#text': value.text };
const LEVELS = ['LogAlways', 'Critical', 'Error', 'Warning', 'Info', 'Verbose'];

/** System in columns, the sections as JSON in one text. */
const evtxecmd: Form = {
  name: 'EvtxECmd 1.5',
  form: 'evtxecmd',
  write: (event) =>
    json({
      PayloadData1: 'by a map',
      Payload: json({
        EventData: Object.fromEntries(
          ELEMENTS.map((element) => [
            element,
            (event.data ?? []).filter((item) => item.element === element).map(columnItem),
          ]),
        ),
      }),
      Channel: event.channel,
      Provider: event.provider,
      EventId: event.id,
      EventRecordId: String(event.record),
      ProcessId: event.pid,
      ThreadId: event.tid,
      Computer: event.computer,
      UserId: event.sid,
      Level: LEVELS[event.level] ?? String(event.level),
      Keywords: keywordNames(event.keywords).join(', '),
      TimeCreated: event.time.replace(/Z$/u, '+00:00'),
    }),
  losses: [
    NO_RENDERING,
    NO_USER_DATA,
    NO_GUID,
    NO_ACTIVITY,
    {
      why: 'the columns have no version, task and opcode',
      take: (event) => ({ ...event, version: 0, task: 0, opcode: 0 }),
    },
    {
      why: 'an object groups elements of one name',
      take: (event) => ({
        ...event,
        ...(event.data === undefined
          ? {}
          : { data: ELEMENTS.flatMap((element) => (event.data ?? []).filter((item) => item.element === element)) }),
      }),
    },
  ],
  differences: [{ fields: /^winlog\.opcode$/u, why: 'the columns have no opcode' }],
};

/** The forms. */
export const LOG_FILE_FORMS: readonly Form[] = [
  {
    name: 'evtx_dump 0.11, JSON',
    form: 'evtx-json',
    write: (event) => json(crateJson(event)),
    losses: [NO_RENDERING, MICROSECONDS, NUMBERED],
  },
  {
    name: 'evtx_dump 0.11, XML',
    form: 'event-xml',
    write: (event) =>
      `<?xml version="1.0" encoding="utf-8"?>\n${xmlOf(treeOf(byCrate(event)), { quote: '"', between: indented, isShort: false })}`,
    losses: [NO_RENDERING, MICROSECONDS],
  },
  velociraptor,
  golang,
  evtxecmd,
];
