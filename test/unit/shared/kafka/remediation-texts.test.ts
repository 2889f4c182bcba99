// The text of an incident whose entry does not come.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toMatch } from '../../../../shared/catalog/render.ts';
import { createRemediationTexts } from '../../../../shared/kafka/remediation-texts.ts';
import { SAMPLE_ENTRY } from '../../../attack/samples.ts';
import { anIncident } from '../../../support/incidents.ts';
import { recordedLog } from '../../../support/log.ts';

test('an entry that does not come is waited for once, and named by text and log', async () => {
  const { log, lines } = recordedLog();
  const texts = createRemediationTexts(log, { waitMs: 40 });
  const { remediation } = toMatch({ entry: SAMPLE_ENTRY, params: {} }, 'media01');
  const incidents = [anIncident('whole', 1), ...['a', 'b'].map((id) => ({ ...anIncident(id, 1), remediation }))];
  await texts.load(incidents);
  await texts.load(incidents);
  assert.deepEqual(
    lines.map(({ incident, entry, rule, version }) => [incident, entry, rule, version]),
    [['a', 'entry' in remediation ? remediation.entry : '', SAMPLE_ENTRY.id, SAMPLE_ENTRY.version]],
  );
  const [whole, named] = incidents.map((incident) => texts.fill(incident).remediation.summary);
  assert.equal(whole, 'Another program holds port 80.');
  assert.match(named ?? '', /foghorn\.catalog does not hold entry/u);
  assert.deepEqual(texts.relatedEvents({ remediation }), []);
});

test('after one that did not come many others hold up nobody for long', async () => {
  const { log } = recordedLog();
  const texts = createRemediationTexts(log, { waitMs: 4000 });
  const { remediation } = toMatch({ entry: SAMPLE_ENTRY, params: {} }, 'media01');
  const named = (entry: string) => [{ ...anIncident(entry, 1), remediation: { ...remediation, entry } }];
  const startedMs = performance.now();
  await texts.load(named('first'));
  const firstMs = performance.now() - startedMs;
  await texts.load(named('second'));
  const bothMs = performance.now() - startedMs;
  assert.ok(bothMs - firstMs < firstMs, `${firstMs} ms for the first, ${bothMs} for both`);
});
