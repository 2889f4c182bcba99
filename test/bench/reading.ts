// `npm run bench:reading [EVENTS]`: events per processor second through the pure function, from
// bytes to the serialised document, beside what its parsers alone take.
import { SaxesParser } from 'saxes';
import type { RawEvent } from '../../shared/contracts/raw-event.ts';
import { loadCatalogFolders } from '../../shared/runtime/catalog-files.ts';
import { createEnrich } from '../../services/enricher/enrich.ts';
import { DIALECTS, LOGON_FAILED, PORT_IN_USE, xmlOf } from '../support/dialects.ts';
import { makeDocuments } from '../support/made-documents.ts';

const EVENTS = Number(process.argv[2] ?? 200_000);
const DIFFERENT = 500;
/** Just behind the events: their hosts' clocks are right. */
const RECEIVED_MS = Date.UTC(2026, 2, 1, 10, 15, 33);

const enrich = createEnrich({
  catalog: await loadCatalogFolders([]),
  now: Date.now,
  keepOriginal: false,
  maxDocumentBytes: 2_097_152,
});

interface Subject {
  readonly name: string;
  readonly events: readonly Buffer[];
  readonly read: (bytes: Buffer) => unknown;
}

/** Events that differ, as a stream's do: equal ones would be kept somewhere on the way. */
function different(text: string): readonly Buffer[] {
  return Array.from({ length: DIFFERENT }, (_, place) =>
    Buffer.from(text.replaceAll(/4711|90001/gu, String(50_000 + place))),
  );
}

function enriching(format: RawEvent['format']): Subject['read'] {
  return (bytes) =>
    enrich({ bytes, encoding: 'utf-8', format, input: 'http', sender: '192.0.2.9', receivedAtMs: RECEIVED_MS });
}

function saxes(bytes: Buffer): unknown {
  const parser = new SaxesParser({ xmlns: true });
  let count = 0;
  parser.on('opentag', () => (count += 1));
  parser.write(bytes.toString('utf8')).close();
  return count;
}

const xml = different(xmlOf(LOGON_FAILED, false));
const fault = different(xmlOf(PORT_IN_USE, false));
const rendered = different(xmlOf(LOGON_FAILED, true));
const json = different(DIALECTS.find(({ name }) => name === 'Winlogbeat 8')?.write(LOGON_FAILED) ?? '');
const large = makeDocuments('reading', DIFFERENT).map((text) => Buffer.from(text));
const parse = (bytes: Buffer): unknown => JSON.stringify(JSON.parse(bytes.toString('utf8')));

const SUBJECTS: readonly Subject[] = [
  { name: 'event XML', events: xml, read: enriching('xml') },
  { name: 'event XML, saxes alone', events: xml, read: saxes },
  { name: 'event XML, rendered', events: rendered, read: enriching('xml') },
  { name: 'event XML, rendered, saxes alone', events: rendered, read: saxes },
  { name: 'event XML of a 309, with its alert', events: fault, read: enriching('xml') },
  { name: 'Winlogbeat JSON', events: json, read: enriching('json') },
  { name: 'Winlogbeat JSON, JSON.parse and stringify alone', events: json, read: parse },
  { name: 'Winlogbeat JSON of 1.8 kB', events: large, read: enriching('json') },
  { name: 'Winlogbeat JSON of 1.8 kB, JSON.parse and stringify alone', events: large, read: parse },
];

process.stdout.write('| what | bytes | events per CPU second |\n| --- | --- | --- |\n');
for (const { name, events, read } of SUBJECTS) {
  const run = (count: number): void => {
    for (let index = 0; index < count; index += 1) read(events[index % events.length] as Buffer);
  };
  run(EVENTS / 10);
  const before = process.cpuUsage();
  run(EVENTS);
  const { user, system } = process.cpuUsage(before);
  const perSecond = Math.round((EVENTS * 1_000_000) / (user + system));
  process.stdout.write(`| ${name} | ${events[0]?.length ?? 0} | ${perSecond} |\n`);
}
