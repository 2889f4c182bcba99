// What an incident is called when it is matched, and which names and values there can be.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { catalogLabels } from '../../../../../services/notifier/policy/known-labels.ts';
import { labelsOf } from '../../../../../services/notifier/policy/labels.ts';
import { packagePath } from '../../../../../shared/runtime/package-root.ts';
import { anIncident } from '../../../../support/incidents.ts';
import { aPolicy } from '../../../../support/policy.ts';

const incident = anIncident('abc', 1);
const { channel: _, ...bare } = incident.entity;

test('the labels of an incident; channel and address where they are known', () => {
  const labels = {
    alertname: 'wmserver-309-port-in-use',
    rule: 'wmserver-309-port-in-use',
    class: 'address-in-use',
    severity: 'error',
    host: 'media01',
    provider: 'WMServer',
    event_id: '309',
    incident_id: 'abc',
    port: '80',
  };
  assert.deepEqual(labelsOf({ ...incident, entity: bare }), labels);
  const addresses = ['10.1.2.3', 'fd00::7'];
  assert.deepEqual(labelsOf({ ...incident, entity: { ...incident.entity, addresses } }), {
    ...labels,
    channel: 'Application',
    address: '10.1.2.3 fd00::7',
  });
});

test('a rule adds its labels where it matches, and sees what those before it set', () => {
  const { labelRules } = aPolicy(
    {
      labels: [
        { matchers: ['host="media01"'], set: { team: 'streaming' } },
        { matchers: ['team="streaming"'], set: { floor: '3', host: 'shown' } },
        { matchers: ['host="media01"'], set: { never: 'x' } },
      ],
    },
    [],
  );
  const { team, floor, host, never } = labelsOf(incident, labelRules);
  assert.deepEqual([team, floor, host, never], ['streaming', '3', 'shown', undefined]);
});

test('every label that an incident can have is known', () => {
  const { known, isComplete } = catalogLabels([]);
  assert.ok(isComplete);
  const entity = { ...incident.entity, addresses: ['10.1.2.3'] };
  for (const name of Object.keys(labelsOf({ ...incident, entity }))) assert.ok(known.names.has(name), name);
  assert.equal(known.values.get('event_id'), undefined, 'an entry that goes by its message takes any');
});

const BUILT_IN = readFileSync(packagePath('shared', 'catalog', 'entries', 'wmserver-309.yaml'), 'utf8');

function folderWith(t: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-labels-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'own'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, 'own', name), text);
  return join(folder, 'own');
}

test('entries of one’s own bring rules, also where they name built-in ones; other files in the folder bring none', (t) => {
  const changes = [
    [/^id: .*$/mu, 'id: own-rule'],
    [/^eventIds: .*$/mu, 'eventIds: [65001]'],
    [/^ {2}name: WMServer$/mu, '  name: OwnServer'],
  ] as const;
  const own = changes.reduce((text, [line, changed]) => text.replace(line, changed), BUILT_IN);
  const folder = folderWith(t, { 'own.yaml': own, 'notes.txt': 'id: other' });
  const { known, isComplete } = catalogLabels([folder, join(folder, '.')]);
  assert.ok(isComplete);
  assert.ok(known.values.get('rule')?.includes('own-rule'));
  assert.ok(known.values.get('provider')?.includes('OwnServer'));
  assert.ok(known.values.get('alertname')?.includes('wmserver-309-port-in-use'), 'beside the built-in ones');
});

test('a folder that cannot be read, or whose entries have faults, leaves the rest known and says so', (t) => {
  const faulty = folderWith(t, { 'bad.yaml': 'id: 1' });
  for (const folder of [faulty, join(faulty, 'gone')]) {
    const { known, isComplete } = catalogLabels([folder]);
    assert.ok(!isComplete, folder);
    assert.ok(known.values.get('rule')?.includes('wmserver-309-port-in-use'));
  }
});
