// Commands as people's tools write them.
import { randomUUID } from 'node:crypto';
import { type Command, encodeCommand } from '../../shared/contracts/command.ts';
import type { OutRecord } from '../../shared/contracts/record.ts';

type Omitted<T> = T extends unknown ? Omit<T, 'id' | 'actor' | 'atMs' | 'reason'> : never;

/** A command by kim; with its own id unless one is given. */
export function aCommandRecord(command: Omitted<Command>, id: string = randomUUID()): OutRecord {
  return encodeCommand({ id, actor: 'kim', atMs: Date.now(), reason: 'a test', ...command });
}

/** Resolves an incident. */
export function resolveRecord(incidentId: string): OutRecord {
  return aCommandRecord({ kind: 'resolve', incidentId });
}
