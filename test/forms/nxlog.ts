// NXLog's im_msvistalog as JSON and as GELF.
import type { Form, Loss } from './form.ts';
import { digits, json, objectOf, present } from './json.ts';
import { MILLISECONDS, NAMED_APART, NO_KEYWORD_NAMES, NO_LEVEL_NAME, NO_USER_DATA } from './losses.ts';
import type { MadeEvent } from './made-event.ts';
import { firstNamedOf, nameOf, unnamedOf } from './tree.ts';

const TYPES = ['INFO', 'CRITICAL', 'ERROR', 'WARNING', 'INFO', 'VERBOSE'];
const AUDIT = 3n << 52n;

function typeOf({ keywords, level }: MadeEvent): string | undefined {
  if ((keywords & (1n << 52n)) !== 0n) return 'AUDIT_FAILURE';
  return (keywords & AUDIT) !== 0n ? 'AUDIT_SUCCESS' : TYPES[level];
}

const LEVEL: Loss = {
  why: 'the sender distinguishes audits from other events, and of those the levels that have a name',
  take: (event) => ({ ...event, level: (event.keywords & AUDIT) !== 0n ? 0 : event.level === 0 ? 4 : event.level }),
};

function fieldsOf(event: MadeEvent): Readonly<Record<string, unknown>> {
  return {
    ...present({
      Keywords: String(BigInt.asIntN(64, event.keywords)),
      EventType: typeOf(event),
      EventID: event.id,
      SourceName: event.provider,
      ProviderGuid: event.guid?.toUpperCase(),
      Version: event.version,
      TaskValue: event.task,
      OpcodeValue: event.opcode,
      RecordNumber: digits(event.record),
      ActivityID: event.activity?.toUpperCase(),
      RelatedActivityID: event.related?.toUpperCase(),
      ExecutionProcessID: event.pid,
      ExecutionThreadID: event.tid,
      Channel: event.channel,
      UserID: event.sid,
      Category: event.rendering?.task || undefined,
      Opcode: event.rendering?.opcode || undefined,
    }),
    ...objectOf(unnamedOf(event).map(({ value }, place) => [place === 0 ? 'Data' : `Data_${place}`, value.text])),
    ...objectOf(firstNamedOf(event).map((item) => [nameOf(item) ?? '', item.value.text])),
    SourceModuleName: 'in',
    SourceModuleType: 'im_msvistalog',
  };
}

/** The forms. */
export const NXLOG_FORMS: readonly Form[] = [
  {
    name: 'NXLog 6',
    form: 'nxlog',
    write: (event) =>
      json({
        EventTime: event.time.replace(/Z$/u, '+00:00'),
        Hostname: event.computer,
        Message: event.rendering?.message,
        EventReceivedTime: '2026-12-31T23:59:59.999999+00:00',
        ...fieldsOf(event),
      }),
    losses: [NO_KEYWORD_NAMES, NO_LEVEL_NAME, NO_USER_DATA, NAMED_APART, LEVEL],
  },
  {
    name: 'NXLog 6, GELF',
    form: 'nxlog',
    write: (event) =>
      json({
        version: '1.1',
        host: event.computer,
        short_message: event.rendering?.message.slice(0, 64) ?? '',
        full_message: event.rendering?.message ?? '',
        timestamp: Date.parse(event.time) / 1000,
        level: 3,
        ...Object.fromEntries(Object.entries(fieldsOf(event)).map(([name, value]) => [`_${name}`, value])),
      }),
    losses: [MILLISECONDS, NO_KEYWORD_NAMES, NO_LEVEL_NAME, NO_USER_DATA, NAMED_APART, LEVEL],
  },
];
