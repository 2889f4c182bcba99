// Winlogbeat documents of a given size for benchmarks: 1.8 kB each, as the common event has.
import { makeEvent } from './events.ts';

const TARGET_BYTES = 1800;

/** `count` Winlogbeat documents of about 1.8 kB as JSON text, all different. */
export function makeDocuments(fleet: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, place) => {
    const index = place * 2 + 1;
    const made = makeEvent(fleet, index);
    // Some odd ones are event XML; their twins a million and a hundred further on are not.
    const { text } = made.kind === 'json' ? made : makeEvent(fleet, index + 1_000_100);
    const event = JSON.parse(text) as { message: string };
    const missing = TARGET_BYTES - JSON.stringify(event).length;
    return JSON.stringify(
      missing > 0
        ? { ...event, message: `${event.message}${'detail '.repeat(Math.ceil(missing / 7)).slice(0, missing)}` }
        : event,
    );
  });
}
