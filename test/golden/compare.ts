// Our documents beside those that Winlogbeat 7.17 made of the same log files, field by field, each kind of difference with its reason.
import { readdirSync, readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { chunksOf, HEADER_BYTES } from '../../services/cli/evtx/chunks.ts';
import { createEvtxReader } from '../../services/cli/evtx/reader.ts';
import { readEvent } from '../../shared/windows/read-event.ts';
import { toEcs } from '../../shared/windows/to-ecs.ts';

type Json = Readonly<Record<string, unknown>>;

/** How a field fared over all events that have it on either side. */
export interface FieldCounts {
  equal: number;
  missing: number;
  different: number;
  extra: number;
}

/** The comparison. `unexplained` lists what no reason covers, with an example each. */
export interface Comparison {
  readonly events: number;
  readonly unmatched: number;
  readonly fields: ReadonlyMap<string, FieldCounts>;
  readonly unexplained: readonly string[];
}

type Kind = 'missing' | 'different' | 'extra';

/** Why a field may differ in this way. Only what a log file does not hold, and what Winlogbeat's scripts do afterwards. */
export const REASONS: readonly { readonly kind: Kind; readonly fields: RegExp; readonly why: string }[] = [
  {
    kind: 'missing',
    fields: /^(?:message|event\.action|winlog\.task)$/u,
    why: 'rendered by the message tables of the machine that wrote the log',
  },
  {
    kind: 'missing',
    fields: /^winlog\.opcode$/u,
    why: 'the event holds no opcode; its text came from the message tables of the machine',
  },
  {
    kind: 'missing',
    fields: /^winlog\.user\.(?:name|domain|type)$/u,
    why: 'of an account that only the machine which read the log knows by its SID',
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
  },
  {
    kind: 'missing',
    fields:
      /^winlog\.event_data\.(?:\w+Description|Category|SubCategory|SidListDesc|NewUACList|(?:New|Old)Sd[DS]acl\d)$/u,
    why: 'put into words by Winlogbeat’s script for Security',
  },
  {
    kind: 'different',
    fields: /^winlog\.event_data\.(?:PrivilegeList|SidList|UserAccountControl)$/u,
    why: 'split into a list by Winlogbeat’s script for Security',
  },
  {
    kind: 'different',
    fields: /^@timestamp$/u,
    why: 'Winlogbeat’s script for Sysmon puts the event’s UtcTime, in milliseconds, in its place',
  },
  {
    kind: 'extra',
    fields: /^winlog\.event_data\./u,
    why: 'moved to an ECS field, or removed, by Winlogbeat’s scripts; a plain log has it',
  },
  {
    kind: 'extra',
    fields: /^(?:ecs\.version|event\.created|foghorn\..*|winlog\.time_created)$/u,
    why: 'written by us; the reference files leave it out',
  },
];

/** Compares all pairs below a folder: `x.evtx` and `x.evtx.golden.json`. */
export async function compareGolden(folder: string): Promise<Comparison> {
  const fields = new Map<string, FieldCounts>();
  const unexplained = new Map<string, string>();
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
        compareOne(flatten(theirs), flatten(own), (field, kind, example) => {
          count(fields, field, kind);
          if (kind !== 'equal' && !isExplained(field, kind)) unexplained.set(`${kind} ${field}`, `${name}: ${example}`);
        });
      }
    }
  }
  return { events, unmatched, fields, unexplained: [...unexplained].map(([what, where]) => `${what} (${where})`) };
}

/** The comparison as Markdown. */
export function comparisonTable({ events, unmatched, fields, unexplained }: Comparison): string {
  const rows = [...fields].filter(([field]) => /^(?:@timestamp|ecs|event|host|log|message|winlog)/u.test(field)).sort();
  const reasonOf = (field: string, counts: FieldCounts): string =>
    REASONS.filter(({ kind, fields: pattern }) => counts[kind] > 0 && pattern.test(field))
      .map(({ why }) => why)
      .join('; ');
  return [
    `${events} events of ${unmatched === 0 ? 'all' : `all but ${unmatched}`} records; ${unexplained.length} kinds of difference without a reason.`,
    '',
    '| field | equal | missing | different | extra | why |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows.map(([field, counts]) => {
      const { equal, missing, different, extra } = counts;
      return `| \`${field}\` | ${equal} | ${missing} | ${different} | ${extra} | ${reasonOf(field, counts)} |`;
    }),
    '',
  ].join('\n');
}

async function documentsOf(path: string): Promise<ReadonlyMap<string, Json>> {
  const reader = await createEvtxReader();
  const file = await open(path);
  const documents = new Map<string, Json>();
  try {
    for await (const { bytes } of chunksOf(file, HEADER_BYTES)) {
      const { records } = bytes === undefined ? { records: [] } : await reader.read(bytes);
      for (const document of records.flatMap(({ xml }) => documentOf(xml)))
        documents.set(recordIdOf(document), document);
    }
  } finally {
    await file.close();
  }
  return documents;
}

function documentOf(xml: string): readonly Json[] {
  const read = readEvent(Buffer.from(xml), 'utf-8');
  return read.kind === 'event' ? [toEcs(read.event, { receivedAt: '2026-01-01T00:00:00.000Z' })] : [];
}

function recordIdOf(document: Json): string {
  return String((document['winlog'] as Json)['record_id']);
}

function compareOne(
  theirs: ReadonlyMap<string, unknown>,
  ours: ReadonlyMap<string, unknown>,
  take: (field: string, kind: Kind | 'equal', example: string) => void,
): void {
  for (const field of new Set([...theirs.keys(), ...ours.keys()])) {
    const [their, our] = [theirs.get(field), ours.get(field)];
    const example = `${JSON.stringify(their)} | ${JSON.stringify(our)}`.slice(0, 300);
    if (our === undefined) take(field, 'missing', example);
    else if (their === undefined) take(field, 'extra', example);
    else take(field, isSame(their, our) ? 'equal' : 'different', example);
  }
}

/** Times are compared as times: Winlogbeat leaves zeros at the end of a fraction away. */
function isSame(their: unknown, our: unknown): boolean {
  return plain(their) === plain(our);
}

function plain(value: unknown): string {
  return JSON.stringify(value).replace(/^"(?<time>\d{4}-\d\d-\d\dT[\d:]+(?:\.\d*?)?)0*Z"$/u, '"$<time>Z"');
}

function count(fields: Map<string, FieldCounts>, field: string, kind: Kind | 'equal'): void {
  const shown = field.startsWith('winlog.event_data.') && kind === 'equal' ? 'winlog.event_data.*' : field;
  const counts = fields.get(shown) ?? { equal: 0, missing: 0, different: 0, extra: 0 };
  counts[kind] += 1;
  fields.set(shown, counts);
}

function isExplained(field: string, kind: Kind): boolean {
  return REASONS.some((reason) => reason.kind === kind && reason.fields.test(field));
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
