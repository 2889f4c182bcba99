// Valid records of every topic, each with all of its optional fields, so that each field can be
// spoilt in turn.
import { encodeEntry } from '../../shared/catalog/entry-record.ts';
import { toMatch } from '../../shared/catalog/render.ts';
import { type CatalogEntry, entrySchema } from '../../shared/catalog/schema.ts';
import { encodeCommand, type Command } from '../../shared/contracts/command.ts';
import { encodeDeadLetter } from '../../shared/contracts/dead-letter.ts';
import { encodeAlert, encodeEnrichedEvent } from '../../shared/contracts/enriched-event.ts';
import { incidentIdOf } from '../../shared/contracts/ids.ts';
import { type ActivityEntry, encodeActivityEntry } from '../../shared/contracts/activity.ts';
import {
  type ClearedBy,
  type Clearing,
  encodeClearing,
  encodeIncident,
  type Incident,
} from '../../shared/contracts/incident.ts';
import { encodeRawEvent } from '../../shared/contracts/raw-event.ts';
import type { EventMoment } from '../../shared/contracts/moment.ts';
import type { OutRecord, TopicKey } from '../../shared/contracts/record.ts';
import type { Remediation } from '../../shared/contracts/remediation.ts';
import { encodeSource } from '../../shared/contracts/source.ts';
import { anId } from '../support/ids.ts';
import { aSource } from '../support/sources.ts';

/** Whose incidents the samples are; nobody else's host. */
export const SAMPLE_HOST = 'attack-sample';

const RULE = 'wmserver-309-port-in-use';
const IDENTITY = { ruleId: RULE, host: SAMPLE_HOST, provider: 'WMServer', eventId: 309, discriminators: ['80'] };
const INCIDENT_ID = incidentIdOf(IDENTITY);

/** The samples; `nowMs` is epoch milliseconds. */
export function samplesOf(nowMs: number): Readonly<Record<TopicKey, readonly OutRecord[]>> {
  const incident = anIncident(nowMs);
  return {
    raw: [rawEvent(nowMs)],
    events: [
      encodeEnrichedEvent({ id: anId('attack'), host: SAMPLE_HOST, document: {} }, documentOf(nowMs), {
        receivedAtMs: nowMs,
        createdAtMs: nowMs,
      }),
    ],
    alerts: [
      alertRecord(incident, nowMs, UNFILLED),
      alertRecord(incident, nowMs, REMEDIATION),
      encodeClearing(aClearing(nowMs)),
    ],
    incidents: [encodeIncident(incident), encodeIncident({ ...incident, remediation: UNFILLED })],
    actions: entriesOf(nowMs).map(encodeActivityEntry),
    commands: commandsOf(nowMs).map(encodeCommand),
    sources: [encodeSource(aSource(anId('source'), nowMs))],
    catalog: [encodeEntry(SAMPLE_ENTRY)],
    deadLetters: [aDeadLetter()],
  };
}

const CLOCK = { skewMs: 5, isSettled: true };

const STEP = {
  text: 'Do it.',
  where: `on ${SAMPLE_HOST}`,
  command: 'net stop x',
  privilege: 'admin',
  risk: 'some',
  undo: 'net start x',
};

const REMEDIATION: Remediation = {
  ruleId: RULE,
  ruleVersion: 1,
  title: 'Port 80 is taken',
  summary: 'Another program holds it.',
  faultClass: 'address-in-use',
  severity: 'error',
  about: {
    provider: 'WMServer',
    eventIds: [309],
    symbolicName: 'S',
    product: 'P',
    productVersions: '9.5',
    appliesTo: ['W'],
    role: 'R',
    aspect: 'A',
  },
  explanation: 'Two cannot listen on one port.',
  causes: [{ text: 'A web server.', check: 'Look.', command: 'netstat -ano', isSpecific: true }],
  options: [{ title: 'Another port', when: 'now', steps: [STEP] }],
  verification: [STEP],
  notes: ['A note.'],
  clearing: ['Event 311.'],
  related: [
    { provider: 'HTTP', eventIds: [15005], relation: 'names-cause', withinMs: 1000, text: 'It holds the port.' },
  ],
  references: [{ title: 'The article', url: 'https://example.org/309' }],
  reviewed: '2026-01-31',
};

