// The cause of a fault as other faults of the same host suggest it: a 309 on port 80 together with
// an event of HTTP.sys has a likely holder of the port.
import type { FilledIncident, Incident, IncidentEntity } from './incident.ts';
import { latestOf } from './incident-reducer.ts';
import { boundedMs } from './moment.ts';
import type { Remediation, RemediationCause } from './remediation.ts';

/** A fault nearby that names the cause. */
export interface SuspectedCause {
  readonly incidentId: string;
  /** What it means for the fault, in the words of the fault's own entry. */
  readonly text: string;
  /**
   * The event, e.g. `Microsoft-Windows-HttpEvent 15005`, and when it was last seen, epoch
   * milliseconds.
   */
  readonly event: string;
  readonly lastSeenMs: number;
}

type WithoutText = Omit<Incident, 'remediation'>;

/** A fault, of whose text only the other events that have to do with it are needed. */
type FaultWithSigns = WithoutText & { readonly remediation: Pick<Remediation, 'related'> };

/**
 * Those of `others` that the fault's entry calls a sign of its cause: same host, provider and event
 * id as named, near enough in time, and on the same port where both have one. Latest first.
 */
export function suspectedCauses(incident: FaultWithSigns, others: readonly Incident[]): readonly SuspectedCause[] {
  const signs = (incident.remediation.related ?? []).filter(({ relation }) => relation === 'names-cause');
  return others
    .filter(({ id, entity }) => id !== incident.id && isSame(entity.host, incident.entity.host))
    .filter(({ entity }) => areOfOnePort(entity, incident.entity))
    .flatMap((other) => {
      const { provider, eventId } = other.entity;
      // An event can come under another name of its provider than the one that entries speak of.
      const names = [provider, providerIn(other.remediation) ?? provider];
      const sign = signs.find(
        (each) =>
          names.some((name) => isSame(each.provider, name)) &&
          each.eventIds.includes(eventId) &&
          gapMs(incident, other) <= (each.withinMs ?? Number.POSITIVE_INFINITY),
      );
      if (sign === undefined) return [];
      const { id: incidentId, lastSeenMs } = other;
      return [{ incidentId, text: sign.text, event: `${provider} ${eventId}`, lastSeenMs }];
    })
    .toSorted((left, right) => right.lastSeenMs - left.lastSeenMs);
}

/**
 * Who probably has the port or the file, in a few words: as another fault of the host says, else by
 * the catalogue for these very values. Undefined where neither has a name for it.
 */
export function likelyHolderOf({ suspectedCause, remediation }: FilledIncident): string | undefined {
  const sign = (remediation.related ?? []).find(({ text }) => text === suspectedCause);
  const isNamed = ({ holder, isSpecific }: RemediationCause): boolean => isSpecific === true && holder !== undefined;
  return sign?.holder ?? remediation.causes.find(isNamed)?.holder;
}

function providerIn(remediation: Incident['remediation']): string | undefined {
  return 'entry' in remediation ? remediation.provider : remediation.about?.provider;
}

function areOfOnePort({ params: one }: IncidentEntity, { params: other }: IncidentEntity): boolean {
  return one['port'] === undefined || other['port'] === undefined || String(one['port']) === String(other['port']);
}

function isSame(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}

/**
 * The time between two faults of a host, 0 when they overlap. One dated ahead ends with its last
 * receipt, or it would be near to everything.
 */
function gapMs(left: WithoutText, right: WithoutText): number {
  const [one, other] = [spanOf(left), spanOf(right)];
  return Math.max(0, one.firstMs - other.lastMs, other.firstMs - one.lastMs);
}

function spanOf(incident: WithoutText): { readonly firstMs: number; readonly lastMs: number } {
  const lastMs = boundedMs(latestOf(incident));
  return { firstMs: Math.min(incident.firstSeenMs, lastMs), lastMs };
}
