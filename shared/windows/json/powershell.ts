// `Get-WinEvent | ConvertTo-Json`.
// Source: https://learn.microsoft.com/dotnet/api/system.diagnostics.eventing.reader.eventlogrecord.
import type { ReadResult } from '../../contracts/windows-event.ts';
import { CUT_TAG } from '../limits.ts';
import { isObject, type Json, objectOf, text, textList } from './fields.ts';
import { insertData } from './inserts.ts';
import { eventOf, localTimeOf, userOf } from './system-fields.ts';

/** Whether it is an EventLogRecord as PowerShell's `ConvertTo-Json` writes it. */
export function isPowerShell(value: Json): boolean {
  return 'Id' in value && 'ProviderName' in value && 'LogName' in value && 'MachineName' in value;
}

/** Reads such a record; its properties have no names. Never throws. */
export function readPowerShell(value: Json): ReadResult {
  const tags = new Set<string>();
  const properties: readonly unknown[] = Array.isArray(value['Properties']) ? value['Properties'] : [];
  const values = properties.map((property) =>
    isObject(property) && 'Value' in property ? property['Value'] : property,
  );
  // Beyond ConvertTo-Json's -Depth a property is the text of its type; its value is lost.
  const isCut = values.some((item) => typeof item === 'string' && item.startsWith('System.Diagnostics.Eventing.'));
  if (isCut) tags.add(CUT_TAG);
  return eventOf(
    'powershell',
    {
      provider: value['ProviderName'],
      providerGuid: value['ProviderId'],
      eventId: value['Id'],
      qualifiers: value['Qualifiers'],
      version: value['Version'],
      level: value['Level'],
      levelName: value['LevelDisplayName'],
      task: value['Task'] ?? 0,
      taskName: value['TaskDisplayName'],
      opcode: value['Opcode'],
      opcodeName: value['OpcodeDisplayName'],
      keywords: value['Keywords'],
      keywordNames: textList(value['KeywordsDisplayNames']),
      ...localTimeOf(dotNetTime(value['TimeCreated']), [], tags),
      recordId: value['RecordId'],
      activityId: value['ActivityId'],
      relatedActivityId: value['RelatedActivityId'],
      processId: value['ProcessId'],
      threadId: value['ThreadId'],
      channel: value['LogName'],
      computer: value['MachineName'],
      user: userOf(text(value['UserId']) ?? objectOf(value['UserId'])['Value']),
      message: value['Message'],
    },
    { eventData: isCut ? undefined : insertData(values, tags), tags },
  );
}

/** The text of either edition, in an object with `value` where members were added. */
function dotNetTime(given: unknown): unknown {
  return isObject(given) ? (given['value'] ?? given['DateTime']) : given;
}
