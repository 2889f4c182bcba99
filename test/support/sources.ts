// A source with all of its optional fields.
import type { Source } from '../../shared/contracts/source.ts';

/** The snapshot of a source. */
export function aSource(id: string, nowMs: number, parts: Partial<Source> = {}): Source {
  return {
    id,
    host: 'srv01.example.org',
    channel: 'Security',
    input: 'lumberjack',
    sender: 'agent-web',
    agent: { name: 'winlogbeat', version: '8.19.0' },
    firstSeenMs: nowMs - 86_400_000,
    lastSeenMs: nowMs - 60_000,
    lastEventMs: nowMs - 61_000,
    events: 1000,
    lagMs: 1000,
    clock: { skewMs: -1000, isSettled: true },
    partition: 1,
    partitions: 6,
    watchedMs: 86_000_000,
    longestGapMs: 30_000,
    watch: 'rhythm',
    silentAfterMs: 900_000,
    silentSinceMs: nowMs - 60_000,
    records: {
      completeness: 'dense',
      highest: 9990,
      highestAtMs: nowMs - 61_000,
      runFrom: 8102,
      isDense: true,
      jumps: [8101],
      missing: [{ from: 8101, to: 8101, beforeMs: nowMs - 90_000, afterMs: nowMs - 89_000 }],
      missingCount: 1,
      clearedAtMs: nowMs - 3_600_000,
      restartedAtMs: nowMs - 3_500_000,
    },
    drift: { kind: 'late', sinceMs: nowMs - 30_000 },
    isDropped: true,
    updatedAtMs: nowMs,
    ...parts,
  };
}
