// The documents of incidents and actions, and that every field of theirs is in the template.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { activityDocument } from '../../../../services/indexer/activity-document.ts';
import { incidentDocument } from '../../../../services/indexer/incident-document.ts';
import { activityStreamTemplate } from '../../../../services/indexer/templates/activity-stream.ts';
import type { IndexTemplate } from '../../../../services/indexer/templates/field-types.ts';
import { incidentIndexTemplate } from '../../../../services/indexer/templates/incident-index.ts';
import type { ActivityEntry } from '../../../../shared/contracts/activity.ts';
import type { FilledIncident } from '../../../../shared/contracts/incident.ts';
import { toIncidentDocument } from '../../../../shared/contracts/incident-to-document.ts';
import { anIncident } from '../../../support/incidents.ts';

type Json = Readonly<Record<string, unknown>>;

/** The fields of a document that the mapping does not name, as dotted paths. */
function unmapped(document: Json, mapping: Json, path = ''): readonly string[] {
  const properties = (mapping['properties'] ?? {}) as Readonly<Record<string, Json>>;
  return Object.entries(document).flatMap(([name, value]) => {
    if (value === undefined) return [];
    const field = properties[name];
    if (field === undefined) return [`${path}${name}`];
    const isLeaf = field['properties'] === undefined;
    const parts = (Array.isArray(value) ? value : [value]) as readonly Json[];
    return isLeaf ? [] : parts.flatMap((part) => unmapped(part, field, `${path}${name}.`));
  });
}

const mappingOf = (template: IndexTemplate): Json => template.body.template['mappings'] as Json;

const RESOLVED: FilledIncident = {
  ...anIncident('inc-1', 4),
  state: 'resolved',
  acknowledgedAtMs: Date.UTC(2026, 2, 1, 10, 1),
  resolvedAtMs: Date.UTC(2026, 2, 1, 10, 5),
  timeToAcknowledgeMs: 60_000,
  timeToResolveMs: 300_000,
  acknowledgedBy: 'ann',
  resolvedBy: 'bob',
  assignee: 'ann',
  snoozedUntilMs: Date.UTC(2026, 2, 1, 11),
  escalationStep: 2,
  escalatedAtMs: Date.UTC(2026, 2, 1, 10, 2),
  staleSinceMs: Date.UTC(2026, 2, 1, 10, 3),
  flapping: { sinceMs: Date.UTC(2026, 2, 1, 9), episode: 3, count: 7, quietForMs: 900_000 },
  recovering: { sinceMs: Date.UTC(2026, 2, 1), dueAtMs: Date.UTC(2026, 2, 1, 1), reason: 'event 310' },
  notes: [{ id: 'c-1', atMs: Date.UTC(2026, 2, 1), author: 'ann', text: 'on it' }],
};

const ENTRY_INCIDENT = {
  incidentId: 'inc-1',
  episode: 2,
  revision: 4,
  host: 'media01',
  ruleId: 'wmserver-309-port-in-use',
  severity: 'error',
} as const;
const BASE = {
  id: 'act-1',
  atMs: Date.UTC(2026, 2, 1, 10),
  actor: 'system',
  reason: 'opened',
  commandId: 'c-1',
} as const;
const DELIVERY = {
  subject: 'delivery',
  receiver: 'hook',
  deliveryId: 'd-1',
  group: { id: 'g-1', episode: 1, revision: 1 },
} as const;
const RESOLVED_ENTRY: ActivityEntry = {
  ...BASE,
  ...ENTRY_INCIDENT,
  subject: 'incident',
  type: 'resolved',
  ruleName: 'Port in use',
  faultClass: 'address-in-use',
  timeToAcknowledgeMs: 60_000,
  timeToResolveMs: 300_000,
};
const SILENCE_ENTRY: ActivityEntry = {
  ...BASE,
  subject: 'silence',
  type: 'silence_created',
  silence: {
    id: 's-1',
    matchers: ['host="media01"'],
    author: 'kim',
    comment: 'x',
    startsAtMs: 0,
    endsAtMs: 1,
    revision: 3,
  },
};
const ENTRIES: readonly ActivityEntry[] = [
  RESOLVED_ENTRY,
  { ...BASE, ...ENTRY_INCIDENT, ...DELIVERY, type: 'notified', providerReference: 'ref', timeToAlertMs: 99 },
  { ...BASE, ...ENTRY_INCIDENT, ...DELIVERY, type: 'suppressed' },
  { ...BASE, ...DELIVERY, type: 'delivery_failed', error: 'refused with 410' },
  SILENCE_ENTRY,
  { ...BASE, subject: 'command', type: 'refused', silenceId: 's-1' },
];

test('an incident’s document says that it flaps, and orders by no time after its receipt [issue 13]', () => {
  const receivedAtMs = Date.UTC(2026, 2, 1, 10);
  const lastSeenMs = Date.UTC(9999, 11, 31);
  const ahead = { ...RESOLVED, lastSeenMs, latest: { atMs: lastSeenMs, receivedAtMs, correctedMs: receivedAtMs } };
  for (const incident of [ahead, { ...RESOLVED, lastSeenMs, updatedAtMs: receivedAtMs }]) {
    const { foghorn } = incidentDocument(incident) as Record<string, Record<string, Json>>;
    const own = foghorn?.['incident'];
    assert.deepEqual(own?.['flapping'], { since: '2026-03-01T09:00:00.000Z', count: 7, quiet_for_ms: 900_000 });
    assert.equal(own?.['last_seen'], '9999-12-31T00:00:00.000Z');
    assert.equal(own?.['last_seen_corrected'], '2026-03-01T10:00:00.000Z');
  }
});

