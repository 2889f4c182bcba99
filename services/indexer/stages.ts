// The indexer's five stages: events, activity entries and dead letters into their data streams,
// snapshots of incidents and sources into their indices.
import { deadLettersTopic, type ReadDeadLetter } from '../../shared/contracts/dead-letter.ts';
import { eventsTopic, type IndexableEvent } from '../../shared/contracts/enriched-event.ts';
import { type ActivityEntry, activityTopic } from '../../shared/contracts/activity.ts';
import { type Incident, incidentsTopic } from '../../shared/contracts/incident.ts';
import type { Topic } from '../../shared/contracts/record.ts';
import { type Source, sourcesTopic } from '../../shared/contracts/source.ts';
import { toSourceDocument } from '../../shared/contracts/source-document.ts';
import type { Stage, StageName, Verdict } from '../../shared/contracts/stage.ts';
import type { RemediationTexts } from '../../shared/kafka/remediation-texts.ts';
import { ECS_VERSION } from '../../shared/ecs/ecs-fields.ts';
import { errorText } from '../../shared/runtime/errors.ts';
import { activityDocument } from './activity-document.ts';
import type { BulkItem, BulkTarget } from './bulk-request.ts';
import type { WriteBulk } from './bulk-writer.ts';
import { deadLetterDocument } from './dead-letter-document.ts';
import { incidentDocument } from './incident-document.ts';
import { toVerdict } from './verdict.ts';

/** Events, their bytes as they are; `onCreated` is called for each that was not there before. */
export function eventsStage(
  write: WriteBulk,
  index: string,
  onCreated: (event: IndexableEvent) => void,
): Stage<IndexableEvent> {
  const target: BulkTarget = { index, action: 'create' };
  return {
    name: 'indexer',
    from: eventsTopic,
    async handle(batch, signal, { mayRepeat }) {
      const settled = await write(target, batch.map(eventItem), { signal, mayRepeat });
      return settled.map((outcome, index) => {
        const event = batch[index];
        if (outcome.kind === 'created' && event !== undefined) onCreated(event);
        return toVerdict(outcome);
      });
    },
  };
}

/**
 * An event sent twice may have been written first at its own time; a replayed dead letter, at its
 * first receipt.
 */
function eventItem({ id, json, createdAtMs, receivedAtMs, content }: IndexableEvent): BulkItem {
  const item: { -readonly [K in keyof BulkItem]: BulkItem[K] } = { id, document: json };
  if (createdAtMs !== undefined) item.sinceMs = Math.min(createdAtMs, receivedAtMs);
  if (content !== undefined) item.content = content;
  return item;
}

/**
 * Incident snapshots, their remediation in full: the highest revision wins, whatever the order.
 */
export function incidentsStage(
  write: WriteBulk,
  index: string,
  texts: Pick<RemediationTexts, 'load' | 'fill'>,
): Stage<Incident> {
  const { handle, ...stage } = documentStage({
    name: 'indexer-incidents',
    from: incidentsTopic,
    target: { index, action: 'index' },
    write,
    toItem: (incident) => ({
      id: incident.id,
      version: incident.revision,
      document: Buffer.from(JSON.stringify(incidentDocument(texts.fill(incident))), 'utf8'),
    }),
  });
  return {
    ...stage,
    async handle(batch, signal, delivery) {
      await texts.load(batch, signal);
      return await handle(batch, signal, delivery);
    },
  };
}

/** Snapshots of sources: the latest wins, whatever the order. */
export function sourcesStage(write: WriteBulk, index: string): Stage<Source> {
  return documentStage({
    name: 'indexer-sources',
    from: sourcesTopic,
    target: { index, action: 'index' },
    write,
    toItem: (source) => ({
      id: source.id,
      version: source.updatedAtMs,
      document: Buffer.from(JSON.stringify({ ...toSourceDocument(source), ecs: { version: ECS_VERSION } }), 'utf8'),
    }),
  });
}

/** Activity entries. */
export function activityStage(write: WriteBulk, index: string): Stage<ActivityEntry> {
  return documentStage({
    name: 'indexer-actions',
    from: activityTopic,
    target: { index, action: 'create' },
    write,
    toItem: (action) => ({
      id: action.id,
      sinceMs: action.atMs,
      document: Buffer.from(JSON.stringify(activityDocument(action)), 'utf8'),
    }),
  });
}

/**
 * Dead letters, for search. They make no further dead letters: one that Elasticsearch refuses is
 * counted and stays in its topic, where it is read by `foghorn deadletters`.
 */
export function deadLettersStage(write: WriteBulk, index: string): Stage<ReadDeadLetter> {
  const { handle, ...stage } = documentStage({
    name: 'indexer-dead-letters',
    from: deadLettersTopic,
    target: { index, action: 'create' },
    write,
    toItem: (letter) => ({
      id: letter.id,
      sinceMs: letter.atMs,
      document: Buffer.from(JSON.stringify(deadLetterDocument(letter)), 'utf8'),
    }),
  });
  return {
    ...stage,
    async handle(batch, signal, delivery) {
      const verdicts = await handle(batch, signal, delivery);
      return verdicts.map((verdict) => (verdict.kind === 'dead' ? { kind: 'skip', reason: verdict.reason } : verdict));
    },
  };
}

interface DocumentStage<In> {
  readonly name: StageName;
  readonly from: Topic<In>;
  readonly target: BulkTarget;
  readonly write: WriteBulk;
  readonly toItem: (value: In) => BulkItem;
}

/** A value without a document becomes a dead letter; the other records are indexed. */
function documentStage<In>({ name, from, target, write, toItem }: DocumentStage<In>): Stage<In> {
  return {
    name,
    from,
    async handle(batch, signal, { mayRepeat }) {
      const made = batch.map((value) => attempt(() => toItem(value)));
      const items = made.flatMap((result) => (result.kind === 'item' ? [result.item] : []));
      const settled = (await write(target, items, { signal, mayRepeat })).values();
      return made.map((result): Verdict => {
        if (result.kind === 'dead') return result;
        const { value } = settled.next();
        if (value === undefined) throw new Error(`The writer settled fewer documents than it got for ${target.index}.`);
        return toVerdict(value);
      });
    },
  };
}

type Attempt = { readonly kind: 'item'; readonly item: BulkItem } | (Verdict & { readonly kind: 'dead' });

function attempt(make: () => BulkItem): Attempt {
  try {
    return { kind: 'item', item: make() };
  } catch (error) {
    return { kind: 'dead', reason: 'internal', detail: `it makes no document: ${errorText(error)}` };
  }
}
