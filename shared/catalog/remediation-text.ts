// The text of a remediation as alerts and incidents carry it, filled in with the entry that they
// name.
import type { FilledIncident, Incident } from '../contracts/incident.ts';
import type { RelatedEvent, Remediation, UnfilledRemediation } from '../contracts/remediation.ts';
import { renderRelated, renderRemediation } from './render.ts';
import type { CatalogEntry } from './schema.ts';

/** Finds the entry of an id, see `entryIdOf`; undefined where it is unknown. */
export type FindEntry = (id: string) => CatalogEntry | undefined;

/** The remediation in full. One whose entry is unknown says so. */
export function fillRemediation(remediation: Incident['remediation'], find: FindEntry): Remediation {
  if (!('entry' in remediation)) return remediation;
  const entry = find(remediation.entry);
  return entry === undefined
    ? withoutText(remediation)
    : renderRemediation(entry, remediation.params, remediation.host);
}

/** The incident with its remediation in full. */
export function fillIncident(incident: Incident, find: FindEntry): FilledIncident {
  return { ...incident, remediation: fillRemediation(incident.remediation, find) };
}

/** Of the remediation only the other events that have to do with the fault. */
export function relatedEventsOf(
  { remediation }: Pick<Incident, 'remediation'>,
  find: FindEntry,
): readonly RelatedEvent[] {
  if (!('entry' in remediation)) return remediation.related ?? [];
  const entry = find(remediation.entry);
  return entry === undefined ? [] : renderRelated(entry, remediation.params, remediation.host);
}

function withoutText({ ruleId, ruleVersion, title, faultClass, severity, entry }: UnfilledRemediation): Remediation {
  return {
    ruleId,
    ruleVersion,
    title,
    faultClass,
    severity,
    summary: `The text of this repair is missing: foghorn.catalog does not hold entry ${entry}, version ${ruleVersion} of ${ruleId}. An enricher with that version writes it when it starts.`,
    causes: [],
    options: [],
    verification: [],
    notes: [],
    references: [],
  };
}
