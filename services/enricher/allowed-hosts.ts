// Whether a sender may send events for the hosts that an event names: decided by the document, not
// by the bytes as the collector saw them.
import type { EnrichedEvent } from '../../shared/contracts/enriched-event.ts';
import { matchesHost } from '../../shared/contracts/host-patterns.ts';
import type { RawEvent } from '../../shared/contracts/raw-event.ts';

/** The places of a document that people, alerts and rules read a host from. */
const PLACES: readonly (readonly [string, string])[] = [
  ['host', 'name'],
  ['host', 'hostname'],
  ['winlog', 'computer_name'],
];

/**
 * Why the event is not trusted, or undefined. A sender without patterns may send events of every
 * host.
 */
export function hostRefusal(
  { input, sender, senderHosts }: Pick<RawEvent, 'input' | 'sender' | 'senderHosts'>,
  { host, document }: Pick<EnrichedEvent, 'host' | 'document'>,
): string | undefined {
  if (senderHosts === undefined) return undefined;
  const named = [host, ...PLACES.flatMap(([object, field]) => valuesOf(fieldOf(document[object], field)))];
  const foreign = named.find((name) => !matchesHost(name, senderHosts));
  if (foreign === undefined) return undefined;
  return `the event is of ${JSON.stringify(foreign.slice(0, 100))}, and ${sender} may send for ${senderHosts.join(', ')} only (collector.${input})`;
}

function fieldOf(value: unknown, field: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[field] : undefined;
}

/**
 * Every text in a value, also in a list; any other value as it is, since no pattern of a host
 * allows one.
 */
function valuesOf(value: unknown): readonly string[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(valuesOf);
  return [typeof value === 'string' ? value : JSON.stringify(value)];
}
