// One raw event in, one verdict out: read, match, tag, serialise. Pure but for the state of the
// hosts' clocks; the time is a parameter.
import { type Clearing, encodeClearing } from '../../shared/contracts/incident.ts';
import { contentIdOf, type EventIdentity, eventIdOf, incidentIdOf } from '../../shared/contracts/ids.ts';
import type { Verdict } from '../../shared/contracts/stage.ts';
import {
  type Arrival,
  type EcsDocument,
  encodeAlert,
  encodeEnrichedEvent,
  type EnrichedEvent,
} from '../../shared/contracts/enriched-event.ts';
import { CLOCK_TOLERANCE_MS, clockStateOf, type HostClock } from '../../shared/contracts/moment.ts';
import type { RawEvent } from '../../shared/contracts/raw-event.ts';
import type { WindowsEvent } from '../../shared/contracts/windows-event.ts';
import { type CatalogMatch, createMatcher, type Matcher } from '../../shared/catalog/match.ts';
import { matchFields, renderMessage, toMatch } from '../../shared/catalog/render.ts';
import type { Catalog } from '../../shared/catalog/schema.ts';
import { createHostClocks, type HostClocks } from './host-clocks.ts';
import { isOfOtherHost, originFields, OTHER_HOST_TAG } from './origin.ts';
import { hostRefusal } from './allowed-hosts.ts';
import { type ClearingFacts, createFindClearings, type FindClearings } from './clearing.ts';
import type { OnEvent } from './sources/sighting.ts';
import { contentOf } from '../../shared/windows/content.ts';
import { identityOf, SYSMON } from '../../shared/windows/identity.ts';
import { ZONE_TAG } from '../../shared/windows/json/system-fields.ts';
import { utcOf } from '../../shared/windows/local-time.ts';
import { readEvent } from '../../shared/windows/read-event.ts';
import { createTimeWriter } from '../../shared/windows/time.ts';
import { toEcs } from '../../shared/windows/to-ecs.ts';

/** The dependencies of enriching. */
interface EnrichOptions {
  readonly catalog: Catalog;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Keep the event as received in `event.original`. */
  readonly keepOriginal: boolean;
  /** The largest serialised document. */
  readonly maxDocumentBytes: number;
  /** The time zones of local times, by sender, `*` for all others; none where it is not given. */
  readonly timeZones?: Readonly<Record<string, string>>;
  /** The estimates of the hosts' clocks, kept over a reload of the catalogue. */
  readonly clocks?: HostClocks;
  /** Called with each event that makes a document. */
  readonly onEvent?: OnEvent;
}

/**
 * Turns a raw event into its record for `foghorn.events`, and one for `foghorn.alerts` when the
 * catalogue knows the fault; or says why it is no event.
 */
export type Enrich = (raw: RawEvent) => Verdict;

/** The tag of an event whose id is made of its bytes: its identity is incomplete. */
const CONTENT_ID_TAG = 'foghorn_id_from_content';

/**
 * The tags of an event whose host's clock is off by more than a minute; `foghorn.clock_skew_ms`
 * says by how much; below 0: behind.
 */
const CLOCK_AHEAD_TAG = 'foghorn_clock_ahead';
const CLOCK_BEHIND_TAG = 'foghorn_clock_behind';

const NO_DOCUMENT: EcsDocument = {};

/** Stands before a sender's name in the identity of an incident; no computer has such a name. */
const NO_COMPUTER = 'unknown host behind ';

const writeReceived = createTimeWriter();
const writeNow = createTimeWriter();

/** Prepares enriching with a catalogue. */
export function createEnrich(options: EnrichOptions): Enrich {
  const { catalog, clocks = createHostClocks() } = options;
  const tools: Tools = { match: createMatcher(catalog), findClearings: createFindClearings(catalog), clocks };
  return (raw) => enrich(raw, tools, options);
}

interface Tools {
  readonly match: Matcher;
  readonly findClearings: FindClearings;
  readonly clocks: HostClocks;
}

