// PowerShell's `Get-WinEvent | ConvertTo-Json`, of Windows and of version 7.
import type { Form, Loss } from './form.ts';
import { digits, json, typed } from './json.ts';
import { MILLISECONDS, NO_NAMES, NO_USER_DATA } from './losses.ts';
import type { MadeEvent, Value } from './made-event.ts';

const bare = (guid: string | undefined): string | null => guid?.replaceAll(/[{}]/gu, '') ?? null;
const valueOf = (value: Value): unknown => (value.kind === 'guid' ? bare(value.text) : typed(value));

function recordOf(event: MadeEvent, time: unknown, user: unknown): string {
  return json({
    Id: event.id,
    Version: event.version,
    Qualifiers: event.qualifiers ?? null,
    Level: event.level,
    Task: event.task,
    Opcode: event.opcode,
    Keywords: digits(BigInt.asIntN(64, event.keywords)),
    RecordId: digits(event.record),
    ProviderName: event.provider,
    ProviderId: bare(event.guid),
    LogName: event.channel,
    ProcessId: event.pid,
    ThreadId: event.tid,
    MachineName: event.computer,
    UserId: user,
    TimeCreated: time,
    ActivityId: bare(event.activity),
    RelatedActivityId: bare(event.related),
    ...namesOf(event.rendering),
    Properties: (event.data ?? []).map(({ value }) => ({ Value: valueOf(value) })),
  });
}

function namesOf(rendering: MadeEvent['rendering']): Readonly<Record<string, unknown>> {
  const { message = '', level = '', opcode = '', task = '', keywords = [] } = rendering ?? {};
  return {
    Message: message || null,
    LevelDisplayName: level || null,
    OpcodeDisplayName: opcode || null,
    TaskDisplayName: task || null,
    KeywordsDisplayNames: keywords,
  };
}

/** A GUID among the values has no braces, and nothing says that it is one. */
const GUIDS: Loss = {
  why: 'a GUID among the values is written without braces, as a text may be',
  take: (event) =>
    event.data === undefined
      ? event
      : {
          ...event,
          data: event.data.map((item) =>
            item.value.kind === 'guid'
              ? { ...item, value: { kind: 'text', text: bare(item.value.text) ?? '' } as const }
              : item,
          ),
        },
};

/** The forms. */
export const DOTNET_FORMS: readonly Form[] = [
  {
    name: 'PowerShell 5.1',
    form: 'powershell',
    write: (event) =>
      recordOf(
        event,
        `/Date(${Date.parse(event.time)})/`,
        event.sid === undefined ? null : { BinaryLength: 12, AccountDomainSid: null, Value: event.sid },
      ),
    losses: [MILLISECONDS, NO_NAMES, NO_USER_DATA, GUIDS],
  },
  {
    name: 'PowerShell 7.5',
    form: 'powershell',
    write: (event) =>
      recordOf(
        event,
        event.time.replace(/Z$/u, '+00:00'),
        event.sid === undefined ? null : { BinaryLength: 12, AccountDomainSid: null, Value: event.sid },
      ),
    losses: [NO_NAMES, NO_USER_DATA, GUIDS],
  },
];
