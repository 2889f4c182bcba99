// The stages that need no servers keep to their contract. One without a suite does not compile;
// those around Redis are in test/integration/notifier-stages.test.ts.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TestContext } from 'node:test';
import { createRemediationTexts } from '../../shared/kafka/remediation-texts.ts';
import { quietLog } from '../support/log.ts';
import { loadCatalogFolders } from '../../shared/runtime/catalog-files.ts';
import { createEnrich } from '../../services/enricher/enrich.ts';
import { createEnricherStage } from '../../services/enricher/enricher.ts';
import { declareEnricherMetrics } from '../../services/enricher/metrics.ts';
import { BulkWriter, type WriteBulk } from '../../services/indexer/bulk-writer.ts';
import { declareIndexerMetrics } from '../../services/indexer/metrics.ts';
import {
  activityStage,
  deadLettersStage,
  eventsStage,
  incidentsStage,
  sourcesStage,
} from '../../services/indexer/stages.ts';
import { encodeDeadLetter } from '../../shared/contracts/dead-letter.ts';
import { type ActivityEntry, encodeActivityEntry } from '../../shared/contracts/activity.ts';
import { encodeIncident } from '../../shared/contracts/incident.ts';
import { encodeRawEvent } from '../../shared/contracts/raw-event.ts';
import type { OutRecord } from '../../shared/contracts/record.ts';
import { encodeSource } from '../../shared/contracts/source.ts';
import { createElasticsearch, elasticsearchSettings } from '../../shared/elasticsearch/client.ts';
import { createRegistry } from '../../shared/runtime/metrics.ts';
import { makeFault } from '../support/events.ts';
import { startHttpServer } from '../support/http-server.ts';
import { anIncident } from '../support/incidents.ts';
import { anId } from '../support/ids.ts';
import { aSource } from '../support/sources.ts';
import { type DependentSubject, dependentStage, independentStage, runStageSuites } from '../support/stage-suite.ts';

const NOW_MS = Date.UTC(2026, 2, 1, 12);

/** A stage that writes to an Elasticsearch which speaks the bulk API. */
function indexing<In>(stageOf: (write: WriteBulk) => DependentSubject<In>['stage'], good: readonly OutRecord[]) {
  return dependentStage(async (t: TestContext): Promise<DependentSubject<In>> => {
    const there = new Set<string>();
    let how = 'well';
    const node = await startHttpServer(t, (request, response) => {
      if (how === 'silent') return;
      void answer(request, response, { isRefusing: how === 'refusing', there });
    });
    const elasticsearch = createElasticsearch({ ...elasticsearchSettings.parse({}), nodes: [node] });
    t.after(async () => await elasticsearch.close());
    const limits = { maxBulkBytes: 1_000_000, bulkTargetMs: 10_000, maxBulksInFlight: 2, itemTries: 2 };
    const metrics = declareIndexerMetrics(createRegistry('test'));
    return {
      stage: stageOf(new BulkWriter({ elasticsearch, metrics, now: () => NOW_MS, ...limits }).write),
      good,
      dependency: {
        behave: (next) => {
          how = next;
        },
      },
      effects: () => there.size,
    };
  });
}

interface Cluster {
  readonly isRefusing: boolean;
  readonly there: Set<string>;
}

async function answer(request: IncomingMessage, response: ServerResponse, { isRefusing, there }: Cluster) {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const head = { 'x-elastic-product': 'Elasticsearch', 'content-type': 'application/json' };
  const reply = (status: number, body: object): void => {
    response.writeHead(status, head).end(JSON.stringify(body));
  };
  if (isRefusing) return reply(503, { error: { type: 'unavailable_shards_exception', reason: 'away' } });
  if (!(request.url ?? '').includes('_bulk')) return reply(404, {});
  const actions = Buffer.concat(chunks)
    .toString('utf8')
    .matchAll(/^\{"(?<action>create|index)":\{[^\n]*"_id":"(?<id>[^"]*)"/gmu);
  const items = [...actions].map(({ groups }) => {
    const { action = '', id = '' } = groups ?? {};
    const status = there.has(id) ? 409 : 201;
    there.add(id);
    const error = { type: 'version_conflict_engine_exception', reason: 'there' };
    return { [action]: status === 409 ? { status, error } : { status } };
  });
  reply(200, { errors: true, items });
}

const ids = ['a', 'b', 'c'].map(anId);

function anAction(id: string): ActivityEntry {
  const incident = {
    incidentId: anId('i'),
    episode: 1,
    revision: 1,
    host: 'media01',
    ruleId: 'r',
    severity: 'error',
  } as const;
  return { id, atMs: NOW_MS, subject: 'incident', type: 'opened', actor: 'foghorn', reason: 'x', ...incident };
}

runStageSuites<'contract'>({
  enricher: independentStage(async () => {
    const catalog = await loadCatalogFolders([]);
    const enrich = createEnrich({ catalog, now: () => NOW_MS, keepOriginal: false, maxDocumentBytes: 1_000_000 });
    const metrics = declareEnricherMetrics(createRegistry('test'));
    const raw = ids.map((_, index) => {
      const { kind, text } = makeFault('contract', index);
      const common = { encoding: 'utf-8', input: 'http', sender: '127.0.0.1', receivedAtMs: NOW_MS } as const;
      return encodeRawEvent({ ...common, bytes: Buffer.from(text), format: kind });
    });
    return { stage: createEnricherStage(enrich, metrics), good: raw };
  }),

  indexer: indexing(
    (write) => eventsStage(write, 'events', () => undefined),
    ids.map((id) => ({ topic: 'events', key: id, value: '{"x":1}', headers: { id, received: String(NOW_MS) } })),
  ),

  'indexer-incidents': indexing(
    (write) => incidentsStage(write, 'incidents', createRemediationTexts(quietLog)),
    ids.map((id) => encodeIncident(anIncident(id, 1))),
  ),

  'indexer-actions': indexing(
    (write) => activityStage(write, 'actions'),
    ids.map((id) => encodeActivityEntry(anAction(id))),
  ),

  'indexer-sources': indexing(
    (write) => sourcesStage(write, 'sources'),
    ids.map((id) => encodeSource(aSource(id, Date.UTC(2026, 10, 30)))),
  ),

  'indexer-dead-letters': indexing(
    (write) => deadLettersStage(write, 'dead'),
    ids.map((id) =>
      encodeDeadLetter({
        stage: 'enricher',
        reason: 'invalid_json',
        detail: 'no',
        source: { topic: 'raw', partition: 0, offset: id },
        original: { key: null, value: Buffer.from(id), headers: {} },
      }),
    ),
  ),
});
