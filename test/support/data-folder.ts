// Where real events lie, for checks that only run where somebody put them: beside the checkout, or
// where WINDOWS_EVENTS_DATA says.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { packagePath } from '../../shared/runtime/package-root.ts';

/**
 * The folder, or undefined where there is none; a test that wants it is then skipped with
 * `NO_DATA`.
 */
export function dataFolder(): string | undefined {
  const folder = process.env['WINDOWS_EVENTS_DATA'] ?? resolve(packagePath(), '..', 'shared', 'data');
  return existsSync(join(folder, 'MANIFEST.json')) ? folder : undefined;
}

/** Why such a test is skipped. */
export const NO_DATA = 'the folder with real events is not here (WINDOWS_EVENTS_DATA names it)';

/** An event as XML, and the log file it was in. */
export interface RealXmlEvent {
  readonly file: string;
  readonly xml: string;
}

/** The event XML that was written from real log files. */
export function realXmlEvents(folder: string): readonly RealXmlEvent[] {
  const lines = gunzipSync(readFileSync(join(folder, 'xml', 'from-evtx.ndjson.gz')))
    .toString('utf8')
    .split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as RealXmlEvent);
}

/** The documents that Winlogbeat made, as JSON texts. */
export function realWinlogbeatDocuments(folder: string): readonly string[] {
  const root = join(folder, 'winlogbeat-golden');
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.golden.json'))
    .sort()
    .flatMap((name) => JSON.parse(readFileSync(join(root, name), 'utf8')) as readonly object[])
    .map((document) => JSON.stringify(document));
}