function enrich(raw: RawEvent, { match, findClearings, clocks }: Tools, options: EnrichOptions): Verdict {
  const read = readEvent(raw.bytes, raw.encoding);
  if (read.kind === 'bad') return { kind: 'dead', reason: read.reason, detail: read.detail };
  // Before any state is kept for the host that it names.
  const named = hostRefusal(raw, { host: read.event.computer ?? raw.sender, document: NO_DOCUMENT });
  if (named !== undefined) return { kind: 'dead', reason: 'host_not_allowed', detail: named };
  const timed = withZone(read.event, raw.sender, options.timeZones);
  const found = match(timed);
  const event = found === undefined ? timed : withMessage(timed, found);
  const atMs = event.timeCreated === undefined ? undefined : Date.parse(event.timeCreated);
  const clock = clockOf(clocks, raw, event, atMs);
  const identity = identityOf(event);
  const content = identity === undefined ? undefined : statedBy(event);
  const enriched = assemble({ raw, event, identity, content, atMs, clock, found, options });
  const json = JSON.stringify(enriched.document);
  const refusal = refusalOf(raw, enriched, json, options.maxDocumentBytes);
  if (refusal !== undefined) return refusal;
  options.onEvent?.(raw, event, { atMs, clock });
  const { receivedAtMs } = raw;
  const records = [encodeEnrichedEvent(enriched, json, { receivedAtMs, createdAtMs: createdOf(clock, atMs), content })];
  if (enriched.match !== undefined) records.push(encodeAlert(enriched, json, arrivalOf(raw, clock, content)));
  const clearings = clearingsOf(findClearings, event, () => ({
    id: enriched.id,
    host: enriched.host,
    params: found?.params ?? {},
    atMs: atMs ?? receivedAtMs,
    arrival: arrivalOf(raw, clock, content),
  }));
  for (const clearing of clearings) records.push(encodeClearing(clearing));
  return { kind: 'emit', records };
}

/**
 * Undefined where it is not known: Winlogbeat's module for Sysmon moves the event data elsewhere,
 * so that the rest does not identify the content.
 */
function statedBy(event: WindowsEvent): string | undefined {
  const { providerName, ecs } = event;
  const fields = providerName === SYSMON ? ecs?.['event'] : undefined;
  return isObject(fields) && fields['module'] === 'sysmon' ? undefined : contentOf(event);
}

/** None of an event that names no computer: it may be another than the one with the fault. */
function clearingsOf(find: FindClearings, event: WindowsEvent, facts: () => ClearingFacts): readonly Clearing[] {
  return event.computer === undefined ? [] : find(event, facts);
}

/** A local time in UTC, where the sender's zone is configured. */
function withZone(event: WindowsEvent, sender: string, zones: EnrichOptions['timeZones'] = {}): WindowsEvent {
  const { localTime, tags = [] } = event;
  if (localTime === undefined) return event;
  const zone = Object.hasOwn(zones, sender) ? zones[sender] : zones['*'];
  if (zone === undefined) return event;
  return { ...event, timeCreated: utcOf(localTime, zone), tags: tags.filter((tag) => tag !== ZONE_TAG) };
}

/** The dead letter of a document that is too large, or of a host that is not the sender's. */
function refusalOf(raw: RawEvent, enriched: EnrichedEvent, json: string, mostBytes: number): Verdict | undefined {
  const foreign = hostRefusal(raw, enriched);
  if (foreign !== undefined) return { kind: 'dead', reason: 'host_not_allowed', detail: foreign };
  const bytes = bytesBeyond(json, mostBytes);
  if (bytes === undefined) return undefined;
  const detail = `the document has ${bytes} bytes, enricher.maxDocumentBytes allows ${mostBytes}`;
  return { kind: 'dead', reason: 'too_large', detail };
}

/** With a clock that is ahead it is unknown how early the event may have been written. */
function createdOf(clock: HostClock | undefined, atMs: number | undefined): number | undefined {
  return clock !== undefined && clock.skewMs > CLOCK_TOLERANCE_MS ? undefined : atMs;
}

/** Undefined for an event without a time. */
function clockOf(
  clocks: HostClocks,
  { sender, receivedAtMs }: RawEvent,
  { computer = sender }: WindowsEvent,
  atMs: number | undefined,
): HostClock | undefined {
  return atMs === undefined ? undefined : clocks.record({ host: computer, sender, atMs, receivedAtMs });
}

function arrivalOf(
  { receivedAtMs, sender, agent }: RawEvent,
  clock: HostClock | undefined,
  content: string | undefined,
): Arrival {
  const arrival: { -readonly [K in keyof Arrival]: Arrival[K] } = { receivedAtMs };
  if (sender !== '') arrival.sender = sender;
  if (agent !== undefined) arrival.agent = agent;
  if (clock !== undefined) arrival.clock = clock;
  if (content !== undefined) arrival.content = content;
  return arrival;
}

const MOST_BYTES_A_UNIT = 3;

/** The bytes of a text that has more than `most`, counted only where it may. */
function bytesBeyond(text: string, most: number): number | undefined {
  if (text.length * MOST_BYTES_A_UNIT <= most) return undefined;
  const bytes = Buffer.byteLength(text);
  return bytes > most ? bytes : undefined;
}

