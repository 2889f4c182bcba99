// The labels of an incident, named as in Alertmanager.
import type { IncidentBrief } from '../../../shared/contracts/incident.ts';
import { ADDRESS_SEPARATOR, type Labels, type Matcher, matchesAll } from '../../../shared/matchers/matcher.ts';

/** Labels that an operator adds to the incidents that match, e.g. the team. */
export interface LabelRule {
  readonly matchers: readonly Matcher[];
  readonly set: Labels;
}

/**
 * The labels of an incident: rule (also as alertname), class, severity, host, provider, event_id,
 * channel, address (of the host, where the event stated it), incident_id, the entry's parameters by
 * their names, and what `rules` add, each rule seeing what the ones before it set.
 */
export function labelsOf(
  incident: Pick<IncidentBrief, 'id' | 'entity' | 'severity'>,
  rules: readonly LabelRule[] = [],
): Labels {
  const { entity, severity, id } = incident;
  const labels: Record<string, string> = {};
  for (const [name, value] of Object.entries(entity.params)) labels[name] = String(value);
  Object.assign(labels, {
    alertname: entity.ruleId,
    rule: entity.ruleId,
    class: entity.faultClass,
    severity,
    host: entity.host,
    provider: entity.provider,
    event_id: String(entity.eventId),
    incident_id: id,
  });
  if (entity.channel !== undefined) labels['channel'] = entity.channel;
  if (entity.addresses !== undefined) labels['address'] = entity.addresses.join(ADDRESS_SEPARATOR);
  return addLabels(labels, rules);
}

/** Labels and what the rules that match add, each seeing what the ones before it set. */
export function addLabels(labels: Labels, rules: readonly LabelRule[]): Labels {
  const all: Record<string, string> = { ...labels };
  for (const { matchers, set } of rules) if (matchesAll(matchers, all)) Object.assign(all, set);
  return all;
}
