// Every index template of Foghorn under the settings, and the resources that each is put as.
import type { ElasticsearchSettings } from '../../../shared/elasticsearch/client.ts';
import { indexNames } from '../../../shared/elasticsearch/names.ts';
import {
  COMPONENT_TEMPLATE,
  INDEX_TEMPLATE,
  type Json,
  type Mark,
  markedResource,
  markOf,
  type Resource,
} from '../setup/resource.ts';
import { activityStreamTemplate } from './activity-stream.ts';
import { deadLetterStreamTemplate } from './dead-letter-stream.ts';
import { eventStreamTemplate } from './event-stream.ts';
import type { IndexTemplate } from './field-types.ts';
import { incidentIndexTemplate } from './incident-index.ts';
import { sourceIndexTemplate } from './source-index.ts';

/** A template with the data stream or index that it is for. */
export interface PlacedTemplate {
  readonly template: IndexTemplate;
  readonly kind: 'data stream' | 'index';
  readonly index: string;
  /** How many days a data stream keeps its documents; 0: for good. */
  readonly keptDays?: number;
}

/** The templates of events, incidents, activity entries, sources and dead letters. */
export function placedTemplates(settings: ElasticsearchSettings): readonly PlacedTemplate[] {
  const names = indexNames(settings);
  return [
    {
      template: eventStreamTemplate(settings.dataset, settings.indexMode),
      kind: 'data stream',
      index: names.events,
      keptDays: settings.eventsRetentionDays,
    },
    {
      template: activityStreamTemplate(),
      kind: 'data stream',
      index: names.actions,
      keptDays: settings.actionsRetentionDays,
    },
    {
      template: deadLetterStreamTemplate(),
      kind: 'data stream',
      index: names.deadLetters,
      keptDays: settings.deadLettersRetentionDays,
    },
    { template: incidentIndexTemplate(settings.incidentIndex), kind: 'index', index: names.incidents },
    { template: sourceIndexTemplate(settings.sourceIndex), kind: 'index', index: names.sources },
  ];
}

/**
 * A template as it is put: its mapping and settings as a component of their own, so that the
 * operator's `<name>@custom` comes after and wins, and `<name>@lifecycle` is there to say how long
 * documents are kept. Names: https://www.elastic.co/docs/reference/fleet/data-streams.
 */
export function templateResources({ name, body }: IndexTemplate): readonly Resource[] {
  const { template, composed_of: others = [], ignore_missing_component_templates: missing = [], ...rest } = body;
  const composed = [...(others as readonly string[]), ...partNames(name)];
  return [
    markedResource(COMPONENT_TEMPLATE, `${name}@package`, body.version, {
      _meta: { description: body._meta.description },
      template: withMappingMark(template, templateMark({ name, body })),
    }),
    markedResource(INDEX_TEMPLATE, name, body.version, {
      ...rest,
      composed_of: composed,
      ignore_missing_component_templates: [...(missing as readonly string[]), `${name}@lifecycle`, `${name}@custom`],
    }),
  ];
}

/** The mark that the mapping of an index carries when it was made from this template. */
export function templateMark({ body }: IndexTemplate): Mark {
  return markOf(body.version, body.template);
}

function partNames(name: string): readonly string[] {
  return [`${name}@package`, `${name}@lifecycle`, `${name}@custom`];
}

function withMappingMark(template: Json, mark: Mark): Json {
  const mappings = template['mappings'] as Json;
  return { ...template, mappings: { ...mappings, _meta: { ...mark } } };
}