interface Parts {
  readonly raw: RawEvent;
  readonly event: WindowsEvent;
  readonly identity: EventIdentity | undefined;
  readonly content: string | undefined;
  /** The event's own time, epoch milliseconds. */
  readonly atMs: number | undefined;
  readonly clock: HostClock | undefined;
  readonly found: CatalogMatch | undefined;
  readonly options: EnrichOptions;
}

/**
 * The document with its id and Foghorn's own fields; `foghorn.lag_ms` is how long after the event
 * that was, below 0 where the event's clock is ahead.
 */
function assemble({ raw, event, identity, content, atMs, clock, found, options }: Parts): EnrichedEvent {
  const received = writeReceived(raw.receivedAtMs);
  const document = toEcs(event, { receivedAt: received });
  const id = identity === undefined ? contentIdOf(raw.sender, raw.bytes, raw) : eventIdOf(identity);
  const nowMs = options.now();
  const eventFields = objectAt(document, 'event');
  eventFields['id'] = id;
  eventFields['ingested'] = writeNow(nowMs);
  if (options.keepOriginal) eventFields['original'] = textOf(raw);
  const own = objectAt(document, 'foghorn');
  own['received'] = received;
  if (atMs !== undefined) own['lag_ms'] = Math.floor(nowMs) - atMs;
  Object.assign(own, originFields(raw));
  if (content !== undefined) own['content'] = content;
  if (identity === undefined) addTags(document, [CONTENT_ID_TAG]);
  if (isOfOtherHost(raw, event)) addTags(document, [OTHER_HOST_TAG]);
  if (atMs !== undefined && clock !== undefined) tagClock(document, atMs - raw.receivedAtMs, clock);
  const host = event.computer ?? raw.sender;
  if (found === undefined) return { id, host, document };
  return { id, host, document, ...tagMatch(document, { event, found, sender: raw.sender }) };
}

/** One event proves a clock ahead; only several prove it behind: one may have come late. */
function tagClock(document: EcsDocument, lead: number, clock: HostClock): void {
  const isAhead = lead > CLOCK_TOLERANCE_MS;
  if (!isAhead && clockStateOf(clock) !== 'behind') return;
  objectAt(document, 'foghorn')['clock_skew_ms'] = Math.round(isAhead ? lead : clock.skewMs);
  addTags(document, [isAhead ? CLOCK_AHEAD_TAG : CLOCK_BEHIND_TAG]);
}

interface Found {
  readonly event: WindowsEvent;
  readonly found: CatalogMatch;
  readonly sender: string;
}

/**
 * Who sent an event that names no computer may be a relay: the text then speaks of the affected
 * host, and the sender is what distinguishes such faults.
 */
function tagMatch(document: EcsDocument, { event, found, sender }: Found) {
  const match = toMatch(found, event.computer ?? '');
  mergeInto(document, matchFields(found, match));
  addTags(document, found.tags);
  if (found.entry.kind !== 'fault') return {};
  const incidentId = incidentIdOf({
    ruleId: match.ruleId,
    host: event.computer ?? `${NO_COMPUTER}${sender}`,
    provider: found.entry.provider.name,
    eventId: event.eventId,
    discriminators: match.discriminators,
  });
  mergeInto(document, { foghorn: { incident: { id: incidentId } } });
  return { match, incidentId };
}

/** A message is kept; a missing one is rendered from the entry's template. */
function withMessage(event: WindowsEvent, found: CatalogMatch): WindowsEvent {
  if (event.message !== undefined) return event;
  const message = renderMessage(found.entry, event);
  return message === undefined ? event : { ...event, message };
}

function textOf(raw: RawEvent): string {
  if (raw.encoding === 'utf-16le') return raw.bytes.toString('utf16le');
  if (raw.encoding === 'utf-16be') return Buffer.from(raw.bytes).swap16().toString('utf16le');
  return raw.bytes.toString('utf8');
}

function objectAt(document: EcsDocument, key: string): EcsDocument {
  const present = document[key];
  if (isObject(present)) return present;
  const made: EcsDocument = {};
  document[key] = made;
  return made;
}

function mergeInto(target: EcsDocument, source: EcsDocument): void {
  for (const [key, value] of Object.entries(source)) {
    if (isObject(value)) mergeInto(objectAt(target, key), value);
    else target[key] = value;
  }
}

function isObject(value: unknown): value is EcsDocument {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function addTags(document: EcsDocument, tags: readonly string[]): void {
  if (tags.length === 0) return;
  const present = document['tags'];
  const before: readonly unknown[] = Array.isArray(present) ? present : present === undefined ? [] : [present];
  document['tags'] = [...new Set([...before, ...tags])];
}