/** The entry that the samples name. */
export const SAMPLE_ENTRY: CatalogEntry = entrySchema.parse({
  id: RULE,
  version: 1,
  name: 'A port is in use',
  provider: { name: 'WMServer', aliases: ['Windows Media Services'] },
  eventIds: [309],
  product: { name: 'P', role: 'R', aspect: 'A', versions: { from: '9.5', to: '9.6' }, appliesTo: ['W'] },
  symbolicName: 'S',
  message: 'Port %1 is taken.',
  parameters: [
    { name: 'port', type: 'port', meaning: 'a port', insert: 1, discriminator: true, prose: { unknown: 'a port' } },
  ],
  fields: { 'network.transport': 'tcp' },
  class: 'address-in-use',
  severity: 'error',
  title: 'Port {port} is taken on {host}',
  summary: 'Another program holds it.',
  explanation: 'Two cannot listen on one port.',
  causes: [{ text: 'A web server.', check: 'Look.', command: 'netstat -ano', onlyFor: { port: [80] }, holder: 'IIS' }],
  remediation: [{ id: 'other-port', title: 'Another port', when: 'now', steps: [{ ...STEP, key: true }] }],
  verification: [STEP],
  notes: ['A note.'],
  clearedBy: [{ kind: 'event', provider: 'WMServer', eventIds: [311], text: 'Event 311.' }],
  related: [
    {
      provider: 'HTTP',
      eventIds: [15005],
      relation: 'names-cause',
      withinMs: 1000,
      onlyFor: { port: [80] },
      text: 'It holds {port}.',
      holder: 'HTTP.sys',
    },
  ],
  references: [{ title: 'The article', url: 'https://example.org/309', kind: 'article' }],
  source: { title: 'The article', url: 'https://example.org/309', publisher: 'Nobody' },
  reviewed: '2026-01-31',
});

const UNFILLED = toMatch({ entry: SAMPLE_ENTRY, params: { port: 80 } }, SAMPLE_HOST).remediation;

function documentOf(nowMs: number): string {
  return JSON.stringify({
    '@timestamp': new Date(nowMs).toISOString(),
    message: 'The port is taken.',
    event: { code: '309', provider: 'WMServer', id: anId('attack') },
    host: { name: SAMPLE_HOST, ip: ['192.0.2.1'] },
    rule: { name: 'A port is in use' },
    winlog: { channel: 'Application' },
  });
}

function alertRecord({ id }: Incident, nowMs: number, remediation: Incident['remediation']): OutRecord {
  const match = {
    ruleId: RULE,
    ruleVersion: 1,
    reference: 'https://example.org/309',
    params: { port: 80, name: 'x' },
    discriminators: ['80'],
    remediation,
  };
  const event = { id: anId('attack'), host: SAMPLE_HOST, document: {}, match, incidentId: id };
  return encodeAlert(event, documentOf(nowMs), {
    receivedAtMs: nowMs,
    sender: 'attack',
    agent: 'x',
    clock: CLOCK,
    content: 'abcdefghijkl',
  });
}

function aClearing(nowMs: number): Clearing {
  return {
    kind: 'clearing',
    incidentId: INCIDENT_ID,
    ruleId: RULE,
    host: SAMPLE_HOST,
    params: { port: 80 },
    eventId: anId('attack clearing'),
    atMs: nowMs,
    receivedAtMs: nowMs,
    clock: 'foghorn',
    channel: 'Application',
    recordId: '7',
    hostClock: CLOCK,
    sender: 'attack',
    agent: 'x',
    evidence: 'WMServer event 311',
    quietForMs: 1000,
  };
}

function momentOf(nowMs: number): EventMoment {
  return { atMs: nowMs, receivedAtMs: nowMs, correctedMs: nowMs, channel: 'Application', recordId: '6' };
}

function clearedBy(nowMs: number): ClearedBy {
  return { ...momentOf(nowMs), evidence: 'event 311', clock: 'foghorn' };
}

function anIncident(nowMs: number): Incident {
  return {
    id: INCIDENT_ID,
    episode: 1,
    revision: 3,
    state: 'acknowledged',
    severity: 'error',
    entity: {
      ruleId: RULE,
      ruleName: 'A port is in use',
      ruleVersion: 1,
      reference: 'https://example.org/309',
      faultClass: 'address-in-use',
      host: SAMPLE_HOST,
      provider: 'WMServer',
      eventId: 309,
      channel: 'Application',
      addresses: ['192.0.2.1'],
      params: { port: 80 },
    },
    remediation: REMEDIATION,
    episodeCount: 1,
    totalCount: 1,
    firstSeenMs: nowMs,
    lastSeenMs: nowMs,
    latest: momentOf(nowMs),
    lastReceivedMs: nowMs,
    clock: CLOCK,
    senders: [{ name: 'attack', agent: 'x' }],
    clearedAtMs: nowMs,
    clearedBy: clearedBy(nowMs),
    resolvedAtMs: nowMs,
    timeToResolveMs: 1,
    resolvedBy: 'kim',
    lastMessage: 'The port is taken.',
    lastEventId: anId('attack'),
    recentEventIds: [anId('attack')],
    openedAtMs: nowMs,
    updatedAtMs: nowMs,
    acknowledgedAtMs: nowMs,
    timeToAcknowledgeMs: 1,
    acknowledgedBy: 'kim',
    recovering: { sinceMs: nowMs, dueAtMs: nowMs + 1000, reason: 'event 311', by: clearedBy(nowMs) },
    assignee: 'kim',
    snoozedUntilMs: nowMs + 60_000,
    notes: [{ id: 'note-1', atMs: nowMs, author: 'kim', text: 'x' }],
    escalationStep: 1,
    escalatedAtMs: nowMs,
    isInStorm: true,
    staleSinceMs: nowMs,
    beginningsMs: [nowMs],
    flapping: { sinceMs: nowMs, episode: 1, count: 3, quietForMs: 1000 },
    suspectedCause: 'HTTP.sys',
  };
}

