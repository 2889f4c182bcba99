// What has to hold for every input whatever: a document or a dead letter with a reason, within
// bounds; never a throw.
import { isDeepStrictEqual } from 'node:util';
import { DEAD_LETTER_REASONS } from '../../shared/contracts/dead-letter.ts';
import type { RawEncoding } from '../../shared/contracts/raw-event.ts';
import type { Verdict } from '../../shared/contracts/stage.ts';
import { eventsOfBody } from '../../services/collector/inputs/http/events-of-body.ts';
import { Refusal } from '../../shared/http/refusal.ts';
import { loadCatalogFolders } from '../../shared/runtime/catalog-files.ts';
import { createEnrich } from '../../services/enricher/enrich.ts';
import { parsePlainXml } from '../../shared/windows/plain-xml.ts';
import { decodeText } from '../../shared/windows/text.ts';
import { showForbidden } from '../../shared/windows/xml-repair.ts';
import { parseXml } from '../../shared/windows/xml-tree.ts';
import { cpuMsOf } from './cpu.ts';

const MAX_DOCUMENT_BYTES = 2_097_152;
/**
 * CPU time that an input may take: far more than any does, whatever else the machine does; what
 * takes longer grows with more than its length.
 */
const MAX_CPU_MS = 300;
const MAX_CPU_MS_A_KIB = 8;
/**
 * Fields of event data are bounded; a Winlogbeat document may bring others of its own, as many as
 * its bytes hold.
 */
const MAX_PAIRS = 512;
const MAX_DETAIL_CHARACTERS = 2000;
const MAX_EVENTS = 20_000;

const enrich = createEnrich({
  catalog: await loadCatalogFolders([]),
  now: () => Date.UTC(2026, 2, 1),
  keepOriginal: false,
  maxDocumentBytes: MAX_DOCUMENT_BYTES,
});

/** What is wrong with how an input was taken; undefined when nothing is. */
export function faultOf(bytes: Buffer): string | undefined {
  const encoding: RawEncoding = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8';
  const raw = { bytes, encoding, format: 'xml', input: 'fuzz', sender: '192.0.2.9', receivedAtMs: 0 } as const;
  try {
    const verdict = enrich(raw);
    const tookMs = cpuMsOf(() => {
      enrich(raw);
      cut(bytes, encoding);
    });
    if (tookMs > MAX_CPU_MS + (MAX_CPU_MS_A_KIB * bytes.length) / 1024)
      return `${bytes.length} bytes took ${Math.round(tookMs)} ms of CPU time`;
    if (!isDeepStrictEqual(verdict, enrich(raw))) return 'a second time it was taken otherwise';
    return faultOfVerdict(verdict) ?? faultOfParsers(bytes, encoding);
  } catch (error) {
    return `it threw: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  }
}

/** As the body of a request: cut into pieces, or refused as a whole. */
function cut(body: Buffer, charset: RawEncoding): void {
  const arrival = { input: 'fuzz', sender: '192.0.2.9', receivedAtMs: 0 };
  const onBug = (error: unknown): never => {
    throw error;
  };
  try {
    eventsOfBody(body, { arrival, charset, maxEvents: MAX_EVENTS, admit: () => undefined, onBug });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
}

/** The quick XML parser may only read what the strict one reads, and as it does. */
function faultOfParsers(bytes: Buffer, encoding: RawEncoding): string | undefined {
  const text = showForbidden(decodeText(bytes, encoding) ?? '');
  const plain = parsePlainXml(text);
  if (plain === undefined) return undefined;
  const strict = parseXml(text);
  if (strict.kind === 'bad') return `the quick parser read what the strict one refuses: ${strict.detail}`;
  return isDeepStrictEqual(plain, strict.root) ? undefined : 'the quick parser read another tree than the strict one';
}

function faultOfVerdict(verdict: Verdict): string | undefined {
  if (verdict.kind === 'skip') return 'it was skipped';
  if (verdict.kind === 'emit') return faultOfDocument(String(verdict.records[0]?.value));
  const { reason, detail } = verdict;
  if (DEAD_LETTER_REASONS.includes(reason) && detail !== '' && detail.length < MAX_DETAIL_CHARACTERS) return undefined;
  return `a dead letter with the reason ${reason} and ${detail.length} characters of detail`;
}

interface Document {
  readonly '@timestamp'?: unknown;
  readonly event?: { readonly id?: unknown };
  readonly winlog?: { readonly event_data?: object };
  readonly server?: { readonly port?: unknown };
}

/** What every document has to be, and what is said of one that is not. */
const CLAIMS: readonly { readonly fault: string; readonly isKept: (document: Document) => boolean }[] = [
  { fault: 'no time', isKept: (document) => !Number.isNaN(Date.parse(String(document['@timestamp']))) },
  { fault: 'no id', isKept: ({ event }) => /^[\w-]{27}$/u.test(String(event?.id)) },
  { fault: 'too many event data', isKept: ({ winlog }) => Object.keys(winlog?.event_data ?? {}).length <= MAX_PAIRS },
  { fault: 'a port that is none', isKept: ({ server }) => isPort(server?.port) },
];

function faultOfDocument(json: string): string | undefined {
  if (Buffer.byteLength(json) > MAX_DOCUMENT_BYTES) return `a document of ${Buffer.byteLength(json)} bytes`;
  const document = JSON.parse(json) as Document;
  return CLAIMS.find(({ isKept }) => !isKept(document))?.fault;
}

/** Only what Foghorn wrote is a number; a Winlogbeat document may bring anything of its own. */
function isPort(port: unknown): boolean {
  return typeof port !== 'number' || (Number.isInteger(port) && port >= 1 && port <= 65_535);
}
