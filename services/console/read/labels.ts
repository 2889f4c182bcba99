// The labels of incidents as the console knows them, and the silences that match them: without the
// host's addresses and without labels that the notifier's configuration adds. Pure.
import { readAll } from '../../../shared/matchers/breadth.ts';
import { type Labels, type Matcher, matchesAll } from '../../../shared/matchers/matcher.ts';
import type { IncidentView, SilenceView } from './views.ts';

/** What the labels are made of. */
export type Labelled = Pick<
  IncidentView,
  'id' | 'severity' | 'rule' | 'host' | 'provider' | 'eventId' | 'channel' | 'params' | 'class'
>;

/** The labels of an incident. */
export function labelsOfView(incident: Labelled): Labels {
  const { id, severity, rule, host, provider, eventId, channel } = incident;
  return {
    ...Object.fromEntries(Object.entries(incident.params).map(([name, value]) => [name, String(value)])),
    alertname: rule.id,
    rule: rule.id,
    class: incident.class ?? '',
    severity,
    host,
    provider,
    event_id: eventId,
    incident_id: id,
    ...(channel === undefined ? {} : { channel }),
  };
}

/** A silence with its matchers parsed. */
export interface ReadSilence {
  readonly id: string;
  readonly matchers: readonly Matcher[];
}

/** The active ones of these. */
export function activeSilences(silences: readonly SilenceView[]): readonly ReadSilence[] {
  return readSilences(silences.filter(({ state }) => state === 'active'));
}

/** With their matchers parsed; what cannot be parsed is no silence. */
export function readSilences(silences: readonly Pick<SilenceView, 'id' | 'matchers'>[]): readonly ReadSilence[] {
  return silences.flatMap(({ id, matchers: texts }) => {
    const { matchers, problems } = readAll(texts);
    return problems.length === 0 ? [{ id, matchers }] : [];
  });
}

/** The ids of those that match. */
export function silencesOf(labels: Labels, silences: readonly ReadSilence[]): readonly string[] {
  return silences.filter(({ matchers }) => matchesAll(matchers, labels)).map(({ id }) => id);
}
