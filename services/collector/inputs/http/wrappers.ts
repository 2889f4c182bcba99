// Objects in which senders put several events: what they are called, and whether one is such.

/** OTLP's JSON. https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding */
export const OTLP_LISTS: readonly string[] = ['resourceLogs', 'scopeLogs', 'logRecords'];

/** The names of the lists, one inside an element of the other. */
const WRAPPERS: readonly (readonly string[])[] = [
  // Azure's Event Hub export. https://learn.microsoft.com/azure/azure-monitor/logs/logs-data-export
  ['records'],
  // Telegraf's JSON in batches.
  // https://github.com/influxdata/telegraf/tree/master/plugins/serializers/json
  ['metrics'],
  OTLP_LISTS,
];

/**
 * The names of the lists in which a parsed object, which has nothing else, holds its events, or
 * undefined for one that is itself an event.
 */
export function wrapperOf(value: object): readonly string[] | undefined {
  let count = 0;
  for (const _name in value) if ((count += 1) > 1) return undefined;
  return WRAPPERS.find(([first = '']) => {
    const list = (value as Readonly<Record<string, unknown>>)[first];
    return Array.isArray(list) && list.length > 0 && list.every((item) => typeof item === 'object' && item !== null);
  });
}
