// Fluent Bit's winevtlog with `render_event_as_text`: a line `Name=value` for each field of System,
// the message last.
// Source: https://docs.fluentbit.io/manual/pipeline/inputs/windows-event-log-winevtlog.
import { type Json, text } from './fields.ts';

/** Whether a field holds the lines. */
export function isFluentBitText(value: Json): boolean {
  return logOf(value) !== undefined;
}

function logOf(value: Json): string | undefined {
  return ['log', 'message'].map((name) => text(value[name])).find((log) => log?.startsWith('ProviderName='));
}

/**
 * The fields of the lines and the other fields of the object; undefined where there are no lines.
 */
export function fluentBitText(value: Json): Json | undefined {
  const log = logOf(value);
  if (log === undefined) return undefined;
  const fields: Record<string, unknown> = {};
  // The message comes last and may have lines of its own.
  const [head = '', ...message] = log.split(/\r?\nMessage=/u);
  for (const line of head.split(/\r?\n/u)) {
    const equals = line.indexOf('=');
    if (equals > 0 && TEXT_NAMES.has(line.slice(0, equals))) fields[line.slice(0, equals)] = line.slice(equals + 1);
  }
  const { log: _log, message: _message, date: _date, ...beside } = value;
  return { ...fields, ...(message.length === 0 ? {} : { Message: message.join('\nMessage=') }), ...beside };
}

const TEXT_NAMES = new Set(
  'ProviderName ProviderGuid Qualifiers EventID Version Level Task Opcode Keywords TimeCreated EventRecordID ActivityID RelatedActivityID ProcessID ThreadID Channel Computer UserID'.split(
    ' ',
  ),
);
