// The inventory of sources beside the enricher's stage: counts what was committed, checks silence,
// lag and clocks, and keeps its snapshots in foghorn.sources.
import type { Catalog } from '../../../shared/catalog/schema.ts';
import type { RawEvent } from '../../../shared/contracts/raw-event.ts';
import type { OutRecord } from '../../../shared/contracts/record.ts';
import {
  encodeSource,
  encodeSourceRemoval,
  type Source,
  SOURCE_STATES,
  sourceStateOf,
} from '../../../shared/contracts/source.ts';
import type { LagLook } from '../../../shared/kafka/lag.ts';
import type { RecordProducer } from '../../../shared/kafka/producer.ts';
import type { StageWatcher } from '../../../shared/kafka/stage-watcher.ts';
import { errorText, Unavailable } from '../../../shared/runtime/errors.ts';
import type { Logger } from '../../../shared/runtime/logger.ts';
import type { EnricherMetrics } from '../metrics.ts';
import { ReceivingTime } from './receiving-time.ts';
import { check, type HeldSource, refresh, snapshotOfSource } from './held-source.ts';
import { Inventory } from './inventory.ts';
import { createReport, type OwnEvent, type ReportOwnEvent } from './own-events.ts';
import { due, snapshotOf } from './record-ids.ts';
import { ended, ofInput, raised, recordsMissing } from './reports.ts';
import type { SourcesSettings } from './settings.ts';
import { type OnEvent, type SightedEvent, type Sighting, sightingOf } from './sighting.ts';

/** Dependencies of the inventory. */
interface SourcesParts {
  readonly settings: SourcesSettings;
  readonly producer: Pick<RecordProducer, 'send'>;
  readonly log: Logger;
  readonly metrics: EnricherMetrics;
  readonly catalog: Catalog;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /**
   * Reads the snapshots of sources that were seen in these partitions last; waits for Kafka as long
   * as it takes. Rejects only when `signal` aborts.
   */
  readonly readSnapshots: (partitions: ReadonlySet<number>, signal: AbortSignal) => Promise<Iterable<Source>>;
}

/** Events that may wait until the snapshots are read; beyond it they are not counted. */
const MAX_WAITING = 200_000;
const SENT_AT_A_TIME = 2000;

interface Times {
  /** Epoch milliseconds. */
  readonly nowMs: number;
  /** The time of `ReceivingTime` up to which all events are done. */
  readonly doneMs: number;
}

/** See the top of the file. */
export class Sources implements StageWatcher<RawEvent> {
  readonly lookEveryMs: number;
  readonly #parts: SourcesParts;
  readonly #inventory: Inventory;
  readonly #receiving: ReceivingTime;
  #report: ReportOwnEvent;
  #own: ReadonlySet<number> = new Set();
  /** Of the topic, by the latest look. */
  #partitions: number | undefined;
  #loading = new AbortController();
  #isLoaded = false;
  #waiting: { readonly sightings: readonly Sighting[]; readonly partition: number }[] = [];
  readonly #outbox: OutRecord[] = [];
  #sending: Promise<void> | undefined;

  constructor(parts: SourcesParts) {
    this.#parts = parts;
    this.lookEveryMs = parts.settings.checkMs;
    this.#inventory = new Inventory(parts.settings, (outcome) => parts.metrics.sourceRecords.inc({ outcome }));
    this.#receiving = new ReceivingTime(parts.settings);
    this.#report = createReport(parts.catalog);
  }

  /** A changed catalogue. */
  useCatalog(catalog: Catalog): void {
    this.#report = createReport(catalog);
  }

  /** Notes what an event shows; it counts when the event is committed. */
  readonly onEvent: OnEvent = (raw: SightedEvent, event, times) => {
    const sighting = sightingOf(event, raw, times);
    if (sighting !== undefined) raw.sighting = sighting;
  };

