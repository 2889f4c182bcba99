// A command about a whole group: executed for each incident that its messages have notified of, as
// if it were about that one.
import type { GroupCommand, IncidentCommand } from '../../../shared/contracts/command.ts';
import type { ActivityEntry } from '../../../shared/contracts/activity.ts';
import { isNotified } from '../policy/notified-mark.ts';
import type { GroupStore } from '../groups/store.ts';
import { changeIncident } from '../incidents/change.ts';
import type { IncidentStore } from '../incidents/store.ts';
import { applyCommand } from './apply-command.ts';
import { refusedEntry } from './activity-entries.ts';

/** Dependencies of executing. */
export interface GroupCommandParts {
  readonly store: IncidentStore;
  readonly groups: Pick<GroupStore, 'read'>;
  readonly now: () => number;
}

const AT_A_TIME = 50;

/**
 * Executes it. Each incident has the id of the command, so a repeated one is executed once; the
 * entries are those of the incidents, or one with the reason of a refusal. Throws Unavailable and
 * StateLost.
 */
export async function executeGroupCommand(
  parts: GroupCommandParts,
  command: GroupCommand,
): Promise<readonly ActivityEntry[]> {
  const nowMs = parts.now();
  // A Redis that lost everything has no groups either.
  await parts.store.load([]);
  const state = await parts.groups.read(command.groupId);
  const refuse = (reason: string): readonly ActivityEntry[] => [refusedEntry(command, { nowMs, reason })];
  if (state === undefined) return refuse(`there is no group ${command.groupId}`);
  if (state.episode !== command.episode)
    return refuse(`it was meant for episode ${command.episode} of the group, and this is episode ${state.episode}`);
  // Incidents whose end was notified since are included: that may be this command's doing,
  // unrecorded when the process died.
  const unrecorded = new Set(state.unrecordedIds);
  const ids = Object.keys(state.notified).filter((id) => !unrecorded.has(id));
  let isDone = false;
  for (let from = 0; from < ids.length; from += AT_A_TIME) {
    const changes = ids.slice(from, from + AT_A_TIME).map(async (id) => {
      const { kind } = await changeIncident(parts.store, {
        id,
        commandId: command.id,
        // Incidents that no message has named yet, or only later ones than the one with the button,
        // were not seen by the person.
        apply: (incident) =>
          isNotified(state.notified[id], incident, command.revision)
            ? applyCommand(incident, forOne(command, id), { nowMs })
            : undefined,
        nowMs,
        receivedAtMs: command.atMs,
      });
      return kind === 'changed' || kind === 'repeated';
    });
    if ((await Promise.all(changes)).includes(true)) isDone = true;
  }
  return isDone ? [] : refuse('it changes nothing at any of the incidents that the group notified of');
}

function forOne({ kind, id, actor, atMs, reason }: GroupCommand, incidentId: string): IncidentCommand {
  return { kind: kind === 'resolve_group' ? 'resolve' : 'acknowledge', id, actor, atMs, reason, incidentId };
}
