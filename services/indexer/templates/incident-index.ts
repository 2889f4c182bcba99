// The template of the incident index: one document per incident, all of its fields ours, the steps
// of the remedy stored and not indexed.
import {
  DATE,
  FLATTENED,
  type IndexTemplate,
  KEYWORD,
  keywords,
  LONG,
  type Mapping,
  object,
  OWNER,
  PRIORITY,
  PROSE,
  STORED_ONLY,
} from './field-types.ts';

/** Grows with every change of the template. */
const VERSION = 6;

const INCIDENT: Mapping = object({
  ...keywords('id', 'state', 'severity', 'last_event_id', 'likely_holder', 'likely_holder_by'),
  severity_rank: LONG,
  episode: LONG,
  revision: LONG,
  episode_count: LONG,
  total_count: LONG,
  first_seen: DATE,
  last_seen: DATE,
  last_seen_corrected: DATE,
  last_received: DATE,
  clock_skew_ms: LONG,
  ...keywords('clock', 'senders', 'sender_agents'),
  opened: DATE,
  updated: DATE,
  acknowledged: DATE,
  resolved: DATE,
  time_to_acknowledge_ms: LONG,
  time_to_resolve_ms: LONG,
  ...keywords('acknowledged_by', 'resolved_by', 'cleared_by', 'assignee'),
  resolution: PROSE,
  steps_done: STORED_ONLY,
  snoozed_until: DATE,
  escalation_step: LONG,
  escalated: DATE,
  stale_since: DATE,
  recovering: object({ since: DATE, due: DATE, ...keywords('reason') }),
  flapping: object({ since: DATE, count: LONG, quiet_for_ms: LONG }),
  notes: object({ at: DATE, ...keywords('author'), text: PROSE }),
  params: FLATTENED,
});

const REMEDIATION: Mapping = object({
  ...keywords('id', 'version', 'class', 'severity'),
  title: { ...KEYWORD, fields: { text: PROSE } },
  first_step: KEYWORD,
  summary: PROSE,
  explanation: PROSE,
  about: STORED_ONLY,
  clearing: STORED_ONLY,
  related: STORED_ONLY,
  causes: STORED_ONLY,
  options: STORED_ONLY,
  verification: STORED_ONLY,
  notes: STORED_ONLY,
  references: STORED_ONLY,
});

/** The documents: `shared/contracts/incident-document.ts`. */
export function incidentIndexTemplate(index: string): IndexTemplate {
  return {
    name: index,
    body: {
      index_patterns: [index],
      priority: PRIORITY,
      version: VERSION,
      _meta: { managed_by: OWNER, description: 'Incidents of Foghorn, one document each.' },
      allow_auto_create: true,
      template: {
        mappings: {
          dynamic: false,
          properties: {
            '@timestamp': DATE,
            message: PROSE,
            event: object({
              ...keywords('kind', 'code', 'provider', 'reference'),
              created: DATE,
              start: DATE,
              end: DATE,
            }),
            rule: object(keywords('id', 'name', 'version', 'ruleset', 'reference')),
            host: object(keywords('name')),
            server: object({ port: LONG }),
            winlog: object(keywords('channel', 'provider_name', 'event_id')),
            ecs: object(keywords('version')),
            foghorn: object({ incident: INCIDENT, remediation: REMEDIATION }),
          },
        },
      },
    },
  };
}
