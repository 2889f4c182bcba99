// Our documents beside those that Winlogbeat 7.17 made of the same log files, field by field, each
// kind of difference with its reason.
import { readdirSync, readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { chunksOf, HEADER_BYTES } from '../../services/cli/evtx/chunks.ts';
import { createEvtxReader } from '../../services/cli/evtx/reader.ts';
import { eventIdOf } from '../../shared/contracts/ids.ts';
import type { WindowsEvent } from '../../shared/contracts/windows-event.ts';
import { identityOf } from '../../shared/windows/identity.ts';
import { readEvent } from '../../shared/windows/read-event.ts';
import { toEcs } from '../../shared/windows/to-ecs.ts';
import { type Kind, reasonFor } from './reasons.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * How a field fared over all events that have it on either side, and the reasons for what is not
 * equal.
 */
export interface FieldCounts {
  equal: number;
  missing: number;
  different: number;
  extra: number;
  readonly reasons: Set<string>;
}

/** The comparison. `unexplained` lists what no reason covers, with an example each. */
export interface Comparison {
  readonly events: number;
  readonly unmatched: number;
  readonly fields: ReadonlyMap<string, FieldCounts>;
  readonly unexplained: readonly string[];
  /** Events that have another id by the one way than by the other. */
  readonly unequalIds: readonly string[];
}

/** Compares all pairs below a folder: `x.evtx` and `x.evtx.golden.json`. */
export async function compareGolden(folder: string): Promise<Comparison> {
  const fields = new Map<string, FieldCounts>();
  const unexplained = new Map<string, string>();
  const unequalIds: string[] = [];
  let [events, unmatched] = [0, 0];
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.evtx'));
  for (const name of names.sort()) {
    const ours = await documentsOf(join(folder, name));
    const golden = JSON.parse(readFileSync(join(folder, `${name}.golden.json`), 'utf8')) as readonly Json[];
    for (const theirs of golden) {
      const own = ours.get(recordIdOf(theirs));
      if (own === undefined) unmatched += 1;
      else {
        events += 1;
        unequalIds.push(...unequalIn(name, theirs, own));
        compareOne(flatten(theirs), flatten(own.document), (field, kind, [their, our]) => {
          const { reasons } = count(fields, field, kind);
          const reason = kind === 'equal' ? '' : reasonFor({ field, kind, their }, own.event);
          if (reason !== undefined && reason !== '') reasons.add(reason);
          const example = `${JSON.stringify(their)} | ${JSON.stringify(our)}`.slice(0, 300);
          if (reason === undefined) unexplained.set(`${kind} ${field}`, `${name}: ${example}`);
        });
      }
    }
  }
  return {
    events,
    unmatched,
    fields,
    unequalIds,
    unexplained: [...unexplained].map(([what, where]) => `${what} (${where})`),
  };
}

/** The comparison as Markdown. */
export function comparisonTable({ events, unmatched, fields, unexplained }: Comparison): string {
  const rows = [...fields].filter(([field]) => /^(?:@timestamp|ecs|event|host|log|message|winlog)/u.test(field)).sort();
  return [
    `${events} events of ${unmatched === 0 ? 'all' : `all but ${unmatched}`} records; ${unexplained.length} kinds of difference without a reason.`,
    '',
    '| field | equal | missing | different | extra | why |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows.map(([field, counts]) => {
      const { equal, missing, different, extra, reasons } = counts;
      return `| \`${field}\` | ${equal} | ${missing} | ${different} | ${extra} | ${[...reasons].sort().join('; ')} |`;
    }),
    '',
  ].join('\n');
}

interface Own {
  readonly event: WindowsEvent;
  readonly document: Json;
}

async function documentsOf(path: string): Promise<ReadonlyMap<string, Own>> {
  const reader = await createEvtxReader();
  const file = await open(path);
  const documents = new Map<string, Own>();
  try {
    for await (const { bytes } of chunksOf(file, HEADER_BYTES)) {
      const { records } = bytes === undefined ? { records: [] } : await reader.read(bytes);
      for (const own of records.flatMap(({ xml }) => ownOf(xml))) documents.set(recordIdOf(own.document), own);
    }
  } finally {
    await file.close();
  }
  return documents;
}

function ownOf(xml: string): readonly Own[] {
  const read = readEvent(Buffer.from(xml), 'utf-8');
  if (read.kind === 'bad') return [];
  return [{ event: read.event, document: toEcs(read.event, { receivedAt: '2026-01-01T00:00:00.000Z' }) }];
}

function unequalIn(name: string, theirs: Json, own: Own): readonly string[] {
  return idOf(JSON.stringify(theirs)) === eventId(own.event) ? [] : [`${name} ${recordIdOf(theirs)}`];
}

function idOf(text: string): string | undefined {
  const read = readEvent(Buffer.from(text), 'utf-8');
  return read.kind === 'bad' ? undefined : eventId(read.event);
}

function eventId(event: WindowsEvent): string | undefined {
  const identity = identityOf(event);
  return identity === undefined ? undefined : eventIdOf(identity);
}

function recordIdOf(document: Json): string {
  return String((document['winlog'] as Json)['record_id']);
}

function compareOne(
  theirs: ReadonlyMap<string, unknown>,
  ours: ReadonlyMap<string, unknown>,
  take: (field: string, kind: Kind | 'equal', values: readonly [their: unknown, our: unknown]) => void,
): void {
  for (const field of new Set([...theirs.keys(), ...ours.keys()])) {
    const [their, our] = [theirs.get(field), ours.get(field)];
    const kind =
      our === undefined ? 'missing' : their === undefined ? 'extra' : isSame(their, our) ? 'equal' : 'different';
    take(field, kind, [their, our]);
  }
}

/** Times are compared as times: Winlogbeat leaves zeros at the end of a fraction away. */
function isSame(their: unknown, our: unknown): boolean {
  return plain(their) === plain(our);
}

function plain(value: unknown): string {
  return JSON.stringify(value).replace(/^"(?<time>\d{4}-\d\d-\d\dT[\d:]+(?:\.\d*?)?)0*Z"$/u, '"$<time>Z"');
}

function count(fields: Map<string, FieldCounts>, field: string, kind: Kind | 'equal'): FieldCounts {
  const shown = field.startsWith('winlog.event_data.') && kind === 'equal' ? 'winlog.event_data.*' : field;
  const counts = fields.get(shown) ?? { equal: 0, missing: 0, different: 0, extra: 0, reasons: new Set<string>() };
  counts[kind] += 1;
  fields.set(shown, counts);
  return counts;
}

function flatten(document: Json, prefix = ''): Map<string, unknown> {
  const flat = new Map<string, unknown>();
  for (const [key, value] of Object.entries(document)) {
    const name = prefix === '' ? key : `${prefix}.${key}`;
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      for (const [inner, leaf] of flatten(value as Json, name)) flat.set(inner, leaf);
    else if (value !== undefined) flat.set(name, value);
  }
  return flat;
}
