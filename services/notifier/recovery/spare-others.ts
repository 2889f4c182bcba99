// Work on many snapshots that one of them must not spoil.
import type { Incident } from '../../../shared/contracts/incident.ts';
import type { Logger } from '../../../shared/runtime/logger.ts';
import type { NotifierMetrics } from '../metrics.ts';
import { isOwnBug } from '../redis/state-lost.ts';

/** Where a skipped snapshot is counted and logged. */
interface SparingParts {
  readonly log: Pick<Logger, 'error'>;
  readonly metrics: Pick<NotifierMetrics, 'skippedRecords'>;
}

/**
 * Does the work with all, and where it meets a bug, with each alone: one that meets it is skipped.
 * The work may be repeated. Throws what is no bug.
 */
export async function spareOthers(
  parts: SparingParts,
  incidents: readonly Incident[],
  work: (incidents: readonly Incident[]) => Promise<void>,
): Promise<void> {
  try {
    await work(incidents);
  } catch (error) {
    if (!isOwnBug(error)) throw error;
    if (incidents.length > 1) {
      for (const incident of incidents) await spareOthers(parts, [incident], work);
      return;
    }
    parts.metrics.skippedRecords.inc({ topic: 'incidents' });
    parts.log.error(
      { err: error, incident: incidents[0]?.id },
      'a bug met with one snapshot; the rebuild goes on without it',
    );
  }
}
