// The attributes of `System/Execution` of an event of a trace (.etl) besides process and thread.
import type { TraceField, WindowsEvent } from '../contracts/windows-event.ts';
import { whole } from './json/fields.ts';

const ATTRIBUTES: readonly (readonly [string, TraceField])[] = [
  ['ProcessorID', 'processor_id'],
  ['SessionID', 'session_id'],
  ['KernelTime', 'kernel_time'],
  ['UserTime', 'user_time'],
  ['ProcessorTime', 'processor_time'],
];

/**
 * The fields that are there and not 0; undefined when none is. `valueOf` finds one by its
 * attribute's name or by its own.
 */
export function traceOf(valueOf: (attribute: string, field: TraceField) => unknown): WindowsEvent['trace'] {
  const trace: Partial<Record<TraceField, number>> = {};
  for (const [attribute, field] of ATTRIBUTES) {
    const number = whole(valueOf(attribute, field), 0xff_ff_ff_ff) ?? 0;
    if (number !== 0) trace[field] = number;
  }
  return Object.keys(trace).length === 0 ? undefined : trace;
}