function entriesOf(nowMs: number): readonly ActivityEntry[] {
  const base = { id: anId('attack action'), atMs: nowMs, actor: 'system', reason: 'opened', commandId: 'c-1' };
  const incident = {
    incidentId: INCIDENT_ID,
    episode: 1,
    revision: 1,
    host: SAMPLE_HOST,
    ruleId: RULE,
    severity: 'error',
  } as const;
  const delivery = {
    subject: 'delivery',
    receiver: 'local',
    deliveryId: `n-${INCIDENT_ID}-1-1-local`,
    group: { id: anId('attack group'), episode: 1, revision: 1 },
  } as const;
  const times = { timeToAcknowledgeMs: 1, timeToResolveMs: 2 };
  const texts = { ruleName: 'A port is in use', faultClass: 'address-in-use' };
  const silence = {
    id: 'attack-silence',
    matchers: [`host="${SAMPLE_HOST}-silenced"`],
    author: 'kim',
    comment: 'x',
    startsAtMs: nowMs,
    endsAtMs: nowMs + 60_000,
    revision: 1,
  };
  return [
    { ...base, ...incident, ...delivery, type: 'notified', providerReference: 'x', timeToAlertMs: 5 },
    { ...base, ...incident, ...delivery, type: 'suppressed', error: 'none' },
    { ...base, ...incident, ...delivery, type: 'delivery_failed', error: 'none' },
    { ...base, ...incident, subject: 'incident', type: 'resolved', ...texts, ...times },
    { ...base, id: anId('attack silence'), subject: 'silence', type: 'silence_created', silence },
    { ...base, ...incident, subject: 'command', type: 'refused', groupId: 'g', silenceId: 's', receiver: 'local' },
  ];
}

function commandsOf(nowMs: number): readonly Command[] {
  const asked = { actor: 'kim', atMs: nowMs, reason: 'an attack' };
  const silence = {
    id: 'attack-command-silence',
    matchers: [`host="${SAMPLE_HOST}-silenced"`],
    author: 'kim',
    comment: 'x',
    startsAtMs: nowMs,
    endsAtMs: nowMs + 60_000,
  };
  return [
    { ...asked, id: 'attack-1', kind: 'acknowledge', incidentId: INCIDENT_ID, episode: 1 },
    { ...asked, id: 'attack-2', kind: 'assign', incidentId: INCIDENT_ID, assignee: 'kim' },
    { ...asked, id: 'attack-3', kind: 'note', incidentId: INCIDENT_ID, text: 'x' },
    { ...asked, id: 'attack-4', kind: 'snooze', incidentId: INCIDENT_ID, untilMs: nowMs + 60_000 },
    { ...asked, id: 'attack-5', kind: 'resolve_group', groupId: anId('attack group'), episode: 1, revision: 1 },
    { ...asked, id: 'attack-6', kind: 'silence', silence },
    { ...asked, id: 'attack-7', kind: 'expire_silence', silenceId: 'attack-command-silence' },
    { ...asked, id: 'attack-8', kind: 'redrive', receiver: 'nobody', deliveryId: 'n-x' },
  ];
}

function rawEvent(nowMs: number): OutRecord {
  const event = {
    winlog: {
      provider_name: 'X',
      event_id: '1',
      record_id: 1,
      channel: 'Application',
      computer_name: SAMPLE_HOST,
      event_data: { a: 'b' },
    },
    '@timestamp': new Date(nowMs).toISOString(),
    message: 'x',
    agent: { type: 'winlogbeat', version: '9.0.0' },
  };
  const common = { encoding: 'utf-8', format: 'json', input: 'http', sender: 'attack', receivedAtMs: nowMs } as const;
  return encodeRawEvent({ ...common, bytes: Buffer.from(JSON.stringify(event)), computer: SAMPLE_HOST });
}

function aDeadLetter(): OutRecord {
  const source = { topic: 'foghorn.raw', partition: 0, offset: '1' };
  const original = { key: Buffer.from('k'), value: Buffer.from('{"a":1}'), headers: { sender: 'attack' } };
  return encodeDeadLetter({ stage: 'enricher', reason: 'invalid_json', detail: 'x', source, original });
}
