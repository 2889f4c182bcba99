// Events in a stream whose documents are put together from columns: found as ever, and whole when
// they come back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { installTemplates } from '../../services/indexer/template-installer.ts';
import { eventStreamTemplate } from '../../services/indexer/templates/event-stream.ts';
import { testElasticsearch } from '../support/elasticsearch.ts';
import { quietLog } from '../support/log.ts';

test('a synthetic source gives an event back with every value', async (t) => {
  const { elasticsearch, settings, count, search } = await testElasticsearch(t);
  const dataset = `synthetic.${settings.namespace}`;
  const index = `logs-${dataset}-default`;
  const template = eventStreamTemplate(dataset, 'synthetic_source');
  await installTemplates(elasticsearch, [{ template, kind: 'data stream', index }], quietLog);
  const body = {
    '@timestamp': '2026-03-01T10:00:00.123Z',
    message: 'The port is in use.',
    event: { code: '309', original: '<Event>text</Event>' },
    host: { name: 'media01' },
    server: { port: 80 },
    unforeseen: { by: 'us' },
    winlog: { event_data: { param1: '80', Binary: 'x'.repeat(3000) }, keywords: ['Classic'] },
  };
  const query = { op_type: 'create', refresh: 'true' };
  const written = await elasticsearch.request({ method: 'PUT', path: `/${index}/_doc/a`, query, body });
  assert.equal(written.status, 201);
  assert.equal(await count({ term: { 'winlog.event_data.param1': '80' } }, index), 1);
  const [found] = await search({ match: { message: 'port' } }, 1, index);
  // A list of one comes back as its one value.
  assert.deepEqual(found, { ...body, winlog: { ...body.winlog, keywords: 'Classic' } });
});
