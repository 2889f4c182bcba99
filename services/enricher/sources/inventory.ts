// The sources that are known, in bounded memory.
import { type Source, sourceIdOf } from '../../../shared/contracts/source.ts';
import { addSighting, type HeldSource, newSource, restoredSource, type Seen, settle } from './held-source.ts';
import { observeClear, type Outcome } from './record-ids.ts';
import type { SourceAlarm } from './reports.ts';
import type { SourcesSettings } from './settings.ts';
import type { Sighting } from './sighting.ts';

/** An alarm that the latest events ended. */
export interface EndedAlarm {
  readonly source: Source;
  readonly kind: SourceAlarm;
}

/** So much is dropped at a time, so that a flood of names is not sorted with each of them. */
const DROPPED_PART = 16;

/** See the top of the file. */
export class Inventory {
  readonly #settings: SourcesSettings;
  readonly #onRecord: (outcome: Outcome) => void;
  readonly #byId = new Map<string, HeldSource>();
  /** By host and channel as written: an id takes longer than the rest. At most twice `max`. */
  readonly #byName = new Map<string, Map<string, HeldSource>>();
  #names = 0;

  /** `onRecord` gets what each record was, but for those that are nothing special. */
  constructor(settings: SourcesSettings, onRecord: (outcome: Outcome) => void) {
    this.#settings = settings;
    this.#onRecord = onRecord;
  }

  get size(): number {
    return this.#byId.size;
  }

  all(): Iterable<HeldSource> {
    return this.#byId.values();
  }

  /** Adds the events of a batch, in order; gives the alarms that they end. */
  add(sightings: readonly Sighting[], seen: Seen): readonly EndedAlarm[] {
    const touched = new Set<HeldSource>();
    const arrived = new Set<HeldSource>();
    for (const sighting of sightings) {
      const held = this.#find(sighting, seen);
      const outcome = addSighting(held, sighting, seen);
      touched.add(held);
      if (outcome !== undefined && outcome !== 'seen') this.#onRecord(outcome);
      if (outcome === 'late') arrived.add(held);
      this.#clear(sighting);
    }
    const ended: EndedAlarm[] = [];
    for (const held of touched)
      for (const kind of settle(held, seen.receivingMs, this.#settings)) ended.push({ source: held.source, kind });
    for (const held of arrived) {
      held.change = 'urgent';
      if (held.ids?.missingCount === 0) ended.push({ source: held.source, kind: 'missing' });
    }
    return ended;
  }

  /** Takes over what an earlier process left, unless it is known better here. */
  restore(sources: Iterable<Source>, receivingMs: number): void {
    for (const source of sources)
      if (!this.#byId.has(source.id)) this.#byId.set(source.id, restoredSource(source, receivingMs, this.#settings));
  }

  /** Removes those that are to go. */
  remove(isGone: (held: HeldSource) => boolean): readonly HeldSource[] {
    const gone = [...this.#byId.values()].filter(isGone);
    for (const { source } of gone) this.#byId.delete(source.id);
    if (gone.length > 0) this.#clearNames();
    return gone;
  }

  /** Removes those beyond the bound: seen longest ago, those whose silence is not checked first. */
  removeExcess(): readonly HeldSource[] {
    const { max } = this.#settings;
    if (this.#byId.size <= max) return [];
    const isChecked = ({ source }: HeldSource): boolean => source.silentAfterMs !== undefined;
    const worstFirst = [...this.#byId.values()].sort(
      (one, other) =>
        Number(isChecked(one)) - Number(isChecked(other)) || one.source.lastSeenMs - other.source.lastSeenMs,
    );
    const gone = new Set(worstFirst.slice(0, this.#byId.size - max + Math.floor(max / DROPPED_PART)));
    return this.remove((held) => gone.has(held));
  }

  #clear({ host, cleared, atMs, receivedAtMs }: Sighting): void {
    if (cleared === undefined) return;
    const ids = this.#byId.get(sourceIdOf(host, cleared))?.ids;
    if (ids !== undefined) observeClear(ids, atMs ?? receivedAtMs);
  }

  #find(sighting: Sighting, seen: Seen): HeldSource {
    const { host, channel } = sighting;
    const known = this.#byName.get(host)?.get(channel);
    if (known !== undefined) return known;
    const id = sourceIdOf(host, channel);
    const held = this.#byId.get(id) ?? newSource(sighting, seen, this.#settings);
    this.#byId.set(id, held);
    this.#keepName(sighting, held);
    return held;
  }

  #keepName({ host, channel }: Sighting, held: HeldSource): void {
    if (this.#names >= 2 * this.#settings.max) this.#clearNames();
    const channels = this.#byName.get(host) ?? new Map<string, HeldSource>();
    // Copies: as parts of the event's text, the names would keep all of that in memory.
    channels.set(Buffer.from(channel).toString(), held);
    if (channels.size === 1) this.#byName.set(Buffer.from(host).toString(), channels);
    this.#names += 1;
  }

  #clearNames(): void {
    this.#byName.clear();
    this.#names = 0;
  }
}