test('an incident in ECS', () => {
  const document = JSON.parse(JSON.stringify(incidentDocument(RESOLVED))) as Record<string, Json>;
  assert.equal(document['@timestamp'], '2026-03-01T10:00:04.000Z');
  assert.equal(document['event']?.['kind'], 'alert');
  assert.equal(document['event']?.['code'], '309');
  assert.deepEqual(document['rule'], {
    id: 'wmserver-309-port-in-use',
    name: RESOLVED.entity.ruleName,
    version: '1',
    ruleset: 'foghorn',
    reference: 'https://example.org/309',
  });
  assert.deepEqual(document['server'], { port: 80 });
  const incident = document['foghorn']?.['incident'] as Json;
  assert.deepEqual(incident['notes'], [{ at: '2026-03-01T00:00:00.000Z', author: 'ann', text: 'on it' }]);
  assert.equal(incident['stale_since'], '2026-03-01T10:03:00.000Z');
  assert.equal(incident['resolved'], '2026-03-01T10:05:00.000Z');
  assert.equal(incident['time_to_acknowledge_ms'], 60_000);
  assert.equal(incident['time_to_resolve_ms'], 300_000);
});

test('what is not known is absent', () => {
  const open = anIncident('inc-1', 1);
  const text = JSON.stringify(toIncidentDocument({ ...open, entity: { ...open.entity, params: {} } }));
  for (const name of ['"server"', 'acknowledged', 'resolved', 'null', 'undefined'])
    assert.ok(!text.includes(name), `${name} in ${text}`);
});

test('the likely holder of a port: what another fault says, else the cause for this very port, else the first', () => {
  const holderOf = (own: Partial<FilledIncident>): string | undefined =>
    toIncidentDocument({ ...anIncident('inc-1', 1), ...own }).foghorn.incident.likely_holder;
  const { entity, remediation } = anIncident('inc-1', 1);
  const causes = [{ text: 'Any program.' }, { text: 'HTTP.sys.', isSpecific: true }] as const;
  assert.equal(holderOf({ remediation: { ...remediation, causes }, suspectedCause: 'IIS said so.' }), 'IIS said so');
  assert.equal(holderOf({ remediation: { ...remediation, causes } }), 'HTTP.sys');
  assert.equal(holderOf({}), 'A web server runs on the same machine');
  assert.equal(holderOf({ remediation: { ...remediation, causes: [] } }), 'not known');
  const long = 'A program that a team of this company wrote long ago holds the port of the server.';
  assert.equal(holderOf({ suspectedCause: long }), 'A program that a team of this company wrote long ago holds…');
  const named = [{ text: 'HTTP.sys has the port.', isSpecific: true, holder: 'HTTP.sys' }] as const;
  assert.equal(holderOf({ remediation: { ...remediation, causes: named } }), 'HTTP.sys', 'by its short name');
  const sign = {
    provider: 'W3SVC',
    eventIds: [1007],
    relation: 'names-cause',
    text: 'IIS said so.',
    holder: 'IIS',
  } as const;
  const related = [sign];
  assert.equal(holderOf({ remediation: { ...remediation, related }, suspectedCause: 'IIS said so.' }), 'IIS');
  assert.equal(holderOf({ entity: { ...entity, faultClass: 'disk' } }), undefined);
});

test('the document of an activity entry says what it is about and how long it took', () => {
  const { rule, foghorn } = activityDocument(RESOLVED_ENTRY) as Record<string, Json>;
  assert.deepEqual(rule, { id: 'wmserver-309-port-in-use', name: 'Port in use' });
  const incident = foghorn?.['incident'] as Json;
  assert.deepEqual([incident['time_to_acknowledge_ms'], incident['time_to_resolve_ms']], [60_000, 300_000]);
  assert.deepEqual(foghorn?.['remediation'], { class: 'address-in-use' });
});

test('an entry about a silence or a command names no incident [issue 15]', () => {
  for (const entry of ENTRIES.filter(({ subject }) => subject === 'silence' || subject === 'command')) {
    const { foghorn, host, rule } = activityDocument(entry) as Record<string, Json>;
    assert.deepEqual([foghorn?.['incident'], host, rule], [undefined, undefined, undefined]);
    assert.equal((foghorn?.['silence'] as Json | undefined)?.['id'], 's-1');
  }
});

test('every field of an incident and of an activity entry is mapped', () => {
  assert.deepEqual(unmapped(incidentDocument(RESOLVED), mappingOf(incidentIndexTemplate('i'))), []);
  for (const entry of ENTRIES) {
    const { foghorn, ...document } = activityDocument(entry) as Record<string, Json>;
    // A silence is stored as it is in Kafka; its id and revision alone are searched.
    const { silence, ...own } = foghorn as { readonly silence?: Json };
    const searched = silence === undefined ? {} : { silence: { id: silence['id'], revision: silence['revision'] } };
    assert.deepEqual(
      unmapped({ ...document, foghorn: { ...own, ...searched } }, mappingOf(activityStreamTemplate())),
      [],
    );
  }
});

test('a time that is no time throws, so that it becomes a dead letter', () => {
  assert.throws(() => incidentDocument({ ...RESOLVED, updatedAtMs: Number.NaN }), RangeError);
  assert.throws(() => activityDocument({ ...RESOLVED_ENTRY, atMs: Number.NaN }), RangeError);
});
