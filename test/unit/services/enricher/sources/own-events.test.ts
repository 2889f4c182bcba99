// Each of Foghorn's own events has its entry, which reads as words; each fault has what clears it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entryIdOf } from '../../../../../shared/catalog/entry-record.ts';
import { fillRemediation } from '../../../../../shared/catalog/remediation-text.ts';
import { loadCatalogFolders } from '../../../../../shared/runtime/catalog-files.ts';
import {
  createReport,
  OWN_EVENT_IDS,
  OWN_PROVIDER,
  type OwnEvent,
} from '../../../../../services/enricher/sources/own-events.ts';
import { ended, ofInput, raised, recordsMissing } from '../../../../../services/enricher/sources/reports.ts';
import { type Alert, alertsTopic } from '../../../../../shared/contracts/enriched-event.ts';
import type { Clearing } from '../../../../../shared/contracts/incident.ts';
import type { Remediation } from '../../../../../shared/contracts/remediation.ts';
import type { OutRecord } from '../../../../../shared/contracts/record.ts';
import { anId } from '../../../../support/ids.ts';
import { aSource } from '../../../../support/sources.ts';

const NOW = Date.UTC(2026, 10, 30, 12);
const catalog = await loadCatalogFolders([]);
const own = catalog.entries.filter(({ provider }) => provider.name === OWN_PROVIDER);
const report = createReport(catalog);
const source = aSource(anId('own'), NOW);

const textOf = ({ match }: Alert): Remediation =>
  fillRemediation(match.remediation, (id) => catalog.entries.find((entry) => entryIdOf(entry) === id));

/** As the notifier reads them. */
function read(records: readonly OutRecord[]): readonly (Alert | Clearing)[] {
  return records.map(({ key, value, headers = {} }) => {
    const decoded = alertsTopic.decode({
      key: Buffer.from(String(key)),
      value: Buffer.from(String(value)),
      headers,
      timestampMs: NOW,
    });
    assert.equal(decoded.kind, 'value', JSON.stringify(decoded));
    return (decoded as { readonly value: Alert | Clearing }).value;
  });
}

function only<T>(values: readonly T[]): T {
  const [first, ...others] = values;
  assert.ok(first !== undefined && others.length === 0, `${values.length}`);
  return first;
}

function* textsOf(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (typeof value === 'object' && value !== null) for (const item of Object.values(value)) yield* textsOf(item);
}

const PAIRS: readonly (readonly [string, OwnEvent, OwnEvent])[] = [
  ['source-silent', raised(source, 'silent', NOW), ended(source, 'silent', NOW + 1)],
  ['source-late', raised(source, 'late', NOW), ended(source, 'late', NOW + 1)],
  ['source-clock-off', raised(source, 'clock_off', NOW), ended(source, 'clock_off', NOW + 1)],
  ['records-missing', recordsMissing(source, source.records ?? assert.fail(), NOW), ended(source, 'missing', NOW + 1)],
  ['input-silent', ofInput('silent', NOW - 1000, NOW), ofInput('back', NOW - 1000, NOW + 1)],
];

for (const [rule, fault, repair] of PAIRS)
  test(`${rule}: an alert with its remedy, cleared by the event that follows it`, () => {
    const alert = only(read(report(fault))) as Alert;
    assert.equal(alert.match.ruleId, rule);
    const remediation = textOf(alert);
    for (const text of textsOf(remediation)) assert.doesNotMatch(text, /[{}]|undefined|%\d/u);
    assert.ok(remediation.causes.length > 0 && remediation.options.length > 0 && remediation.verification.length > 0);
    const clearing = only(read(report(repair))) as Clearing;
    assert.equal(clearing.kind, 'clearing');
    assert.equal(clearing.incidentId, alert.incidentId);
    assert.equal(clearing.clock, 'foghorn');
  });

