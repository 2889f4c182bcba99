// What a catalogue entry is: one known fault of one provider, with its parameters, causes, repairs
// and proof of repair, as a strict schema.
import { z } from 'zod';
import { SEVERITIES } from '../contracts/remediation.ts';

const MAX_WORDS = 2000;
const MAX_ITEMS = 64;

const slug = z
  .string()
  .max(80)
  .regex(/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/u, 'lower-case words joined by hyphens, e.g. port-in-use');
const words = z.string().trim().min(1).max(MAX_WORDS);
const line = z
  .string()
  .trim()
  .min(1)
  .max(300)
  .regex(/^[^\r\n]*$/u, 'one line');
const url = z.url({ protocol: /^https?$/u }).max(500);
const eventId = z.int().min(0).max(65_535);
const parameterName = z.string().regex(/^[a-z][a-z0-9_]{0,31}$/u, 'lower-case letters, digits and underscores');
const ecsField = z
  .string()
  .max(120)
  .regex(/^[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)+$/u, 'a dotted ECS field, e.g. server.port');
const versionNumber = z.string().regex(/^\d{1,9}(?:\.\d{1,9}){0,3}$/u, 'a quoted version such as "9.5"');

function listOf<S extends z.ZodType>(item: S): z.ZodArray<S> {
  return z.array(item).min(1).max(MAX_ITEMS);
}

const provider = z.strictObject({
  /**
   * As the event names it. Compared trimmed and without regard to case, whole, never by a part of
   * it.
   */
  name: line,
  aliases: z.array(line).max(MAX_ITEMS).default([]),
});

/** A test of one value; `equals` without regard to case, trimmed. */
const valueTest = z
  .strictObject({
    equals: listOf(z.string().max(300)).optional(),
    contains: listOf(z.string().min(1).max(300)).optional(),
  })
  .refine((test) => test.equals !== undefined || test.contains !== undefined, 'needs equals or contains');

/** All parts of one condition have to hold; of the entry's conditions one is enough. */
const condition = z
  .strictObject({
    channels: listOf(line).optional(),
    eventVersions: listOf(z.int().min(0).max(255)).optional(),
    /**
     * By name of the value: `param1` for the first insertion string, else the name in event data or
     * user data.
     */
    data: z.record(z.string().min(1).max(80), valueTest).optional(),
    /** The message has to hold one of these texts, without regard to case. */
    messageContains: listOf(z.string().min(1).max(300)).optional(),
    /**
     * The message has to begin with one of these texts, without regard to case and to spaces in
     * front.
     */
    messageStarts: listOf(z.string().trim().min(12).max(300)).optional(),
  })
  .refine((parts) => Object.values(parts).some((part) => part !== undefined), 'needs at least one test');

const product = z.strictObject({
  name: line,
  /** The server role and the aspect of it under which the vendor files the event. */
  role: line.optional(),
  aspect: line.optional(),
  /**
   * Versions the source speaks of. They do not restrict the match, since no event has the version
   * of the product that wrote it.
   */
  versions: z.strictObject({ from: versionNumber, to: versionNumber.optional() }).optional(),
  appliesTo: z.array(line).max(MAX_ITEMS).default([]),
});

/**
 * A literal in the message text in front of the value. Numbers are read from there; text ends at
 * `before` or at the end of the line.
 */
const textPattern = z.strictObject({
  after: z.string().min(1).max(200),
  before: z.string().min(1).max(200).optional(),
});

const parameter = z
  .strictObject({
    name: parameterName,
    type: z.enum(['port', 'integer', 'path', 'text']),
    meaning: words,
    /** Position of the insertion string, `%1` = 1. */
    insert: z.int().min(1).max(99).optional(),
    /** Names under which forms with named values hold it. */
    dataNames: z.array(z.string().min(1).max(80)).max(MAX_ITEMS).default([]),
    /**
     * Only this part of what the event holds: the folder of a path, or the port of an address or
     * URL such as `[::]:80`.
     */
    part: z.enum(['folder', 'port']).optional(),
    /** Where the message text has it, tried in order, when no value is usable. */
    textPatterns: z.array(textPattern).max(MAX_ITEMS).default([]),
    /** Distinguishes two faults of this entry on the same host. */
    discriminator: z.boolean().default(false),
    /** The field of the document with the value. */
    ecs: ecsField.optional(),
    /** The field of the document with the place where the event had it: insert, data or text. */
    ecsSource: ecsField.optional(),
    /**
     * How prose names it: `known` holds `{value}` once, `unknown` stands in when the event does not
     * state it.
     */
    prose: z.strictObject({ known: line.default('{value}'), unknown: line }),
  })
  .refine((it) => it.insert !== undefined || it.dataNames.length > 0 || it.textPatterns.length > 0, {
    message: 'needs an insert, dataNames or textPatterns to come from',
  });

/** One of the few that a short message shows. */
const key = z.literal(true).optional();

const step = z.strictObject({
  text: words,
  key,
  where: line.optional(),
  command: line.optional(),
  privilege: line.optional(),
  risk: words.optional(),
  undo: words.optional(),
});

const parameterValues = z.record(parameterName, listOf(z.union([z.string(), z.int()])));

/** Who has the port or the file then, in a few words for a title, e.g. `IIS`. */
const holder = line.max(60).optional();

