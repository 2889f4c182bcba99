// Events as agents write them: those of the cases, with the names and record ids of a host of the
// test's own.
import { readFileSync } from 'node:fs';
import { packagePath } from '../../shared/runtime/package-root.ts';

const SAMPLES = ['53-winlogbeat-9', '55-nxlog-msvistalog', '56-fluent-bit-winevtlog', '58-vector'];
/** The computers and record ids of the samples. */
const COMPUTERS = /(?:MEDIA01|DC01)\.example\.org/gu;
const RECORD_ID = /(?<="(?:record_id|RecordNumber|EventRecordID)":)\d+/u;

let templates: readonly string[] | undefined;

/**
 * Lines of JSON, one event each, of the forms of four agents: the events of `host` with the record
 * ids from `first` on. The same id always gives the same event.
 */
export function eventLines(host: string, first: number, count: number): readonly string[] {
  templates ??= SAMPLES.flatMap((name) =>
    readFileSync(packagePath('test', 'data', 'cases', `${name}.json`), 'utf8')
      .trim()
      .split('\n'),
  );
  const made = templates.map((line) => line.replaceAll(COMPUTERS, host));
  return Array.from({ length: count }, (_, index) => {
    const recordId = first + index;
    return (made[recordId % made.length] ?? '').replace(RECORD_ID, String(recordId));
  });
}

/** The record ids of the events in a text, also where quotation marks in it are escaped. */
export function recordIdsIn(text: string): ReadonlySet<number> {
  const found = text.matchAll(/\\?"(?:record_id|RecordNumber|EventRecordID)\\?":(?<id>\d+)/gu);
  return new Set(Array.from(found, ({ groups }) => Number(groups?.['id'])));
}
