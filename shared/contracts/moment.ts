// When an event happened, by two clocks, and which of two came first.

/**
 * An event's place in time. Times are epoch milliseconds: `atMs` by the host's clock, the others by
 * Foghorn's.
 *
 * An event carries its host's time (`TimeCreated`), which may be wrong by any amount, by accident
 * or on purpose. Its receipt is a time of Foghorn's own clock, which may be late by any amount, but
 * never early: nothing happens after it was received. State follows from these rules:
 *
 * 1. **Event against event of the same host** (a fault and the evidence that it is gone): by the
 *    host's clock, which both share. A clock that is ahead of the receipt by more than a minute is
 *    trusted only when both events show the same lead; else an event counts as having happened at
 *    its receipt at the latest. Record ids of the same channel correct a clock that was set in
 *    between: when they contradict it, the order of receipt decides. One number alone, forged or
 *    broken, therefore orders nothing, and a date far ahead counts until its receipt and no longer.
 * 2. **Event against what Foghorn's clock says** (a person's resolution, a probe): by the event's
 *    time corrected by what is known of its host's clock (`HostClock`, the most that its events'
 *    times were ahead of their receipts lately). The correction never makes an event earlier than
 *    it was while the clock is steady, so that a fault that comes back after a resolution is always
 *    recognised. Nothing known, or a clock that was set back in between: the time of the receipt,
 *    so that people are notified when in doubt. Only a clock that is behind is corrected for: one
 *    forged date ahead must not make the host's other events look old.
 * 3. **Time that passes without an event** (stale, quiet, escalation, purge) counts by Foghorn's
 *    clock alone.
 *
 * The host's time is kept beside it for people, as the event has it.
 */
export interface EventMoment {
  readonly atMs: number;
  readonly receivedAtMs: number;
  /** `atMs` corrected by what was known of the host's clock, at most the receipt. */
  readonly correctedMs: number;
  /** Who sent it: what one sender says of a host's clock does not count for what another sends. */
  readonly sender?: string;
  /** Where it stands in its log; record ids are 64 bits, as decimal text. */
  readonly channel?: string;
  readonly recordId?: string;
}

/** What is known of a host's clock from its events of the last minutes. */
export interface HostClock {
  /**
   * The most that an event's time was ahead of its receipt, in milliseconds; below 0: behind. The
   * clock is ahead by at least so much, and behind by at most so much.
   */
  readonly skewMs: number;
  /**
   * For a clock behind: its events are steadily late by the same time, which a delivery that
   * catches up is not.
   */
  readonly isSettled: boolean;
}

/**
 * A clock that is ahead by no more than this is trusted; a larger lead is shown to people, tagged
 * on events, and bounded by the receipt.
 */
export const CLOCK_TOLERANCE_MS = 60_000;
/** How long the state of a host's clock is kept after an event. */
export const CLOCK_KNOWN_MS = 15 * 60_000;

/** The place of an event in time. */
type EventTimes = Omit<EventMoment, 'correctedMs'>;

/**
 * By how much the event's time is ahead of its receipt, in milliseconds; below 0: behind, or
 * delivered late.
 */
function leadMs({ atMs, receivedAtMs }: Pick<EventMoment, 'atMs' | 'receivedAtMs'>): number {
  return atMs - receivedAtMs;
}

/**
 * Corrects an event's time. `before`: the latest event known of the same host, where there is one.
 */
export function momentOf(times: EventTimes, clock?: HostClock, before?: EventMoment): EventMoment {
  const { atMs, receivedAtMs } = times;
  const wasSetBack = before !== undefined && byRecordId(times, before) > 0 && atMs < before.atMs;
  const isOfClock =
    before !== undefined &&
    before.sender === times.sender &&
    Math.abs(receivedAtMs - before.receivedAtMs) <= CLOCK_KNOWN_MS;
  const known = [clock?.skewMs, isOfClock ? leadMs(before) : undefined].filter((skewMs) => skewMs !== undefined);
  const skewMs = Math.max(leadMs(times), ...known.filter((each) => each <= CLOCK_TOLERANCE_MS));
  return { ...times, correctedMs: wasSetBack ? receivedAtMs : Math.min(receivedAtMs, atMs - Math.min(0, skewMs)) };
}

/**
 * The order of two events of one host: above 0 when `one` came after `other`, 0 when nothing orders
 * them.
 */
export function compareMoments(one: EventTimes, other: EventTimes): number {
  const byClock = Math.sign(
    isOneClock(leadMs(one), leadMs(other)) ? one.atMs - other.atMs : boundedMs(one) - boundedMs(other),
  );
  const byRecord = byRecordId(one, other);
  if (byRecord === 0 || byRecord === byClock) return byClock;
  if (byClock === 0) return byRecord;
  return Math.sign(one.receivedAtMs - other.receivedAtMs) || byRecord;
}

/**
 * An event's time, at most its receipt: for what compares events of several hosts, or may not reach
 * into the future.
 */
export function boundedMs({ atMs, receivedAtMs }: Pick<EventMoment, 'atMs' | 'receivedAtMs'>): number {
  return Math.min(atMs, receivedAtMs);
}

/**
 * A note for people about a clock; undefined while it is about right. A few late events may be due
 * to the clock or to the delivery.
 */
export function clockStateOf({ skewMs, isSettled }: HostClock): 'ahead' | 'behind' | 'late_or_behind' | undefined {
  if (skewMs > CLOCK_TOLERANCE_MS) return 'ahead';
  if (skewMs >= -CLOCK_TOLERANCE_MS) return undefined;
  return isSettled ? 'behind' : 'late_or_behind';
}

function isOneClock(lead: number, otherLead: number): boolean {
  return (
    Math.abs(lead - otherLead) <= CLOCK_TOLERANCE_MS || (lead <= CLOCK_TOLERANCE_MS && otherLead <= CLOCK_TOLERANCE_MS)
  );
}

/** 0 where they are of different channels, or one does not say. */
function byRecordId(one: EventTimes, other: EventTimes): number {
  if (one.channel === undefined || one.channel !== other.channel) return 0;
  if (one.recordId === undefined || other.recordId === undefined) return 0;
  // Decimal without leading zeros: the longer is the larger.
  const byLength = one.recordId.length - other.recordId.length;
  if (byLength !== 0) return Math.sign(byLength);
  return one.recordId === other.recordId ? 0 : one.recordId < other.recordId ? -1 : 1;
}
