// Documents of many agents and hostile ones into fresh backing indices, each of them as the first:
// nobody decides how another's is mapped.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { installTemplates } from '../../services/indexer/template-installer.ts';
import { eventStreamTemplate, type IndexMode } from '../../services/indexer/templates/event-stream.ts';
import { readEvent } from '../../shared/windows/read-event.ts';
import { toEcs } from '../../shared/windows/to-ecs.ts';
import { AGENT_EVENTS, COLLECTED_EVENTS, HOSTILE_EVENTS } from '../support/agent-events.ts';
import { type TestElasticsearch, testElasticsearch } from '../support/elasticsearch.ts';
import { quietLog } from '../support/log.ts';

type Json = Readonly<Record<string, unknown>>;

interface BulkAnswer {
  readonly items: readonly {
    readonly create: { readonly _id: string; readonly status: number; readonly error?: { readonly reason: string } };
  }[];
}

/** The document as the enricher writes it. */
function documentOf(name: string, text: string): Json {
  const read = readEvent(Buffer.from(text), 'utf-8');
  if (read.kind === 'bad') throw new Error(`${name}: ${read.detail}`);
  return toEcs(read.event, { receivedAt: '2026-11-20T09:00:05.000Z' });
}

const AGENTS = documentsOf(AGENT_EVENTS);
const EVENTS = [...AGENTS, ...documentsOf(HOSTILE_EVENTS)];
const REST = documentsOf(COLLECTED_EVENTS);

function documentsOf(events: Readonly<Record<string, string>>) {
  return Object.entries(events).map(([name, text]) => [name, documentOf(name, text)] as const);
}

/**
 * What of these is refused, written one after the other so far that the first has settled the
 * mapping before the others come.
 */
async function refusedOf(
  { elasticsearch }: TestElasticsearch,
  stream: string,
  [first, ...others]: typeof EVENTS,
): Promise<readonly string[]> {
  const refused: string[] = [];
  for (const group of [first === undefined ? [] : [first], others]) {
    const lines = group.flatMap(([_id, document]) => [JSON.stringify({ create: { _id } }), JSON.stringify(document)]);
    const body = Buffer.from(`${lines.join('\n')}\n`);
    const answer = await elasticsearch.request({ method: 'POST', path: `/${stream}/_bulk`, body });
    const { items } = answer.body as BulkAnswer;
    assert.equal(items.length, group.length);
    for (const { create } of items)
      if (create.status !== 201) refused.push(`${create._id} after ${first?.[0]}: ${create.error?.reason}`);
  }
  return refused;
}

/**
 * With a synthetic source documents are kept in another way, and mapped in the same: a few
 * beginnings are enough.
 */
const BEGINNINGS: Readonly<Partial<Record<IndexMode, number>>> = { standard: EVENTS.length, synthetic_source: 2 };

for (const mode of ['standard', 'synthetic_source'] as const satisfies readonly IndexMode[])
  test(`no event is refused, whichever came first into an index (${mode}) [case 39] [security H9]`, async (t) => {
    const corner = await testElasticsearch(t);
    const { elasticsearch, settings, count } = corner;
    const dataset = `order.${settings.namespace}`;
    const stream = `logs-${dataset}-default`;
    const template = eventStreamTemplate(dataset, mode);
    await installTemplates(elasticsearch, [{ template, kind: 'data stream', index: stream }], quietLog);
    const beginnings = BEGINNINGS[mode] ?? 0;
    for (let first = 0; first < beginnings; first += 1) {
      // The last first, so that it is the hostile ones that begin where only a few do.
      const order = [...EVENTS.slice(-1 - first), ...EVENTS.slice(0, -1 - first), ...REST];
      assert.deepEqual(await refusedOf(corner, stream, order), []);
      assert.equal(await count({ match_all: {} }, stream), order.length * (first + 1));
      for (const [query, what] of Object.entries(FOUND))
        assert.equal(await count(what, stream), first + 1, `${query} after ${order[0]?.[0]}`);
      await elasticsearch.request({ method: 'POST', path: `/${stream}/_rollover` });
    }
  });

/** What of the agents' events, and of those that do not fit, is found. */
const FOUND = {
  'a user': { bool: { filter: [{ term: { 'user.name': 'alice' } }, { term: { 'user.domain': 'EXAMPLE' } }] } },
  'an address': { term: { 'source.ip': '192.0.2.0/28' } },
  'a number': { range: { 'process.pid': { gte: 4711, lte: 4711 } } },
  'a label': { term: { 'labels.env': 'prod' } },
  'an operator’s field': { term: { 'fields.team': 'media' } },
  'a text where an object is': { term: { 'foghorn.misplaced.user': 'alice' } },
  'a field that nobody knows': { term: { 'foghorn.unmapped.custom.inner': 'an object' } },
  'a field that nobody knows among known ones': { term: { 'foghorn.unmapped.winlog.custom.a': 'mine' } },
};
