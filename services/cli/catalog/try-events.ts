// Tries the catalogue on a file of events: which entry each matches, and the filled remediation.
import { type FileHandle, open } from 'node:fs/promises';
import { createMatcher, type Matcher } from '../../../shared/catalog/match.ts';
import { renderRemediation } from '../../../shared/catalog/render.ts';
import type { Catalog } from '../../../shared/catalog/schema.ts';
import type { RawEncoding } from '../../../shared/contracts/raw-event.ts';
import type { WindowsEvent } from '../../../shared/contracts/windows-event.ts';
import { readEvent } from '../../../shared/windows/read-event.ts';
import { eventsOfBody } from '../../collector/inputs/http/events-of-body.ts';
import { chunksOf, HEADER_BYTES, isEvtx } from '../evtx/chunks.ts';
import { createEvtxReader } from '../evtx/reader.ts';
import { remediationText } from '../remediation-text.ts';
import { oneLine } from '../terminal.ts';

const MAX_EVENTS = 10_000;
const MAX_VALUE_CHARACTERS = 200;

/** An event of the file, or the reason why it is none. */
type Piece =
  | { readonly kind: 'event'; readonly bytes: Buffer; readonly encoding: RawEncoding }
  | { readonly kind: 'bad'; readonly why: string };

/**
 * Writes the result for each event of a file: event XML or JSON in any form that the collector
 * takes, or an event log file (.evtx). Of each kind of event without an entry, the first one with
 * its values, as a parameter takes them.
 */
export async function tryEvents(path: string, catalog: Catalog, out: (line: string) => void): Promise<void> {
  const match = createMatcher(catalog);
  const shown = new Set<string>();
  let number = 0;
  for await (const piece of piecesOf(path)) {
    number += 1;
    if (piece.kind === 'bad') out(`${number}  no event: ${oneLine(piece.why)}`);
    else tryEvent({ match, shown, out }, { ...piece, number });
  }
}

async function* piecesOf(path: string): AsyncGenerator<Piece> {
  const file = await open(path);
  try {
    yield* (await isEvtx(file)) ? piecesOfLog(file) : piecesOfBody(await file.readFile());
  } finally {
    await file.close();
  }
}

async function* piecesOfLog(file: FileHandle): AsyncGenerator<Piece> {
  const reader = await createEvtxReader();
  for await (const { offset, bytes } of chunksOf(file, HEADER_BYTES)) {
    const { records, errors } = bytes === undefined ? NO_CHUNK : await reader.read(bytes);
    for (const { xml } of records) yield { kind: 'event', bytes: Buffer.from(xml), encoding: 'utf-8' };
    for (const error of errors) yield { kind: 'bad', why: `byte ${offset}: ${error}` };
  }
}

function* piecesOfBody(bytes: Buffer): Generator<Piece> {
  const arrival = { input: 'file', sender: 'file', receivedAtMs: 0 };
  for (const piece of eventsOfBody(bytes, { arrival, charset: 'utf-8', maxEvents: MAX_EVENTS, admit: () => undefined }))
    if (piece.kind === 'bad') yield { kind: 'bad', why: `${piece.reason}: ${piece.detail}` };
    else yield { kind: 'event', bytes: piece.event.bytes, encoding: piece.event.encoding };
}

const NO_CHUNK = { records: [], errors: ['this is no chunk'] };

interface Trial {
  readonly match: Matcher;
  /** The kinds of events whose values were written. */
  readonly shown: Set<string>;
  out(line: string): void;
}

function tryEvent(
  { match, shown, out }: Trial,
  { bytes, encoding, number }: { readonly bytes: Buffer; readonly encoding: RawEncoding; readonly number: number },
): void {
  const read = readEvent(bytes, encoding);
  if (read.kind === 'bad') {
    out(`${number}  no event: ${read.reason}: ${oneLine(read.detail)}`);
    return;
  }
  const { providerName, eventId, computer = 'an unknown host' } = read.event;
  const found = match(read.event);
  const what = `${number}  ${oneLine(`${providerName} ${eventId} on ${computer}`)}`;
  if (found === undefined) {
    out(`${what}: no entry`);
    const kind = `${providerName} ${eventId}`;
    if (!shown.has(kind)) for (const line of valueLines(read.event)) out(line);
    shown.add(kind);
    return;
  }
  const { entry, params, tags } = found;
  out(`${what}: ${entry.id}, version ${entry.version}`);
  for (const [name, value] of Object.entries(params)) out(`   ${name} = ${oneLine(String(value))}`);
  for (const tag of tags) out(`   ${tag}`);
  out(`\n${remediationText(renderRemediation(entry, params, computer))}\n`);
}

/** The values of an event, each as `insert` or `dataNames` of a parameter takes it. */
function valueLines({ eventData = {}, userData, message }: WindowsEvent): readonly string[] {
  const first = Object.hasOwn(eventData, 'param0') ? 0 : 1;
  const values = Object.entries({ ...userData?.values, ...eventData }).map(([name, value]) => {
    const place = /^param(?<place>\d{1,2})$/u.exec(name)?.groups?.['place'];
    const taken = place === undefined ? `dataNames: [${name}]` : `insert: ${Number(place) - first + 1}`;
    return `   ${oneLine(taken)} has ${cut(value)}`;
  });
  return [...values, ...(message === undefined ? [] : [`   message ${cut(message)}`])];
}

function cut(text: string): string {
  const line = oneLine(text);
  return line.length <= MAX_VALUE_CHARACTERS ? line : `${line.slice(0, MAX_VALUE_CHARACTERS - 1)}…`;
}
