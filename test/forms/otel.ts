// OpenTelemetry's receiver, its body in the several envelopes of exporters.
import type { Form, Loss } from './form.ts';
import { digits, json, objectOf } from './json.ts';
import { AUDITS_BY_NAME, FIRST_OF_NAME, NO_USER_DATA } from './losses.ts';
import type { MadeEvent } from './made-event.ts';
import { firstPairsOf, hexadecimal, nameOf, pairsOf } from './tree.ts';

const SEVERITIES = [9, 21, 17, 13, 9, 5];

function bodyOf(event: MadeEvent, data: unknown): Readonly<Record<string, unknown>> {
  const { guid = '', activity = '', related = '', sid = '', qualifiers = 0 } = event;
  return {
    channel: event.channel,
    computer: event.computer,
    event_id: { id: event.id, qualifiers },
    ...namesOf(event),
    provider: { name: event.provider, guid, event_source: '' },
    record_id: digits(event.record),
    system_time: event.time,
    version: event.version,
    execution: { process_id: event.pid, thread_id: event.tid },
    correlation: { activity_id: activity, related_activity_id: related },
    security: { user_id: sid },
    event_data: data,
  };
}

/** The receiver writes the rendered name over the number. */
function namesOf({ rendering, level, opcode, task, keywords }: MadeEvent): Readonly<Record<string, unknown>> {
  const names = rendering?.keywords ?? [];
  return {
    message: rendering?.message ?? '',
    level: rendering?.level || String(level),
    opcode: rendering?.opcode || String(opcode),
    task: rendering?.task || String(task),
    keywords: names.length > 0 ? names : [hexadecimal(keywords)],
  };
}

const map = (event: MadeEvent): unknown => objectOf(firstPairsOf(event).map(([name, { value }]) => [name, value.text]));
const list = (event: MadeEvent): unknown => ({
  data: pairsOf(event).map(([, item]) => ({ [nameOf(item) ?? '']: item.value.text })),
});

/** OTLP's JSON: each value in its kind. */
function anyValue(value: unknown): unknown {
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } };
  if (typeof value === 'object' && value !== null)
    return { kvlistValue: { values: Object.entries(value).map(([key, item]) => ({ key, value: anyValue(item) })) } };
  return typeof value === 'number' ? { intValue: String(value) } : { stringValue: value };
}

const severity = ({ level }: MadeEvent): object => ({ severityNumber: SEVERITIES[level] ?? 0 });
const form = (name: string, write: Form['write'], losses: readonly Loss[]): Form => ({
  name,
  form: 'opentelemetry',
  write,
  losses: [AUDITS_BY_NAME, NO_USER_DATA, ...losses],
});

/** The forms. */
export const OTEL_FORMS: readonly Form[] = [
  form('OpenTelemetry 0.150, a map', (event) => json({ ...severity(event), body: bodyOf(event, map(event)) }), [
    FIRST_OF_NAME,
  ]),
  form('OpenTelemetry 0.110, a list', (event) => json({ ...severity(event), body: bodyOf(event, list(event)) }), []),
  form(
    'OpenTelemetry 0.150, OTLP’s JSON',
    (event) => json({ ...severity(event), body: anyValue(bodyOf(event, map(event))) }),
    [FIRST_OF_NAME],
  ),
  form(
    'OpenTelemetry 0.150, by the exporter to Elasticsearch',
    (event) => json({ ...severity(event), body: { structured: bodyOf(event, map(event)) } }),
    [FIRST_OF_NAME],
  ),
];
