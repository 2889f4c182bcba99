// EvtxECmd's JSON: System in columns, the event's sections as JSON in `Payload`.
// Source: https://github.com/EricZimmerman/evtx.
import type { ReadResult } from '../../contracts/windows-event.ts';
import { MAX_DOCUMENT_DEPTH } from '../limits.ts';
import { repairTexts } from '../well-formed.ts';
import { hazardsOf, TOO_DEEP } from './depth.ts';
import { readEvtxDump } from './evtx-dump.ts';
import { withExactIntegers } from './exact-integers.ts';
import { isObject, type Json, scalarText, text } from './fields.ts';
import { keywordsOf } from './keywords.ts';
import { bad } from './system-fields.ts';

/** Its names of level numbers. */
const LEVELS: ReadonlyMap<string, string> = new Map([
  ['LogAlways', '0'],
  ['Critical', '1'],
  ['Error', '2'],
  ['Warning', '3'],
  ['Info', '4'],
  ['Verbose', '5'],
]);

/** Whether it has its columns. */
export function isEvtxEcmd(value: Json): boolean {
  return 'Payload' in value && 'EventId' in value && 'Provider' in value && 'Channel' in value;
}

/** Reads such an event. Never throws. */
export function readEvtxEcmd(value: Json): ReadResult {
  const payload = payloadOf(value['Payload']);
  if (payload === undefined) return bad('Payload is not JSON of the event\u2019s sections');
  const { keywords, keywordNames: names = [] } = keywordsOf(value['Keywords']);
  const System = {
    Provider: { '#attributes': { Name: value['Provider'] } },
    EventID: scalarText(value['EventId']),
    Level: LEVELS.get(scalarText(value['Level']) ?? '') ?? value['Level'],
    Keywords: keywords,
    TimeCreated: { '#attributes': { SystemTime: value['TimeCreated'] } },
    EventRecordID: scalarText(value['EventRecordId']),
    Execution: { '#attributes': { ProcessID: value['ProcessId'], ThreadID: value['ThreadId'] } },
    Channel: value['Channel'],
    Computer: value['Computer'],
    Security: { '#attributes': { UserID: value['UserId'] } },
  };
  const read = readEvtxDump({ Event: { System, ...payload, RenderingInfo: { Keywords: names } } });
  return read.kind === 'bad' ? read : { kind: 'event', event: { ...read.event, form: 'evtxecmd' } };
}

function payloadOf(value: unknown): Json | undefined {
  if (isObject(value)) return value;
  const given = text(value);
  if (given === undefined) return {};
  try {
    const parsed: unknown = JSON.parse(withExactIntegers(given));
    if (!isObject(parsed) || (hazardsOf(parsed, MAX_DOCUMENT_DEPTH) & TOO_DEEP) !== 0) return undefined;
    repairTexts(parsed);
    return parsed;
  } catch {
    // The caller reports invalid JSON.
    return undefined;
  }
}
