// The placeholders of an entry's texts: `{port}` and `{port|the port in question}`, filled in one
// pass so that a value is never read as a template.

const PLACEHOLDER = /\{([a-z][a-z0-9_]*)(?:\|([^{}|]*))?\}/gu;
const INSERT = /%(\d{1,2}|%)/gu;

/** The names a text refers to, in order, repeats included. */
export function placeholdersOf(text: string): readonly string[] {
  return Array.from(text.matchAll(PLACEHOLDER), (match) => match[1] ?? '');
}

/** The text without its placeholders, to see what braces are left. */
export function withoutPlaceholders(text: string): string {
  return text.replace(PLACEHOLDER, '');
}

/** A placeholder in its text. */
export interface Placeholder {
  readonly name: string;
  /** The words that the text itself offers for an unknown value. */
  readonly otherwise: string | undefined;
  /** The text in front of it, as the entry has it. */
  readonly before: string;
}

/** A placeholder and what stands around it. */
export interface Place extends Placeholder {
  readonly after: string;
}

/** Every placeholder of a text, in order. */
export function placesOf(text: string): readonly Place[] {
  return Array.from(text.matchAll(PLACEHOLDER), ({ 0: whole, 1: name = '', 2: otherwise, index }) => ({
    name,
    otherwise,
    before: text.slice(0, index),
    after: text.slice(index + whole.length),
  }));
}

/** Fills every placeholder with what `valueOf` gives for it. */
export function fill(text: string, valueOf: (placeholder: Placeholder) => string): string {
  return text.includes('{')
    ? text.replace(PLACEHOLDER, (_, name: string, otherwise: string | undefined, at: number) =>
        valueOf({ name, otherwise, before: text.slice(0, at) }),
      )
    : text;
}

/** The positions of a vendor's message template, `%1` = 1, in order. */
export function insertsOf(message: string): readonly number[] {
  return Array.from(message.matchAll(INSERT), (match) => Number(match[1])).filter((position) => position > 0);
}

/**
 * Fills a vendor's message template; undefined as soon as one insert is unknown. `%%` is a percent
 * sign.
 */
export function fillInserts(message: string, valueOf: (position: number) => string | undefined): string | undefined {
  let isComplete = true;
  const text = message.replace(INSERT, (_, position: string) => {
    if (position === '%') return '%';
    const value = valueOf(Number(position));
    if (value === undefined) isComplete = false;
    return value ?? '';
  });
  return isComplete ? text : undefined;
}