  onAssigned(partitions: readonly number[]): void {
    const before = this.#own;
    this.#own = new Set(partitions);
    this.#inventory.remove(({ source }) => !this.#own.has(source.partition));
    const isWhole = this.#isLoaded && partitions.every((partition) => before.has(partition));
    if (isWhole) return;
    this.#loading.abort();
    this.#loading = new AbortController();
    this.#isLoaded = false;
    void this.#load(this.#own, this.#loading.signal);
  }

  /** Whoever has a partition next reads its snapshots when it gets it. */
  onRebalancing(): void {
    this.#collect(() => true);
    this.#send();
  }

  onCommitted(values: readonly SightedEvent[], partition: number): void {
    const sightings: Sighting[] = [];
    for (const { sighting } of values) if (sighting !== undefined) sightings.push(sighting);
    if (sightings.length === 0) return;
    this.#waiting.push({ sightings, partition });
    this.#addWaiting();
  }

  onLook(look: LagLook): void {
    const { metrics, settings, now } = this.#parts;
    const nowMs = now();
    // What was there at the look before is done where nothing waits.
    const doneMs = this.#receiving.receivingMs;
    const change = this.#receiving.look(look.atMs, look.written);
    this.#partitions = look.partitions;
    if (change !== undefined) this.#reportAll([ofInput(change.kind, change.sinceMs, nowMs)]);
    this.#addWaiting();
    if (this.#isLoaded) {
      this.#checkAll(look, { nowMs, doneMs });
      this.#removed(this.#inventory.remove(({ source }) => nowMs - source.lastSeenMs >= settings.dropAfterMs));
      this.#collect(({ source, change: own }) => own === 'urgent' || nowMs - source.updatedAtMs >= settings.snapshotMs);
    }
    this.#send();
    this.#count(metrics);
  }

  /** Writes what is not written yet; gives up when `deadline` aborts. */
  async stop(deadline: AbortSignal): Promise<void> {
    this.#loading.abort();
    this.#collect(() => true);
    this.#send();
    await Promise.race([
      this.#sending,
      new Promise<void>((resolve) => deadline.addEventListener('abort', () => resolve(), { once: true })),
    ]);
  }

  async #load(partitions: ReadonlySet<number>, signal: AbortSignal): Promise<void> {
    const { log, readSnapshots } = this.#parts;
    try {
      const snapshots = await readSnapshots(partitions, signal);
      if (signal.aborted) return;
      this.#inventory.restore(snapshots, this.#receiving.receivingMs);
      this.#isLoaded = true;
      log.info({ sources: this.#inventory.size, partitions: [...partitions] }, 'sources read');
      this.#addWaiting();
    } catch (error) {
      if (signal.aborted) return;
      // Only a bug ends here: it has to end the process.
      setImmediate(() => {
        throw error;
      });
    }
  }

  #addWaiting(): void {
    const partitions = this.#partitions;
    if (!this.#isLoaded || partitions === undefined) {
      this.#boundWaiting();
      return;
    }
    const { now, metrics } = this.#parts;
    const { receivingMs } = this.#receiving;
    const batches = this.#waiting;
    this.#waiting = [];
    const over = batches
      .filter(({ partition }) => this.#own.has(partition))
      .flatMap(({ sightings, partition }) => this.#inventory.add(sightings, { receivingMs, partition, partitions }));
    const nowMs = now();
    for (const { kind } of over) metrics.sourceAlarmsEnded.inc({ kind });
    this.#reportAll(over.map(({ source, kind }) => ended(source, kind, nowMs)));
    this.#removed(this.#inventory.removeExcess());
    if (over.length === 0) return;
    this.#collect(({ change }) => change === 'urgent');
    this.#send();
  }

  /** What comes while snapshots cannot be read is bounded; the oldest is dropped, and counted. */
  #boundWaiting(): void {
    let count = this.#waiting.reduce((sum, { sightings }) => sum + sightings.length, 0);
    while (count > MAX_WAITING) {
      const dropped = this.#waiting.shift()?.sightings.length ?? 0;
      count -= dropped;
      this.#parts.metrics.sourceEventsUncounted.inc(dropped);
    }
  }

  /** A partition in which records wait shows no silence: what is missed may be among them. */
  #checkAll({ waiting, partitions }: LagLook, { nowMs, doneMs }: Times): void {
    const { settings, metrics } = this.#parts;
    const { receivingMs } = this.#receiving;
    const events: OwnEvent[] = [];
    for (const held of this.#inventory.all()) {
      const { source } = held;
      refresh(held, receivingMs, settings);
      // Since partitions were added another process may have it: until its next event it is not
      // checked here.
      if (waiting.get(source.partition) !== 0 || source.partitions !== partitions) continue;
      const lost = this.#lost(held, { nowMs, doneMs });
      if (lost !== undefined) events.push(lost);
      const alarm = check(held, doneMs, settings);
      if (alarm === undefined) continue;
      if (alarm === 'silent') source.silentSinceMs = source.lastSeenMs;
      else source.drift = { kind: alarm, sinceMs: nowMs };
      held.change = 'urgent';
      metrics.sourceAlarms.inc({ kind: alarm });
      events.push(raised(source, alarm, nowMs));
    }
    this.#reportAll(events);
  }

