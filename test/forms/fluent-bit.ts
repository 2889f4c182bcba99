// Fluent Bit's inputs for the event log, and Fluentd's older one.
import type { Difference, Form, Loss } from './form.ts';
import { digits, json, objectOf, typed } from './json.ts';
import { FIRST_OF_NAME, MESSAGE_ONLY, NO_NAMES, NO_USER_DATA, WHOLE_SECONDS } from './losses.ts';
import type { Item, MadeEvent, Value } from './made-event.ts';
import { withPlainLineEnds } from '../../shared/windows/pairs.ts';
import { firstPairsOf, hexadecimal, isEmpty } from './tree.ts';

/** StringFromCLSID writes capitals. */
const guid = (value: string | undefined): string => value?.toUpperCase() ?? '';
const local = ({ time }: MadeEvent): string => `${time.slice(0, 19).replace('T', ' ')} +0000`;

function valueOf(value: Value): string {
  return value.kind === 'guid' ? guid(value.text) : typed(value);
}

const insertsOf = ({ data = [] }: MadeEvent): readonly string[] => data.map(({ value }) => valueOf(value));
const mapOf = (event: MadeEvent): Readonly<Record<string, unknown>> =>
  objectOf(firstPairsOf(event).map(([name, { value }]) => [name, valueOf(value)]));

function systemOf(event: MadeEvent): Readonly<Record<string, unknown>> {
  return {
    ProviderName: event.provider,
    ProviderGuid: guid(event.guid),
    Qualifiers: event.qualifiers ?? '',
    EventID: event.id,
    Version: event.version,
    Level: event.level,
    Task: event.task,
    Opcode: event.opcode,
    Keywords: hexadecimal(event.keywords),
    TimeCreated: local(event),
    EventRecordID: digits(event.record),
    ActivityID: guid(event.activity),
    RelatedActivityID: guid(event.related),
    ProcessID: event.pid,
    ThreadID: event.tid,
    Channel: event.channel,
    Computer: event.computer,
    UserID: event.sid ?? '',
    Message: event.rendering?.message ?? '',
  };
}

const form = (name: string, data: (event: MadeEvent) => object, losses: readonly Loss[]): Form => ({
  name,
  form: 'fluent-bit',
  write: (event) => json({ ...systemOf(event), ...data(event) }),
  losses: [WHOLE_SECONDS, MESSAGE_ONLY, NO_USER_DATA, ...losses],
});

const AUDIT = 3n << 52n;
const FAILURE = 1n << 52n;
const OLD_TYPES: readonly (string | undefined)[] = [undefined, undefined, 'Error', 'Warning'];

/** What of an event the log API before Vista has. */
const OLD_API: Loss = {
  why: 'the log API before Vista has no version, opcode, process, thread and correlation, four kinds, and of the keywords the audit bits',
  take: ({ activity: _activity, related: _related, guid: _guid, ...event }) => ({
    ...event,
    version: 0,
    opcode: 0,
    pid: 0,
    tid: 0,
    keywords: (event.keywords & FAILURE) === 0n ? event.keywords & AUDIT : FAILURE,
    level: (event.keywords & AUDIT) !== 0n ? 0 : event.level === 2 || event.level === 3 ? event.level : 4,
  }),
};
const NO_OPCODE: Difference = { fields: /^winlog\.opcode$/u, why: 'there was none before Vista' };

function oldTypeOf({ keywords, level }: MadeEvent): string {
  if ((keywords & FAILURE) !== 0n) return 'FailureAudit';
  return (keywords & AUDIT) !== 0n ? 'SuccessAudit' : (OLD_TYPES[level] ?? 'Information');
}

const oldOf = (event: MadeEvent): Readonly<Record<string, unknown>> => ({
  Channel: event.channel,
  EventID: event.id,
  Qualifiers: event.qualifiers ?? 0,
  EventCategory: event.task,
  EventType: oldTypeOf(event),
  TimeWritten: local(event),
  TimeGenerated: local(event),
  Data: '',
  Sid: event.sid ?? '',
  StringInserts: event.data?.map(({ value }) => value.text) ?? [],
  Message: event.rendering?.message ?? '',
  ComputerName: event.computer,
  RecordNumber: digits(event.record),
  SourceName: event.provider,
});

const oldForm = (name: string, write: Form['write']): Form => ({
  name,
  form: 'fluent-bit',
  write,
  losses: [WHOLE_SECONDS, MESSAGE_ONLY, NO_USER_DATA, NO_NAMES, OLD_API],
  differences: [NO_OPCODE],
});

const FLUENTD: Readonly<Record<string, string>> = {
  Channel: 'channel',
  EventID: 'event_id',
  Qualifiers: 'qualifiers',
  EventCategory: 'event_category',
  EventType: 'event_type',
  TimeWritten: 'time_written',
  TimeGenerated: 'time_generated',
  Sid: 'user',
  StringInserts: 'string_inserts',
  Message: 'description',
  ComputerName: 'computer_name',
  RecordNumber: 'record_number',
  SourceName: 'source_name',
};

const isSame = (one: Value, other: Value): boolean => withPlainLineEnds(one.text) === withPlainLineEnds(other.text);

/** Inserts that say more than the map stand beside its names. */
const BOTH: Loss = {
  why: 'the map holds a name once; the list has what it lacks, without its name',
  take: (event) => {
    const { data } = event;
    if (data === undefined) return event;
    const pairs = firstPairsOf({ data });
    const values = new Set(pairs.map(([, { value }]) => withPlainLineEnds(value.text)));
    if (data.every(({ value }) => isEmpty(value.text) || values.has(withPlainLineEnds(value.text))))
      return FIRST_OF_NAME.take(event);
    const named = pairs.map(([name, { value }]): Item => ({ element: 'Data', name, value }));
    const inserts = data.map(({ value }, place): Item => ({ element: 'Data', name: `param${place + 1}`, value }));
    const isNew = ({ name, value }: Item): boolean =>
      !named.some((other) => other.name === name && isSame(other.value, value));
    return { ...event, data: [...named, ...inserts.filter(isNew)] };
  },
};

/** The forms. */
export const FLUENT_BIT_FORMS: readonly Form[] = [
  form('Fluent Bit 4, string inserts', (event) => ({ StringInserts: insertsOf(event) }), [NO_NAMES]),
  form('Fluent Bit 4, a map', (event) => ({ EventData: mapOf(event) }), [FIRST_OF_NAME]),
  form('Fluent Bit 3, a map under the name of the list', (event) => ({ StringInserts: mapOf(event) }), [FIRST_OF_NAME]),
  form(
    'Fluent Bit 5, a map and string inserts',
    (event) => ({ EventData: mapOf(event), StringInserts: insertsOf(event) }),
    [BOTH],
  ),
  oldForm('Fluent Bit 4, winlog', (event) => json(oldOf(event))),
  oldForm('Fluentd, windows_eventlog 0.9', (event) =>
    json(
      Object.fromEntries(
        Object.entries(oldOf(event)).map(([name, value]) => [
          FLUENTD[name] ?? name,
          typeof value === 'number' ? String(value) : value,
        ]),
      ),
    ),
  ),
];
