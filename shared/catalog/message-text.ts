// Takes a parameter from the message text, the last resort: literal words in front of it, then a
// number or text up to literal words behind it.
import { readValue, takePart } from './parameter-value.ts';
import type { CatalogParameter } from './schema.ts';

/**
 * Finds a value in a message text; undefined when it is not there or none of the parameter's type.
 */
export type TextReader = (message: string) => string | number | undefined;

const MAX_SEARCHED_LENGTH = 8192;
const MAX_VALUE_LENGTH = 1024;

/**
 * Prepares a parameter's patterns. They are literals, spaces and case left open, so that no message
 * makes the search slow.
 */
export function createTextReader(parameter: CatalogParameter): TextReader {
  const { type, part } = parameter;
  const isNumber = part === undefined && (type === 'port' || type === 'integer');
  const patterns = parameter.textPatterns.map(({ after, before }) =>
    isNumber ? numberAfter(after) : textBetween(after, before),
  );
  return (message) => {
    const searched = message.slice(0, MAX_SEARCHED_LENGTH);
    for (const pattern of patterns) {
      const found = pattern.exec(searched)?.[1];
      const raw = found === undefined ? undefined : takePart(part, found);
      const value = raw === undefined ? undefined : readValue(type, raw);
      if (value !== undefined) return value;
    }
    return undefined;
  };
}

/** A number that goes on (`80,443`, `10.0.0.1`) is none. */
function numberAfter(after: string): RegExp {
  return new RegExp(`${literal(after)}[\\s:=#'"(\\[]{0,64}(-?\\d{1,16})(?!\\d|[.,]\\d)`, 'iu');
}

function textBetween(after: string, before: string | undefined): RegExp {
  return new RegExp(
    before === undefined
      ? `${literal(after)}([^\\r\\n]{1,${MAX_VALUE_LENGTH}})`
      : `${literal(after)}([^\\r\\n]{1,${MAX_VALUE_LENGTH}}?)${literal(before)}`,
    'iu',
  );
}

function literal(text: string): string {
  return text
    .split(/\s+/u)
    .map((word) => word.replace(/[\\^$.*+?()[\]{}|/]/gu, '\\$&'))
    .join('\\s{1,64}');
}