test('a channel is an incident of its own; the clock is one of the host', () => {
  const system = aSource(anId('own'), NOW, { channel: 'System' });
  const { channel: _, ...none } = source;
  const ids = [source, system, none].map((each) => only(read(report(raised(each, 'silent', NOW)))) as Alert);
  assert.equal(new Set(ids.map(({ incidentId }) => incidentId)).size, 3);
  const back = only(read(report(ended(none, 'silent', NOW)))) as Clearing;
  assert.equal(back.incidentId, ids[2]?.incidentId);
  const clocks = [source, system].map((each) => only(read(report(raised(each, 'clock_off', NOW)))) as Alert);
  assert.equal(new Set(clocks.map(({ incidentId, eventId }) => `${incidentId} ${eventId}`)).size, 1);
});

test('the same silence is the same event, whoever reports it; the next one is another', () => {
  const [first, again] = [NOW, NOW + 5000].map((nowMs) => only(read(report(raised(source, 'silent', nowMs)))) as Alert);
  assert.equal(first?.eventId, again?.eventId);
  const later = aSource(anId('own'), NOW, { lastSeenMs: NOW });
  assert.notEqual((only(read(report(raised(later, 'silent', NOW)))) as Alert).eventId, first?.eventId);
});

test('an entry of the operator for one agent takes its place, and is cleared alike', () => {
  const [general] = own.filter(({ id }) => id === 'source-silent');
  assert.ok(general !== undefined);
  const when = [{ data: { agent: { equals: ['winlogbeat'] } } }];
  const special = { ...general, id: 'source-silent-winlogbeat', when, moreSpecificThan: ['source-silent'] };
  const withSpecial = createReport({ entries: [...catalog.entries, special] });
  const alert = only(read(withSpecial(raised(source, 'silent', NOW)))) as Alert;
  assert.equal(alert.match.ruleId, special.id);
  const cleared = read(withSpecial(ended(source, 'silent', NOW + 1))) as readonly Clearing[];
  assert.ok(cleared.some(({ incidentId }) => incidentId === alert.incidentId));
});

test('entries name events that Foghorn reports', () => {
  const ids: readonly number[] = Object.values(OWN_EVENT_IDS);
  for (const entry of own) for (const id of entry.eventIds) assert.ok(ids.includes(id), `${entry.id} ${id}`);
  for (const { id, kind, clearedBy } of own) if (kind === 'fault') assert.equal(clearedBy.at(-1)?.kind, 'person', id);
});

test('the remedy of a silent source is that of its agent, and none of these where it is unknown', () => {
  const variants = (agent: string | undefined, input = 'lumberjack'): readonly string[] => {
    const { agent: _agent, ...other } = { ...source, input };
    const silent = raised(agent === undefined ? other : { ...other, agent: { name: agent } }, 'silent', NOW);
    const { options } = textOf(only(read(report(silent))) as Alert);
    return options.map(({ title }) => title).filter((title) => title.startsWith('Check '));
  };
  const forwarding = 'Check Windows Event Forwarding';
  assert.deepEqual(variants('winlogbeat'), ['Check Winlogbeat', forwarding]);
  assert.deepEqual(variants('filebeat'), ['Check Elastic Agent', 'Check Filebeat', forwarding]);
  assert.deepEqual(variants('fluent-bit'), ['Check Fluent Bit']);
  assert.deepEqual(variants('vector'), ['Check Vector']);
  assert.deepEqual(variants('nxlog'), ['Check NXLog', forwarding]);
  assert.deepEqual(variants('snare', 'syslog'), ['Check the Snare agent', 'Check the relay of syslog']);
  assert.deepEqual(variants('opentelemetry'), ['Check the OpenTelemetry Collector']);
  assert.deepEqual(variants('openwec'), [forwarding]);
  assert.deepEqual(variants(undefined, 'hec'), ["Check Splunk's forwarder"]);
  assert.deepEqual(variants(undefined), []);
});