  /** The event of records that are missing for long enough now. */
  #lost(held: HeldSource, { nowMs, doneMs }: Times): OwnEvent | undefined {
    const { ids, rules, source } = held;
    const lost = ids === undefined ? [] : due(ids, doneMs, rules);
    if (ids === undefined || lost.length === 0) return undefined;
    const { sourceRecords, sourceAlarms } = this.#parts.metrics;
    sourceRecords.inc(
      { outcome: 'missing' },
      lost.reduce((sum, { from, to }) => sum + to - from + 1, 0),
    );
    sourceAlarms.inc({ kind: 'missing' });
    held.change = 'urgent';
    return recordsMissing(source, snapshotOf(ids, rules), nowMs);
  }

  #reportAll(events: readonly OwnEvent[]): void {
    this.#outbox.push(...events.flatMap(this.#report));
  }

  /** Those beyond the bound, and those not seen for long. */
  #removed(gone: readonly HeldSource[]): void {
    const nowMs = this.#parts.now();
    for (const { source } of gone)
      this.#outbox.push(
        encodeSource({ ...source, isDropped: true, updatedAtMs: Math.max(nowMs, source.updatedAtMs + 1) }),
        encodeSourceRemoval(source.id),
      );
    this.#parts.metrics.sourcesDropped.inc(gone.length);
  }

  /** Puts the snapshots of what has changed into the outbox, where `isDue`. */
  #collect(isDue: (held: HeldSource) => boolean): void {
    const nowMs = this.#parts.now();
    for (const held of this.#inventory.all()) {
      if (held.change === 'none' || !isDue(held)) continue;
      held.change = 'none';
      held.source.updatedAtMs = Math.max(nowMs, held.source.updatedAtMs + 1);
      this.#outbox.push(encodeSource(snapshotOfSource(held)));
    }
  }

  #send(): void {
    if (this.#outbox.length === 0) return;
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined;
    });
  }

  /** What Kafka does not take now is sent after the next look. */
  async #sendAll(): Promise<void> {
    const { producer, log } = this.#parts;
    while (this.#outbox.length > 0) {
      const records = this.#outbox.slice(0, SENT_AT_A_TIME);
      try {
        await producer.send(records);
      } catch (error) {
        if (!(error instanceof Unavailable)) throw error;
        log.debug({ detail: errorText(error) }, 'the state of sources is written later');
        return;
      }
      this.#outbox.splice(0, records.length);
    }
  }

  #count({ sources }: EnricherMetrics): void {
    const counts = new Map(SOURCE_STATES.map((state) => [state, 0]));
    for (const { source } of this.#inventory.all()) {
      const state = sourceStateOf(source);
      counts.set(state, (counts.get(state) ?? 0) + 1);
    }
    counts.delete('dropped');
    for (const [state, count] of counts) sources.set({ state }, count);
  }
}
