// A made-up day of a fleet, for pictures: the same at each run. Synthetic throughout, but for the
// catalogue's own words.
import type { Catalog } from '../../shared/catalog/schema.ts';
import { incidentDocument } from '../../services/indexer/incident-document.ts';
import { type Random, randomOf } from '../fuzz/mutate.ts';
import { type Fault, faultOf } from './fault.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

type Document = Readonly<Record<string, unknown>>;

/** Documents by the index they go to. */
export interface Fleet {
  readonly events: readonly Document[];
  readonly incidents: readonly Document[];
  readonly actions: readonly Document[];
  readonly deadLetters: readonly Document[];
}

const SITES = ['media', 'edge', 'web', 'app'];
const EVERYDAY = [
  ['Service Control Manager', '7036', 'information'],
  ['Microsoft-Windows-Security-Auditing', '4624', 'information'],
  ['Microsoft-Windows-Security-Auditing', '4625', 'information'],
  ['Application Error', '1000', 'error'],
  ['Microsoft-Windows-GroupPolicy', '1500', 'information'],
  ['Disk', '51', 'warning'],
] as const;
/** Hosts that stopped, and how many days ago. */
const STOPPED = { 'edge21.example.org': 26, 'app18.example.org': 9, 'web17.example.org': 1.2 } as const;
const DEAD = [
  ['enricher', 'invalid_xml', 'unclosed tag: EventData, at line 1, column 2048'],
  ['enricher', 'unknown_format', 'neither XML nor JSON nor syslog'],
  [
    'indexer',
    'index_refused',
    'document_parsing_exception: failed to parse field [winlog.time_created] of type [date]',
  ],
  ['enricher', 'too_large', 'the document has 1203440 bytes; 1000000 are allowed'],
] as const;

/** The day that ends at `endMs`. */
export function makeFleet(endMs: number, catalog: Catalog): Fleet {
  const random = randomOf(309);
  const startMs = endMs - DAY_MS;
  const everyday = Array.from({ length: 3000 }, () =>
    everydayEvent(hostOf(random, 14), startMs + random(DAY_MS), random),
  );
  const stopped = Object.entries(STOPPED).map(([host, days]) => everydayEvent(host, endMs - days * DAY_MS, random));
  const faults = Array.from({ length: 46 }, (_, index) => {
    // Two in three come at any time, the rest in one bad hour.
    const atMs = startMs + (index < 30 ? random(DAY_MS) : 14 * HOUR_MS + random(HOUR_MS));
    return faultOf({ host: hostOf(random, 8), atMs, endMs, catalog, random });
  });
  return {
    events: [...everyday, ...stopped, ...faults.flatMap(({ events }) => events)],
    incidents: latest(faults).map(({ incident }) => incidentDocument(incident)),
    actions: faults.flatMap(({ actions }) => actions),
    deadLetters: Array.from({ length: 37 }, () => deadLetter(startMs + random(DAY_MS), random)),
  };
}

function hostOf(random: Random, count: number): string {
  return `${SITES[random(SITES.length)] ?? ''}${String(random(count) + 1).padStart(2, '0')}.example.org`;
}

/** One document an incident, as the index has it. */
function latest(faults: readonly Fault[]): readonly Fault[] {
  return [...new Map(faults.map((fault) => [fault.incident.id, fault])).values()];
}

function everydayEvent(host: string, atMs: number, random: Random): Document {
  const [provider, code, level] = EVERYDAY[random(EVERYDAY.length)] ?? EVERYDAY[0];
  // One host sends late, and every now and then a batch does.
  const lagMs = host.startsWith('edge07') ? 600_000 + random(900_000) : 300 + random(random(25) === 0 ? 60_000 : 4000);
  return {
    '@timestamp': new Date(atMs).toISOString(),
    host: { name: host },
    event: { provider, code },
    log: { level },
    foghorn: { lag_ms: lagMs },
  };
}

function deadLetter(atMs: number, random: Random): Document {
  const [stage, reason, detail] = DEAD[random(DEAD.length)] ?? DEAD[0];
  return {
    '@timestamp': new Date(atMs).toISOString(),
    foghorn: { sender: `192.0.2.${random(9) + 1}`, dead_letter: { stage, reason, detail } },
  };
}
