// An incident's document: written by the indexer, read by the console and the command line, it says
// what the incident says.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  incidentDocumentIn,
  incidentView,
  toIncidentRef,
  toIncidentView,
} from '../../../../services/console/read/views.ts';
import { decodeIncidentDocument } from '../../../../shared/contracts/incident-document.ts';
import { incidentInDocument } from '../../../../shared/contracts/incident-from-document.ts';
import { toIncidentDocument } from '../../../../shared/contracts/incident-to-document.ts';
import {
  type EventSender,
  encodeIncident,
  type FilledIncident,
  incidentsTopic,
} from '../../../../shared/contracts/incident.ts';
import { clockStateOf } from '../../../../shared/contracts/moment.ts';
import { Refusal } from '../../../../shared/http/refusal.ts';
import { anId } from '../../../support/ids.ts';
import { anIncident } from '../../../support/incidents.ts';

type Json = Readonly<Record<string, unknown>>;
type Random = () => number;

/** An incident with each field that there is: a new field does not compile until it stands here. */
type Whole = Required<FilledIncident> & {
  readonly entity: Required<FilledIncident['entity']>;
  readonly remediation: Required<FilledIncident['remediation']>;
};

const RUNS = 500;
const FIRST_MS = Date.parse('0001-01-01T00:00:00Z');
const LATEST_MS = Date.UTC(10_000, 0, 1) - 1;

