// What an event shows of its source: small enough to be kept until the event is committed.
import type { HostClock } from '../../../shared/contracts/moment.ts';
import type { RawEvent } from '../../../shared/contracts/raw-event.ts';
import type { WindowsEvent } from '../../../shared/contracts/windows-event.ts';
import { type AgentSigns, agentSignsOf } from './agent.ts';
import { clearedBy, recordIdOf } from './record-of.ts';

/** What an event shows. Times are epoch milliseconds. */
export interface Sighting {
  readonly host: string;
  /** Empty where the event names none. */
  readonly channel: string;
  readonly input: string;
  readonly sender: string;
  readonly receivedAtMs: number;
  /** The event's own time, where it has one. */
  readonly atMs: number | undefined;
  /** Absent where its log is not that of the host's channel. */
  readonly recordId: number | undefined;
  /** The channel whose log was cleared, where the event says that one was. */
  readonly cleared: string | undefined;
  readonly clock: HostClock | undefined;
  readonly agent: AgentSigns;
}

/** A raw event with what it shows, from when it is enriched on. */
export interface SightedEvent extends RawEvent {
  sighting?: Sighting;
}

/** Gets an event that made a document, with its times. */
export type OnEvent = (raw: RawEvent, event: WindowsEvent, times: Pick<Sighting, 'atMs' | 'clock'>) => void;

/** What the event shows; undefined where it does not say which computer it is of. */
export function sightingOf(
  event: WindowsEvent,
  raw: RawEvent,
  { atMs, clock }: Pick<Sighting, 'atMs' | 'clock'>,
): Sighting | undefined {
  const { computer, channel = '' } = event;
  if (computer === undefined) return undefined;
  const { input, sender, receivedAtMs } = raw;
  return {
    host: computer,
    channel,
    input,
    sender,
    receivedAtMs,
    atMs,
    recordId: recordIdOf(event),
    cleared: clearedBy(event),
    clock,
    agent: agentSignsOf(event, raw),
  };
}
