// The settings of the collector: each input has a section, and one has to be on.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collectorSchema } from '../../../../services/collector/config.ts';
import { INPUTS, LISTENING_INPUTS } from '../../../../services/collector/inputs/inputs.ts';

const parsed = (collector: object) => collectorSchema.safeParse({ collector });

test('of the inputs HTTP alone is on, and each listens on loopback', () => {
  const { collector } = collectorSchema.parse({});
  for (const { kind } of INPUTS) {
    assert.equal(collector[kind].enabled, kind === 'http', kind);
  }
  for (const { kind } of LISTENING_INPUTS) assert.equal(collector[kind].host, '127.0.0.1', kind);
});

test('a collector without any input is refused, and the settings are named that switch one on', () => {
  const { success, error } = parsed({ http: { enabled: false } });
  assert.equal(success, false);
  assert.match(String(error?.issues[0]?.message), /http\.enabled/u);
});

test('the Kafka input needs topics once it is on', () => {
  const { error } = parsed({ kafka: { enabled: true } });
  assert.deepEqual(error?.issues[0]?.path, ['collector', 'kafka', 'topics']);
  assert.ok(parsed({ kafka: { enabled: true, topics: ['winlogbeat'] } }).success);
});

test('a network that is none is refused', () => {
  assert.ok(parsed({ http: { allowedNetworks: ['10.1.0.0/16', 'fd00::/8'] } }).success);
  for (const text of ['10.1.0.0', '10.1.0.0/33', 'office'])
    assert.ok(!parsed({ http: { allowedNetworks: [text] } }).success, text);
});