/** Mulberry32, so that a failure can be repeated by its seed. */
function randomFrom(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function generator(random: Random) {
  const whole = (most: number): number => Math.floor(random() * (most + 1));
  const oneOf = <T>(items: readonly [T, ...T[]]): T => items[whole(items.length - 1)] ?? items[0];
  const text = (): string => `${oneOf(['disk', 'Пётр', '日本', '💡 \u0000', '"}\\', '<b>', ''])} ${whole(1e6)}`;
  const time = (): number => FIRST_MS + whole(LATEST_MS - FIRST_MS);
  const list = <T>(item: () => T): readonly T[] => Array.from({ length: whole(3) }, item);
  const maybe = <Key extends string, T>(key: Key, value: () => T): { readonly [K in Key]?: T } =>
    random() < 0.5 ? {} : ({ [key]: value() } as { readonly [K in Key]?: T });
  return { whole, oneOf, text, time, list, maybe };
}

type Made = ReturnType<typeof generator>;

function randomWhole(random: Random): Whole {
  const made = generator(random);
  const { whole, oneOf, text, time, list, maybe } = made;
  const moment = () => ({ atMs: time(), receivedAtMs: time(), correctedMs: time() });
  const clearedBy = () => ({ ...moment(), evidence: text(), ...maybe('clock', () => 'foghorn' as const) });
  const faultClass = oneOf(['address-in-use', 'disk']);
  return {
    id: anId(text()),
    episode: whole(99),
    revision: whole(99),
    state: oneOf(['open', 'acknowledged', 'resolved']),
    severity: oneOf(['info', 'warning', 'error', 'critical']),
    entity: randomEntity(made, faultClass),
    remediation: randomRemediation(made, faultClass),
    probe: { port: 80, answers: [{ protocol: 'http', server: text() }, { protocol: 'mms' }] },
    episodeCount: whole(1e6),
    totalCount: whole(1e6),
    firstSeenMs: time(),
    lastSeenMs: time(),
    latest: moment(),
    lastReceivedMs: time(),
    clock: { skewMs: whole(400_000) - 200_000, isSettled: random() < 0.5 },
    senders: list((): EventSender => ({ name: text(), ...maybe('agent', text) })),
    lastMessage: text(),
    lastEventId: anId(text()),
    recentEventIds: [anId(text())],
    openedAtMs: time(),
    updatedAtMs: time(),
    acknowledgedAtMs: time(),
    resolvedAtMs: time(),
    timeToAcknowledgeMs: whole(1e9),
    timeToResolveMs: whole(1e9),
    acknowledgedBy: text(),
    resolvedBy: text(),
    clearedAtMs: time(),
    clearedBy: clearedBy(),
    recovering: { sinceMs: time(), dueAtMs: time(), reason: text(), ...maybe('by', clearedBy) },
    resolution: text(),
    stepsDone: list(() => ({ step: `repair.1.${1 + whole(9)}`, text: text(), by: text(), atMs: time() })),
    assignee: text(),
    snoozedUntilMs: time(),
    notes: list(() => ({ id: anId(text()), atMs: time(), author: text(), text: text() })),
    escalationStep: whole(9),
    escalatedAtMs: time(),
    isInStorm: true,
    staleSinceMs: time(),
    beginningsMs: list(time),
    flapping: {
      sinceMs: time(),
      episode: whole(99),
      count: whole(99),
      quietForMs: whole(1e9),
      ...maybe('remindedMs', time),
    },
    suspectedCause: text(),
  };
}

function randomEntity({ whole, oneOf, text, list }: Made, faultClass: string): Whole['entity'] {
  return {
    ruleId: text(),
    ruleName: text(),
    ruleVersion: whole(99),
    reference: text(),
    faultClass,
    host: text(),
    provider: text(),
    eventId: whole(65_535),
    channel: text(),
    addresses: list(text),
    params: oneOf<Whole['entity']['params']>([{}, { port: whole(65_535) }, { port: text(), path: text() }]),
  };
}

function randomRemediation({ whole, oneOf, text, list, maybe }: Made, faultClass: string): Whole['remediation'] {
  const step = () => ({ text: text(), ...maybe('where', text), ...maybe('command', text), ...maybe('undo', text) });
  const provider = { provider: text(), eventIds: list(() => whole(65_535)) };
  return {
    ruleId: text(),
    ruleVersion: whole(99),
    title: text(),
    summary: text(),
    faultClass,
    severity: oneOf(['info', 'warning', 'error', 'critical']),
    about: { ...provider, ...maybe('product', text), ...maybe('appliesTo', () => list(text)), ...maybe('role', text) },
    explanation: text(),
    causes: list(() => ({ text: text(), ...maybe('check', text), ...maybe('isSpecific', () => true as const) })),
    options: list(() => ({ title: text(), ...maybe('when', text), steps: list(step) })),
    verification: list(step),
    notes: list(text),
    clearing: list(text),
    related: list(() => ({
      ...provider,
      relation: 'recovery' as const,
      ...maybe('withinMs', () => whole(1e9)),
      text: text(),
    })),
    references: list(() => ({ title: text(), ...maybe('url', text) })),
    reviewed: text(),
  };
}

/** Leaves out fields that may be missing, each with the probability `share`. */
function without(incident: Whole, share: number, random: Random): FilledIncident {
  const least = anIncident('x', 1);
  const fewer = <T extends object>(all: T, required: object): T =>
    Object.fromEntries(Object.entries(all).filter(([key]) => key in required || random() >= share)) as T;
  const { channel: _, ...entity } = least.entity;
  return {
    ...fewer(incident, least),
    entity: fewer(incident.entity, entity),
    remediation: fewer(incident.remediation, least.remediation),
  };
}

/** What Elasticsearch gives back. */
const stored = (incident: FilledIncident): Json => JSON.parse(JSON.stringify(toIncidentDocument(incident))) as Json;

const iso = (epochMs: number | undefined): string | undefined =>
  epochMs === undefined ? undefined : new Date(epochMs).toISOString();

const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** The API's view, by the incident alone. */
function expectedView(incident: FilledIncident): unknown {
  const { entity, remediation, recovering, flapping, clock } = incident;
  const { id, episode, revision, severity, episodeCount, totalCount, lastEventId, assignee } = incident;
  const { acknowledgedBy, resolvedBy, timeToAcknowledgeMs, timeToResolveMs, escalationStep } = incident;
  return asJson({
    id,
    episode,
    revision,
    state: incident.state,
    severity,
    episodeCount,
    totalCount,
    lastEventId,
    assignee,
    acknowledgedBy,
    resolvedBy,
    timeToAcknowledgeMs,
    timeToResolveMs,
    escalationStep,
    rule: {
      id: entity.ruleId,
      name: entity.ruleName,
      version: String(entity.ruleVersion),
      reference: entity.reference,
    },
    class: entity.faultClass,
    host: entity.host,
    provider: entity.provider,
    eventId: String(entity.eventId),
    channel: entity.channel,
    params: entity.params,
    title: remediation.title,
    summary: remediation.summary,
    message: incident.lastMessage,
    firstSeen: iso(incident.firstSeenMs),
    lastSeen: iso(incident.lastSeenMs),
    lastReceived: iso(incident.lastReceivedMs),
    ...expectedClock(clock),
    senders: incident.senders?.map(({ name }) => name),
    opened: iso(incident.openedAtMs),
    updated: iso(incident.updatedAtMs),
    acknowledged: iso(incident.acknowledgedAtMs),
    resolved: iso(incident.resolvedAtMs),
    clearedBy: incident.clearedBy?.evidence,
    snoozedUntil: iso(incident.snoozedUntilMs),
    staleSince: iso(incident.staleSinceMs),
    ...(entity.faultClass === 'disk' ? {} : expectedHolder(incident)),
    resolution: incident.resolution,
    stepsDone: incident.stepsDone?.map(({ atMs, ...done }) => ({ ...done, at: iso(atMs) })),
    recovering: recovering && {
      since: iso(recovering.sinceMs),
      due: iso(recovering.dueAtMs),
      reason: recovering.reason,
    },
    flapping: flapping && { since: iso(flapping.sinceMs), count: flapping.count, quietForMs: flapping.quietForMs },
    notes: (incident.notes ?? []).map(({ atMs, author, text }) => ({ at: iso(atMs), author, text })),
  });
}

function expectedClock(clock: FilledIncident['clock']): object {
  const state = clock && clockStateOf(clock);
  return state === undefined ? {} : { clock: state, clockSkewMs: clock?.skewMs };
}

function expectedHolder({ suspectedCause, remediation: { causes, related = [] } }: FilledIncident): object {
  const cause = causes.find(({ isSpecific }) => isSpecific) ?? causes[0];
  const sign = related.find(({ text }) => text === suspectedCause);
  const ofCatalogue = cause?.holder ?? cause?.text ?? 'not known';
  const likelyHolder = (sign?.holder ?? suspectedCause ?? ofCatalogue).replace(/\.$/u, '');
  return { likelyHolder, likelyHolderBy: suspectedCause === undefined ? 'catalogue' : 'evidence' };
}

/** What messages are made of, by the incident alone: without what a document does not have. */
function expectedIncident(incident: FilledIncident): unknown {
  const { clock, senders, notes, recovering, flapping, clearedBy, resolvedAtMs = 0 } = incident;
  const state = clock && clockStateOf(clock);
  const asEnd = { atMs: resolvedAtMs, receivedAtMs: resolvedAtMs, correctedMs: resolvedAtMs };
  return asJson({
    ...incident,
    entity: { ...incident.entity, addresses: undefined },
    remediation: { ...incident.remediation, reviewed: undefined },
    probe: undefined,
    recentEventIds: [],
    clock: state && { skewMs: clock?.skewMs, isSettled: state !== 'late_or_behind' },
    senders: senders?.map(({ name }) => ({ name })),
    notes: notes?.map((note, index) => ({ ...note, id: String(index) })),
    recovering: recovering && { ...recovering, by: undefined },
    flapping: flapping && { ...flapping, episode: incident.episode, remindedMs: undefined },
    clearedBy:
      incident.resolvedAtMs === undefined || clearedBy === undefined
        ? undefined
        : { evidence: clearedBy.evidence, ...asEnd },
    latest: undefined,
    clearedAtMs: undefined,
    isInStorm: undefined,
    beginningsMs: undefined,
    suspectedCause: undefined,
  });
}

function readBack(incident: FilledIncident): FilledIncident {
  const decoded = decodeIncidentDocument(stored(incident));
  assert.equal(decoded.kind, 'value', JSON.stringify(decoded));
  return decoded.kind === 'value' ? incidentInDocument(decoded.value) : assert.fail();
}

for (const [name, share] of [
  ['every field', 0],
  ['no field that may be missing', 1],
  ['some fields', 0.5],
] as const)
  test(`an incident with ${name} is the same in the API and in messages, read from its document [issue 15]`, () => {
    const first = Math.floor(Math.random() * 2 ** 31);
    for (let seed = first; seed < first + RUNS; seed += 1) {
      const random = randomFrom(seed);
      const incident = without(randomWhole(random), share, random);
      const { key, value, headers = {} } = encodeIncident(incident);
      const record = { key: Buffer.from(String(key)), value: Buffer.from(String(value)), headers, timestampMs: 0 };
      // The indexer gets no other.
      assert.equal(incidentsTopic.decode(record).kind, 'value', `seed ${seed}`);
      const _source = stored(incident);
      const view = toIncidentView({ _source });
      assert.deepEqual(view, expectedView(incident), `seed ${seed}`);
      assert.deepEqual(incidentView.parse(view), view, `seed ${seed}`);
      assert.deepEqual(toIncidentRef({ _source }), { id: incident.id, episode: incident.episode }, `seed ${seed}`);
      assert.deepEqual(readBack(incident), expectedIncident(incident), `seed ${seed}`);
      // The API shows the remedy as it is stored.
      const { remediation } = incidentDocumentIn({ _source }).foghorn;
      assert.deepEqual(remediation, (_source['foghorn'] as Json)['remediation'], `seed ${seed}`);
    }
  });

test('the channel and the notes of an incident survive its document [issue 15]', () => {
  const notes = [{ id: 'c-1', atMs: Date.UTC(2026, 2, 1), author: 'ann', text: 'on it' }];
  const back = readBack({ ...anIncident('i', 1), notes });
  assert.equal(back.entity.channel, 'Application');
  assert.deepEqual(back.notes, [{ ...notes[0], id: '0' }]);
});

test('the first step is that of the first repair, else the check of the first cause, else the cause; none is too long', () => {
  const { remediation } = anIncident('i', 1);
  const firstStepOf = (own: Partial<FilledIncident['remediation']>): string =>
    toIncidentDocument({ ...anIncident('i', 1), remediation: { ...remediation, ...own } }).foghorn.remediation
      .first_step;
  assert.equal(firstStepOf({}), 'Open the console.');
  const causes = [{ text: 'A web server.', check: 'Look for it.' }, { text: 'Another.' }];
  assert.equal(firstStepOf({ options: [{ title: 'x', steps: [] }], causes }), 'Look for it.');
  assert.equal(firstStepOf({ options: [], causes: causes.slice(1) }), 'Another.');
  assert.equal(firstStepOf({ options: [], causes: [] }), 'No repair is known.');
  const of = (text: string): string => firstStepOf({ options: [{ title: 'x', steps: [{ text }] }] });
  assert.equal(of('x'.repeat(500)), 'x'.repeat(500));
  assert.equal(of('x'.repeat(501)), `${'x'.repeat(499)}…`);
});

test('severities and senders can be sorted and searched in a document', () => {
  const senders = [{ name: 'a', agent: 'winlogbeat' }, { name: 'b' }];
  for (const [severity, rank] of [
    ['info', 0],
    ['critical', 3],
  ] as const) {
    const { incident } = toIncidentDocument({ ...anIncident('i', 1), severity, senders }).foghorn;
    assert.deepEqual([incident.severity_rank, incident.sender_agents], [rank, ['winlogbeat']]);
  }
});

test('a document that the indexer did not write is refused, by its id and its fields [issue 15]', () => {
  const document = stored(anIncident('i', 1));
  const refusedWith = (_source: Json): string => {
    try {
      toIncidentView({ _id: 'abc', _source });
    } catch (error) {
      assert.ok(error instanceof Refusal);
      assert.deepEqual([error.status, error.code], [500, 'unreadable_document']);
      return error.message;
    }
    return assert.fail('it was read');
  };
  assert.match(refusedWith({}), /document abc .*@timestamp.*event.*rule/u);
  assert.match(refusedWith({ ...document, host: {} }), /host\.name/u);
  assert.match(refusedWith({ ...document, '@timestamp': 'yesterday' }), /@timestamp/u);
  assert.throws(() => toIncidentRef({ _id: 'abc', _source: { foghorn: {} } }), /document abc .*foghorn\.incident/u);
});
