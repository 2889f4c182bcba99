// The clocks of hosts, estimated from their events by sender. Kept in memory only, for the last
// minutes and a bounded number of hosts: a restart estimates anew.
import { CLOCK_KNOWN_MS, CLOCK_TOLERANCE_MS, type HostClock } from '../../shared/contracts/moment.ts';

/** Estimates of hosts' clocks. */
export interface HostClocks {
  /**
   * Records an event and returns the estimate of its host's clock. Times are epoch milliseconds.
   */
  record(event: ClockEvent): HostClock;
}

/** An event, by the host's clock and by the collector's. */
interface ClockEvent {
  readonly host: string;
  readonly sender: string;
  readonly atMs: number;
  readonly receivedAtMs: number;
}

interface Window {
  sinceMs: number;
  /** The largest lead of the events that are not ahead. */
  lead: number | undefined;
  /** The smallest lead of those that are. */
  leadAhead: number | undefined;
  count: number;
  countAhead: number;
}

interface Known {
  readonly sender: string;
  /** The turn at which it was moved to the end of the order. */
  turn: number | undefined;
  now: Window;
  before: Window | undefined;
  /**
   * An earlier event of the window, to distinguish a clock that is behind from a delivery that
   * catches up.
   */
  anchor: { readonly receivedAtMs: number; readonly lead: number };
  isSettled: boolean;
}

const MAX_HOSTS = 20_000;
/**
 * A name in DNS has 253 characters at most; an event may have one of any length, and each takes
 * memory.
 */
const MAX_HOST_CHARACTERS = 255;
/**
 * A clock is behind when events were late by the same time for this long; a delivery that catches
 * up is less late each time.
 */
const SETTLED_AFTER_MS = 2000;
const SETTLED_WITHIN = 0.2;
/** The usual difference between deliveries. */
const JITTER_MS = 1000;

/**
 * Empty estimates. The host seen longest ago is dropped first. One sender's events do not count for
 * what another sends in the host's name.
 */
export function createHostClocks(maxHosts = MAX_HOSTS): HostClocks {
  const hosts = new Map<string, Known>();
  const fewTurns = Math.floor(maxHosts / 8);
  let turns = 0;
  // By the names as written: a host's name is seldom written in two ways, and its key takes longer
  // than the rest.
  const recent = new Map<string, Known>();
  const knownOf = ({ host, sender, receivedAtMs }: ClockEvent, lead: number): Known => {
    const seen = recent.get(host);
    // A host that was moved to the end not long ago was not dropped since.
    if (seen?.turn !== undefined && seen.sender === sender && turns - seen.turn < fewTurns) return seen;
    // The length keeps a host's name from reaching into that of another sender.
    const key = `${sender.length} ${sender} ${host.slice(0, MAX_HOST_CHARACTERS).toLowerCase()}`;
    const known = hosts.get(key) ?? beginning(sender, receivedAtMs, lead);
    if (known.turn === undefined || turns - known.turn >= fewTurns) {
      // A map keeps the order of insertion; a host that was moved not long ago stays.
      hosts.delete(key);
      hosts.set(key, known);
      turns += 1;
      known.turn = turns;
    }
    if (hosts.size > maxHosts) for (const oldest of hosts.keys()) if (hosts.delete(oldest)) break;
    keepRecent(recent, host, known);
    return known;
  };
  return {
    record: (event) => {
      const { atMs, receivedAtMs } = event;
      const lead = atMs - receivedAtMs;
      const known = knownOf(event, lead);
      if (receivedAtMs - known.now.sinceMs >= CLOCK_KNOWN_MS) turn(known, receivedAtMs);
      take(known.now, lead);
      settle(known, receivedAtMs, lead);
      return { skewMs: skewOf(known), isSettled: known.isSettled };
    },
  };
}

function emptyWindow(sinceMs: number): Window {
  return { sinceMs, lead: undefined, leadAhead: undefined, count: 0, countAhead: 0 };
}

const MAX_RECENT = 4096;

function keepRecent(recent: Map<string, Known>, host: string, known: Known): void {
  if (host.length > MAX_HOST_CHARACTERS) return;
  if (recent.size >= MAX_RECENT) recent.clear();
  // A copy: as a part of the event's text, the name would keep all of that in memory.
  recent.set(Buffer.from(host).toString(), known);
}

function beginning(sender: string, receivedAtMs: number, lead: number): Known {
  return {
    sender,
    turn: undefined,
    now: emptyWindow(receivedAtMs),
    before: undefined,
    anchor: { receivedAtMs, lead },
    isSettled: false,
  };
}

/** The window before counts only when this one follows it. */
function turn(known: Known, receivedAtMs: number): void {
  known.before = receivedAtMs - known.now.sinceMs < 2 * CLOCK_KNOWN_MS ? known.now : undefined;
  known.now = emptyWindow(receivedAtMs);
}

function take(window: Window, lead: number): void {
  window.count += 1;
  if (lead > CLOCK_TOLERANCE_MS) {
    window.countAhead += 1;
    window.leadAhead = Math.min(window.leadAhead ?? Infinity, lead);
  } else window.lead = Math.max(window.lead ?? -Infinity, lead);
}

/** One event dated ahead among others does not prove that the clock is. */
function skewOf({ now, before }: Known): number {
  const count = now.count + (before?.count ?? 0);
  const countAhead = now.countAhead + (before?.countAhead ?? 0);
  if (countAhead * 2 > count) return Math.min(now.leadAhead ?? Infinity, before?.leadAhead ?? Infinity);
  return Math.max(now.lead ?? -Infinity, before?.lead ?? -Infinity);
}

function settle(known: Known, receivedAtMs: number, lead: number): void {
  const spanMs = receivedAtMs - known.anchor.receivedAtMs;
  if (spanMs < SETTLED_AFTER_MS) return;
  known.isSettled = Math.abs(lead - known.anchor.lead) <= Math.max(JITTER_MS, spanMs * SETTLED_WITHIN);
  known.anchor = { receivedAtMs, lead };
}
