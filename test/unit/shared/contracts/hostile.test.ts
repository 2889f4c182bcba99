// Hostile records against the decoders of all topics: none throws, what passes can be worked with,
// and what comes of it passes in turn.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { activityDocument } from '../../../../services/indexer/activity-document.ts';
import { deadLetterDocument } from '../../../../services/indexer/dead-letter-document.ts';
import { incidentDocument } from '../../../../services/indexer/incident-document.ts';
import { commandsTopic } from '../../../../shared/contracts/command.ts';
import { deadLettersTopic } from '../../../../shared/contracts/dead-letter.ts';
import { alertsTopic, eventsTopic } from '../../../../shared/contracts/enriched-event.ts';
import { deliveryIdOf } from '../../../../shared/contracts/ids.ts';
import { activityTopic, encodeActivityEntry } from '../../../../shared/contracts/activity.ts';
import {
  allIncidentsTopic,
  encodeTombstone,
  encodeIncident,
  type Incident,
  incidentsTopic,
} from '../../../../shared/contracts/incident.ts';
import { catalogTopic } from '../../../../shared/catalog/entry-record.ts';
import { fillIncident } from '../../../../shared/catalog/remediation-text.ts';
import { renderRemediation } from '../../../../shared/catalog/render.ts';
import { clear } from '../../../../shared/contracts/incident-operations.ts';
import { transitionEntry } from '../../../../shared/contracts/activity.ts';
import { applyAlerts, type Reduced } from '../../../../shared/contracts/incident-reducer.ts';
import { rawTopic } from '../../../../shared/contracts/raw-event.ts';
import type { Decoded, InRecord, OutRecord, Topic, TopicKey } from '../../../../shared/contracts/record.ts';
import { sourcesTopic } from '../../../../shared/contracts/source.ts';
import { toSourceDocument } from '../../../../shared/contracts/source-document.ts';
import { hostileRecords } from '../../../attack/hostile-records.ts';
import { SAMPLE_ENTRY, samplesOf } from '../../../attack/samples.ts';
import { anIncident } from '../../../support/incidents.ts';

const NOW_MS = Date.UTC(2026, 10, 29, 12);
const SAMPLES = samplesOf(NOW_MS);

function asRead({ key, value, headers = {} }: OutRecord): InRecord {
  const bytes = (data: string | Buffer | null): Buffer | null => (typeof data === 'string' ? Buffer.from(data) : data);
  return { key: bytes(key), value: bytes(value), headers, timestampMs: NOW_MS };
}

/** What is done with a value; throws when it cannot be. */
const WORK: { readonly [Key in TopicKey]: { readonly topic: Topic<unknown>; work(value: never): void } } = {
  raw: entry(rawTopic, ({ receivedAtMs }) => void new Date(receivedAtMs).toISOString()),
  events: entry(eventsTopic, ({ id }) => assert.match(id, /^[\w-]{27}$/u)),
  alerts: entry(alertsTopic, (value) => {
    const options = { nowMs: NOW_MS, reopenWithinMs: 1 };
    if ('kind' in value) return passesAgain(clear(open(), value, NOW_MS));
    passesAgain(applyAlerts(undefined, [value], options));
    passesAgain(applyAlerts(open(), [value], options));
  }),
  incidents: entry(incidentsTopic, (incident) => {
    JSON.stringify(incidentDocument(fillIncident(incident, () => SAMPLE_ENTRY)));
    assert.ok(Number.isSafeInteger(incident.revision + 1));
    assert.doesNotMatch(deliveryIdOf(incident.id, incident.episode, incident.revision, 'local'), /:/u);
  }),
  actions: entry(activityTopic, (action) => void JSON.stringify(activityDocument(action))),
  commands: entry(commandsTopic, ({ id }) => assert.notEqual(id, '')),
  catalog: entry(catalogTopic, ({ entry: read }) => void renderRemediation(read, {}, 'media01')),
  sources: entry(sourcesTopic, (source) => void JSON.stringify(toSourceDocument(source))),
  deadLetters: entry(deadLettersTopic, (letter) => void JSON.stringify(deadLetterDocument(letter))),
};

function entry<T>(topic: Topic<T>, work: (value: T) => void) {
  return { topic, work };
}

const open = (): Incident => anIncident('x'.repeat(27), 1);

/** The snapshot and the rows that the notifier would write are ones that it would read. */
function passesAgain(reduced: Reduced | undefined): void {
  if (reduced === undefined) return;
  const { incident, transitions } = reduced;
  good(incidentsTopic.decode(asRead(encodeIncident(incident))));
  for (const transition of transitions)
    good(activityTopic.decode(asRead(encodeActivityEntry(transitionEntry(transition, incident)))));
  JSON.stringify(incidentDocument(fillIncident(incident, () => SAMPLE_ENTRY)));
}