const cause = z.strictObject({
  text: words,
  key,
  holder,
  check: words.optional(),
  command: line.optional(),
  /** Shown only for these values; also shown while the value is unknown. */
  onlyFor: parameterValues.optional(),
});

const option = z.strictObject({
  id: slug,
  title: line,
  when: words.optional(),
  /** As with a cause. */
  onlyFor: parameterValues.optional(),
  steps: listOf(step),
});

const within = z.int().min(1).max(2_592_000_000).optional();

const relatedEvent = z.strictObject({
  /** The entry's id, where the catalogue has one. */
  entry: slug.optional(),
  provider: line,
  eventIds: listOf(eventId),
  relation: z.enum(['same-fault', 'same-family', 'names-cause', 'consequence', 'recovery']),
  /** How near to this event it has to be to count. */
  withinMs: within,
  onlyFor: parameterValues.optional(),
  text: words,
  holder,
});

/**
 * The first product in the header `Server` without its version, e.g. `WMServer` (RFC 9110 section
 * 10.2.4).
 */
const serverProduct = z
  .string()
  .regex(/^[!#$%&'*+.^`|~\w-]{1,80}$/u, 'a product as the header Server has it, without its version, e.g. WMServer');

/** Evidence that the fault is gone, strongest first. */
const clearing = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('probe'),
    /** Connects to the port and reads whose answer comes. */
    probe: z.literal('tcp-listener'),
    /** The parameter with the port. */
    parameter: parameterName,
    /**
     * The answers of the right service. An open port alone proves nothing: another program may hold
     * it.
     */
    answers: listOf(
      z.discriminatedUnion('protocol', [
        z.strictObject({ protocol: z.enum(['http', 'rtsp']), server: serverProduct }),
        z.strictObject({ protocol: z.literal('mms') }),
      ]),
    ),
    text: words,
  }),
  z.strictObject({
    kind: z.literal('event'),
    provider: line,
    eventIds: listOf(eventId),
    when: z.array(condition).max(MAX_ITEMS).default([]),
    /** Parameters that have to be the same in both events, beside the host. */
    sameParameters: z.array(parameterName).max(MAX_ITEMS).default([]),
    /** The fault must not come back for so long after the event. */
    quietForMs: within,
    text: words,
  }),
  z.strictObject({ kind: z.literal('person'), text: words }),
]);

const source = z.strictObject({ title: line, url: url.optional(), publisher: line, page: line.optional() });

/** One entry as its file holds it; unknown keys are refused. */
export const entrySchema = z.strictObject({
  id: slug,
  version: z.int().min(1),
  /** Fixed name of the rule, the same for every event. */
  name: line,
  /** A fault opens an incident; a recovery clears one; information does neither. */
  kind: z.enum(['fault', 'recovery', 'information']).default('fault'),
  provider,
  /**
   * Empty where no source states the id: such an entry matches by the beginning of its message, and
   * only where no entry has the event's id.
   */
  eventIds: z.array(eventId).max(MAX_ITEMS),
  when: z.array(condition).max(MAX_ITEMS).default([]),
  /** Entries that give way to this one where both match. */
  moreSpecificThan: z.array(slug).max(MAX_ITEMS).default([]),
  product: product.optional(),
  symbolicName: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9_]*$/u, 'a constant such as WMS_EVMSG_PORT_IN_USE')
    .optional(),
  /** The vendor's message with its inserts as `%1`. */
  message: words.optional(),
  parameters: z.array(parameter).max(MAX_ITEMS).default([]),
  /** Fields every match sets, beside those of the parameters. */
  fields: z.record(ecsField, z.union([z.string().min(1).max(300), z.number(), z.boolean()])).default({}),
  class: slug,
  severity: z.enum(SEVERITIES),
  title: line,
  summary: words,
  explanation: words.optional(),
  causes: z.array(cause).max(MAX_ITEMS).default([]),
  remediation: z.array(option).max(MAX_ITEMS).default([]),
  verification: z.array(step).max(MAX_ITEMS).default([]),
  notes: z.array(words).max(MAX_ITEMS).default([]),
  clearedBy: z.array(clearing).max(MAX_ITEMS).default([]),
  related: z.array(relatedEvent).max(MAX_ITEMS).default([]),
  references: z
    .array(z.strictObject({ title: line, url: url.optional(), kind: z.enum(['article', 'related']) }))
    .max(MAX_ITEMS)
    .default([]),
  source,
  /** Facts that no source states, so that a gap is not taken for an oversight. */
  gaps: z.array(words).max(MAX_ITEMS).default([]),
  reviewed: z.iso.date(),
});

type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;

/** One catalogue entry, defaults filled in. */
export type CatalogEntry = DeepReadonly<z.output<typeof entrySchema>>;
/** One named value of an entry's event. */
export type CatalogParameter = CatalogEntry['parameters'][number];
/** One alternative of an entry's conditions. */
export type CatalogCondition = CatalogEntry['when'][number];

/**
 * All entries in force, ordered by id; made by `parseCatalog`, which has checked them against each
 * other.
 */
export interface Catalog {
  readonly entries: readonly CatalogEntry[];
}

/** The form under which provider names are compared. */
export function providerKey(name: string): string {
  return name.trim().toLowerCase();
}
