// The made-up events in a sender's form as objects, to be spoiled part by part.
import { DIALECTS, PORT_IN_USE, type EventParts } from '../../../../support/dialects.ts';
import { eventOf, reasonOf } from '../event-text.ts';
import assert from 'node:assert/strict';

/**
 * A 309 of WMServer, or another event, as the sender of that name writes it; `over` is laid over
 * its fields.
 */
export function written(
  name: string,
  over: Readonly<Record<string, unknown>> = {},
  event: EventParts = PORT_IN_USE,
): Record<string, unknown> {
  const dialect = DIALECTS.find((candidate) => candidate.name === name);
  if (dialect === undefined) throw new TypeError(`no form is called ${name}`);
  return { ...(JSON.parse(dialect.write(event)) as Record<string, unknown>), ...over };
}

/** Values that no field expects. */
export const WRONG: readonly unknown[] = [
  null,
  '',
  ' ',
  true,
  -1,
  1.5,
  1e300,
  [],
  [[]],
  {},
  { a: { b: [] } },
  'x',
  '\uD800',
];

/**
 * Lays each wrong value over each field of an object in turn: an event or a reason, never a throw;
 * without `needed`, always an event.
 */
export function spoilEach(fields: Readonly<Record<string, unknown>>, needed: readonly string[]): void {
  for (const name of Object.keys(fields)) {
    const { [name]: _left, ...without } = fields;
    if (!needed.includes(name)) assert.equal(eventOf(without).eventId, 309, `without ${name}`);
    for (const value of WRONG) {
      const spoiled = { ...fields, [name]: value };
      if (needed.includes(name)) assert.doesNotThrow(() => reasonOrEvent(spoiled), name);
      else assert.equal(eventOf(spoiled).eventId, 309, `${name}: ${JSON.stringify(value)}`);
    }
  }
}

function reasonOrEvent(fields: object): void {
  try {
    eventOf(fields);
  } catch (error) {
    if (!(error instanceof assert.AssertionError)) throw error;
    reasonOf(fields);
  }
}