function good(decoded: Decoded<unknown>): void {
  assert.equal(decoded.kind, 'value', JSON.stringify(decoded));
}

for (const [key, samples] of Object.entries(SAMPLES) as [TopicKey, readonly OutRecord[]][]) {
  const { topic, work } = WORK[key];

  test(`${key}: the samples pass whole`, () => {
    for (const sample of samples) {
      const decoded = topic.decode(asRead(sample));
      good(decoded);
      if (!['raw', 'events', 'catalog', 'deadLetters'].includes(key) && decoded.kind === 'value')
        assert.deepEqual(decoded.value, JSON.parse(String(sample.value)));
    }
  });

  test(`${key}: no hostile record throws, and what passes can be worked with [security H5] [security H6] [security H7]`, () => {
    const records = hostileRecords(key, samples);
    assert.ok(records.length > 40, `${records.length} records`);
    let refused = 0;
    for (const { what, record } of records) {
      const decoded = topic.decode(asRead(record));
      if (decoded.kind === 'bad') {
        refused += 1;
        assert.ok(decoded.detail.length > 0 && decoded.detail.length <= 600, what);
      }
      if (decoded.kind !== 'value') continue;
      try {
        work(decoded.value as never);
      } catch (error) {
        assert.fail(`${key}, ${what}: ${String(error)}`);
      }
    }
    if (key !== 'deadLetters' && key !== 'raw') assert.ok(refused > 10, `${refused} refused`);
    assert.equal(({} as { polluted?: boolean }).polluted, undefined);
  });
}

for (const [what, topic, value] of [
  ['an alert whose document is null', alertsTopic, { ...jsonOf('alerts'), document: null }],
  ['an alert without parameters', alertsTopic, { ...jsonOf('alerts'), match: { ...matchOf(), params: null } }],
  [
    'an alert whose remediation is null',
    alertsTopic,
    { ...jsonOf('alerts'), match: { ...matchOf(), remediation: null } },
  ],
  ['an alert of an incident with a colon', alertsTopic, { ...jsonOf('alerts'), incidentId: 'a:b' }],
  ['a snapshot without fields', incidentsTopic, {}],
  ['a snapshot with a revision as text', incidentsTopic, { ...jsonOf('incidents'), revision: '1}}\n' }],
  ['an entry with no group', activityTopic, { ...jsonOf('actions'), group: null }],
  ['an entry of a silence with a null silence', activityTopic, { ...jsonOf('actions', 4), silence: null }],
  ['an entry with an id that is an object', activityTopic, { ...jsonOf('actions'), id: { a: 1 } }],
  ['an entry with a type alone', activityTopic, { type: 'opened' }],
  ['an entry of an incident without its id', activityTopic, { ...jsonOf('actions', 3), incidentId: '' }],
  ['an entry of a silence as one of an incident', activityTopic, { ...jsonOf('actions', 4), subject: 'incident' }],
  ['an entry of an unknown subject', activityTopic, { ...jsonOf('actions'), subject: '__proto__' }],
] as const)
  test(`refused: ${what} [security H5] [security H6] [security H7] [security M4] [security M5]`, () => {
    const key = SAMPLES[topic.key][0]?.key ?? null;
    const decoded = topic.decode(asRead({ topic: topic.key, key, value: JSON.stringify(value) }));
    assert.equal(decoded.kind, 'bad');
  });

test('a snapshot under another key than its own is refused, and a tombstone under none [security H6]', () => {
  const [sample] = SAMPLES.incidents;
  assert.ok(sample);
  assert.equal(incidentsTopic.decode(asRead({ ...sample, key: 'y'.repeat(27) })).kind, 'bad');
  assert.equal(allIncidentsTopic.decode(asRead({ ...sample, key: null, value: null })).kind, 'bad');
  const tombstone = encodeTombstone({ kind: 'tombstone', id: 'y'.repeat(27), revision: 4 });
  assert.deepEqual(incidentsTopic.decode(asRead(tombstone)), { kind: 'none' });
  assert.equal(allIncidentsTopic.decode(asRead(tombstone)).kind, 'value');
});

function jsonOf(key: TopicKey, index = 0): Readonly<Record<string, unknown>> {
  return JSON.parse(String(SAMPLES[key][index]?.value)) as Readonly<Record<string, unknown>>;
}

function matchOf(): object {
  return jsonOf('alerts')['match'] as object;
}
