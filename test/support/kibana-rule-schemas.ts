// What Kibana's APIs take as an Elasticsearch query rule and as an index connector, written down
// strictly for the parts that we use. Facts: https://github.com/elastic/kibana,
// src/platform/packages/shared/response-ops/rule_params/es_query/v1.ts, and the API documentation:
// https://www.elastic.co/docs/api/doc/kibana/operation/operation-post-alerting-rule-id and
// operation-post-actions-connector-id.
import { z } from 'zod';

const query = z.strictObject({
  query: z.strictObject({
    bool: z.strictObject({
      filter: z.array(z.strictObject({ term: z.record(z.string(), z.string()) })).min(1),
    }),
  }),
});

const params = z.strictObject({
  searchType: z.literal('esQuery'),
  index: z.array(z.string().min(1)).min(1),
  timeField: z.string().min(1),
  timeWindowSize: z.int().min(1),
  timeWindowUnit: z.enum(['s', 'm', 'h', 'd']),
  esQuery: z
    .string()
    .transform((text) => JSON.parse(text) as unknown)
    .pipe(query),
  size: z.int().min(0).max(10_000),
  aggType: z.literal('count'),
  groupBy: z.literal('top'),
  termField: z.string().min(1),
  termSize: z.int().min(1).max(1000),
  thresholdComparator: z.enum(['>', '>=', '<', '<=']),
  threshold: z.array(z.number()).length(1),
  // Kibana has it for rules without groups only.
  excludeHitsFromPreviousRun: z.literal(false),
});

/** Free ids are refused for what Kibana keeps encrypted. */
const id = z.uuid({ version: 'v4' });

const action = z.strictObject({
  group: z.enum(['query matched', 'recovered']),
  id,
  frequency: z.strictObject({
    summary: z.literal(false),
    notify_when: z.literal('onActionGroupChange'),
    throttle: z.null(),
  }),
  params: z.strictObject({ documents: z.array(z.record(z.string(), z.unknown())).min(1) }),
});

/** The body of `POST /api/alerting/rule/<id>`. */
export const esQueryRule = z.strictObject({
  name: z.string().min(1),
  tags: z.array(z.string()),
  rule_type_id: z.literal('.es-query'),
  consumer: z.literal('stackAlerts'),
  schedule: z.strictObject({ interval: z.string().regex(/^\d+[smhd]$/u) }),
  enabled: z.boolean(),
  params,
  actions: z.array(action),
});

/** The body of `POST /api/actions/connector/<id>` of the type `.index`. */
export const indexConnector = z.strictObject({
  name: z.string().min(1),
  connector_type_id: z.literal('.index'),
  config: z.strictObject({ index: z.string().min(1), refresh: z.boolean(), executionTimeField: z.string() }),
  secrets: z.strictObject({}),
});
