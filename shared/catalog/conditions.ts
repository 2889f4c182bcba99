// The conditions of entries as functions of an event, prepared once: what they compare with is
// trimmed and in small letters before the first event.
import type { WindowsEvent } from '../contracts/windows-event.ts';
import type { CatalogCondition } from './schema.ts';

/** Whether an event meets what was prepared. */
export type EventTest = (event: WindowsEvent) => boolean;

/** A value of an event, where it has it. */
export type EventValue = (event: WindowsEvent) => string | undefined;

/** Prepares conditions: an event has to meet one of them, where there are any. */
export function createTest(conditions: readonly CatalogCondition[]): EventTest {
  const tests = conditions.map(testOf);
  return tests.length === 0 ? () => true : (event) => tests.some((test) => test(event));
}

/** Prepares reading the value of a name; `param1` to `param99` are insertion strings. */
export function valueOf(name: string): EventValue {
  const position = Number(/^param([1-9]\d?)$/u.exec(name)?.[1]);
  if (position > 0) return (event) => insertOf(event, position);
  return (event) => own(event.eventData, name) ?? own(event.userData?.values, name);
}

/**
 * The insertion string `%position` of an event. A form that counts from `param0` is recognised by
 * having one.
 */
export function insertOf(event: WindowsEvent, position: number): string | undefined {
  const data = event.eventData;
  if (data === undefined) return undefined;
  return own(data, `param${Object.hasOwn(data, 'param0') ? position - 1 : position}`);
}

function own(values: Readonly<Record<string, string>> | undefined, name: string): string | undefined {
  return values !== undefined && Object.hasOwn(values, name) ? values[name] : undefined;
}

function testOf(condition: CatalogCondition): EventTest {
  const { channels, eventVersions, messageStarts, messageContains, data = {} } = condition;
  const tests: EventTest[] = [];
  if (channels !== undefined) tests.push(oneOf(channels, ({ channel }) => channel));
  if (eventVersions !== undefined) tests.push(({ version = 0 }) => eventVersions.includes(version));
  if (messageStarts !== undefined) tests.push(startsWithOneOf(messageStarts, ({ message }) => message));
  if (messageContains !== undefined) tests.push(containsOneOf(messageContains, ({ message }) => message));
  for (const [name, { equals, contains }] of Object.entries(data)) {
    if (equals !== undefined) tests.push(oneOf(equals, valueOf(name)));
    if (contains !== undefined) tests.push(containsOneOf(contains, valueOf(name)));
  }
  return (event) => tests.every((test) => test(event));
}

function oneOf(allowed: readonly string[], read: EventValue): EventTest {
  const keys = new Set(allowed.map((text) => text.trim().toLowerCase()));
  return (event) => {
    const value = read(event);
    return value !== undefined && keys.has(value.trim().toLowerCase());
  };
}

function containsOneOf(texts: readonly string[], read: EventValue): EventTest {
  const keys = texts.map((text) => text.toLowerCase());
  return (event) => {
    const searched = read(event)?.toLowerCase();
    return searched !== undefined && keys.some((key) => searched.includes(key));
  };
}

function startsWithOneOf(texts: readonly string[], read: EventValue): EventTest {
  const keys = texts.map((text) => text.toLowerCase());
  const longest = Math.max(...texts.map((text) => text.length));
  return (event) => {
    const start = read(event)?.trimStart().slice(0, longest).toLowerCase();
    return start !== undefined && keys.some((key) => start.startsWith(key));
  };
}
