// The rhythm of a source: the longest gap between its events lately, and the silence that is none.
// Pure; times are of `ReceivingTime`, milliseconds.
import { matchesHost } from '../../../shared/contracts/host-patterns.ts';
import type { Source } from '../../../shared/contracts/source.ts';
import { SEND_AGENT } from './agent.ts';
import type { SourcesSettings } from './settings.ts';

/** Silent after so many times the longest gap. */
const TIMES_LONGEST = 4;
/** A source that is quiet for so long anyway (a workstation at night) shows nothing by it. */
const IRREGULAR_MS = 6 * 60 * 60_000;
/** In this time half of the longest gap is lost: a weekend counts at the next one. */
const HALF_LIFE_MS = 7 * 24 * 60 * 60_000;
/** An outage of a source makes the longest gap no more than so many times as long. */
const MOST_GROWTH = 2;

type Rhythm = Pick<Source, 'watchedMs' | 'longestGapMs'>;
type RhythmSettings = Pick<SourcesSettings, 'learningMs' | 'learnsRhythm' | 'limits' | 'minSilentMs'>;

/** The rhythm after a gap between two events. */
export function afterGap({ watchedMs, longestGapMs }: Rhythm, gapMs: number, settings: RhythmSettings): Rhythm {
  const decayed = longestGapMs * 2 ** (-gapMs / HALF_LIFE_MS);
  const mostMs = MOST_GROWTH * Math.max(longestGapMs, settings.minSilentMs / TIMES_LONGEST);
  // While it is learned each gap is taken for usual.
  const takenMs = watchedMs < settings.learningMs ? gapMs : Math.min(gapMs, mostMs);
  return { watchedMs: watchedMs + gapMs, longestGapMs: Math.round(Math.max(takenMs, decayed)) };
}

/** How the silence of a source is checked now, and from when on it counts. */
export function watchOf(
  { host, channel = '', agent, watchedMs, longestGapMs }: Rhythm & Pick<Source, 'host' | 'channel' | 'agent'>,
  { learningMs, learnsRhythm, limits, minSilentMs }: RhythmSettings,
): Pick<Source, 'watch' | 'silentAfterMs'> {
  // Log files that somebody sends have an end.
  if (agent?.name === SEND_AGENT) return { watch: 'off' };
  const limit = limits.find((each) => matchesHost(host, each.hosts) && matchesHost(channel, each.channels));
  if (limit !== undefined)
    return limit.silentAfterMs === 0 ? { watch: 'off' } : { watch: 'limit', silentAfterMs: limit.silentAfterMs };
  if (!learnsRhythm) return { watch: 'off' };
  if (watchedMs < learningMs) return { watch: 'learning' };
  if (longestGapMs >= IRREGULAR_MS) return { watch: 'irregular' };
  return { watch: 'rhythm', silentAfterMs: Math.max(minSilentMs, TIMES_LONGEST * longestGapMs) };
}
