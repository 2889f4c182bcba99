// Why our document of an event may differ from Winlogbeat's: only what a log file does not hold,
// and what Winlogbeat's scripts do afterwards.
import type { WindowsEvent } from '../../shared/contracts/windows-event.ts';

/** How a field may differ. */
export type Kind = 'missing' | 'different' | 'extra';

/**
 * A reason. `holds` narrows it to the events for which it is true; `their` is Winlogbeat's value.
 */
export interface Reason {
  readonly kind: Kind;
  readonly fields: RegExp;
  readonly why: string;
  readonly holds?: (event: WindowsEvent, their: unknown) => boolean;
}

const SYSMON = 'Microsoft-Windows-Sysmon/Operational';

/**
 * The event data that the scripts rename to an ECS field or remove, by channel.
 * Source: https://github.com/elastic/beats/tree/7.17/x-pack/winlogbeat/module,
 * config/winlogbeat-*.js.
 */
const MOVED: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries({
    Security: 'IpAddress IpPort NewProcessId NewProcessName ParentProcessName ProcessId ProcessName WorkstationName',
    [SYSMON]:
      'Archived CommandLine CurrentDirectory Destination DestinationHostname DestinationIp DestinationIsIpv6 DestinationPort DestinationPortName Device Hash ' +
      'Hashes ID Image ImageLoaded Initiated IsExecutable OriginalFileName ParentCommandLine ParentImage ParentProcessGuid ParentProcessId PipeName ' +
      'ProcessGuid ProcessId Protocol QueryName QueryResults QueryStatus RuleName SourceHostname SourceImage SourceIp SourceIsIpv6 SourcePort ' +
      'SourceProcessGUID SourceProcessGuid SourceProcessId SourceThreadId TargetFilename User UtcTime',
    'Windows PowerShell': 'param1 param2 param3',
    'Microsoft-Windows-PowerShell/Operational':
      'ContextInfo MessageNumber MessageTotal Path Payload ScriptBlockId ScriptBlockText Severity',
  }).map(([channel, names]) => [channel, new Set(names.split(' '))]),
);

const isSecurity = ({ channel }: WindowsEvent): boolean => channel === 'Security';
const HIGHEST_STANDARD_OPCODE = 9;
const SERVICE_ACCOUNT = /^S-1-5-(?:18|19|20)$/u;

/** Reported by the field's own name. */
const nameOf = (field: string): string => field.slice('winlog.event_data.'.length);

/** The reason for a difference, or undefined when there is none. */
export function reasonFor(
  { field, kind, their }: { readonly field: string; readonly kind: Kind; readonly their: unknown },
  event: WindowsEvent,
): string | undefined {
  if (kind === 'extra' && MOVED.get(event.channel ?? '')?.has(nameOf(field)) === true)
    return 'moved to an ECS field, or removed, by Winlogbeat’s scripts; a plain log has it';
  return REASONS.find(
    (reason) => reason.kind === kind && reason.fields.test(field) && (reason.holds?.(event, their) ?? true),
  )?.why;
}

const TABLES = 'rendered by the message tables of the machine that wrote the log';

const REASONS: readonly Reason[] = [
  { kind: 'missing', fields: /^message$/u, why: TABLES },
  { kind: 'missing', fields: /^winlog\.task$/u, why: TABLES, holds: ({ task }) => task !== 0 },
  {
    kind: 'missing',
    fields: /^event\.action$/u,
    why: TABLES,
    holds: (event) => event.task !== 0 && !isSecurity(event),
  },
  {
    kind: 'missing',
    fields: /^event\.action$/u,
    why: 'in words of Winlogbeat’s script for Security',
    holds: isSecurity,
  },
  {
    kind: 'different',
    fields: /^event\.action$/u,
    why: 'in words of Winlogbeat’s script for Security',
    holds: isSecurity,
  },
  {
    kind: 'missing',
    fields: /^winlog\.opcode$/u,
    why: 'the event has no opcode, the text is of the message tables',
    holds: ({ opcode }) => opcode === undefined,
  },
  {
    kind: 'missing',
    fields: /^winlog\.opcode$/u,
    why: 'an opcode of the provider’s own, named by its message tables',
    holds: ({ opcode = 0 }) => opcode > HIGHEST_STANDARD_OPCODE,
  },
  {
    kind: 'missing',
    fields: /^winlog\.user\.(?:name|domain|type)$/u,
    why: 'of an account that only the machine which read the log knows by its SID',
    holds: ({ user }) => !SERVICE_ACCOUNT.test(user?.identifier ?? ''),
  },
  {
    kind: 'missing',
    fields:
      /^(?:event\.(?:module|category|type|sequence)|(?:destination|dns|file|group|hash|network|powershell|process|registry|related|rule|service|source|sysmon|user)\..*)$/u,
    why: 'added by Winlogbeat’s scripts for Security, Sysmon and PowerShell',
  },
  {
    kind: 'missing',
    fields: /^winlog\.(?:logon|trust\w+|computerObject)(?:\..*)?$/u,
    why: 'added by Winlogbeat’s script for Security',
    holds: isSecurity,
  },
  {
    kind: 'missing',
    fields:
      /^winlog\.event_data\.(?:\w+Description|Category|SubCategory|SidListDesc|NewUACList|(?:New|Old)Sd[DS]acl\d)$/u,
    why: 'put into words by Winlogbeat’s script for Security',
    holds: isSecurity,
  },
  {
    kind: 'different',
    fields: /^winlog\.event_data\.(?:AccessMask|PrivilegeList|SidList|UserAccountControl)$/u,
    why: 'split into a list by Winlogbeat’s script for Security',
    holds: (event, their) => isSecurity(event) && Array.isArray(their),
  },
  {
    kind: 'different',
    fields: /^@timestamp$/u,
    why: 'Winlogbeat’s script for Sysmon puts the event’s UtcTime, in milliseconds, in its place',
    holds: ({ channel, eventData }, their) =>
      channel === SYSMON && Date.parse(`${eventData?.['UtcTime'] ?? ''}Z`) === Date.parse(String(their)),
  },
  {
    kind: 'extra',
    fields: /^winlog\.user_data\..+\./u,
    why: 'an attribute, or deeper than Winlogbeat reads',
  },
  {
    kind: 'extra',
    fields: /^(?:ecs\.version|event\.created|foghorn\..*|host\.os\.type|winlog\.time_created)$/u,
    why: 'written by us; the reference files leave it out',
  },
];
