// What is asked of a whole group: done with each incident that its messages told of, as if it had been asked of that one.
import type { GroupCommand, IncidentCommand } from '../../../shared/contracts/command.ts';
import type { Action } from '../../../shared/contracts/incident.ts';
import { isTold } from '../groups/marks.ts';
import type { GroupStore } from '../groups/store.ts';
import { changeIncident } from '../incidents/change.ts';
import type { IncidentStore } from '../incidents/store.ts';
import { applyCommand } from './apply-command.ts';
import { refusedRow } from './rows.ts';

/** What obeying works with. */
export interface ObeyGroupParts {
  readonly store: IncidentStore;
  readonly groups: Pick<GroupStore, 'read'>;
  readonly now: () => number;
}

const AT_A_TIME = 50;

/** Does it. Each incident remembers the command, so one that comes twice is done once; the rows are its incidents' own, or one that says why nothing was done. Throws Unavailable and StateLost. */
export async function obeyGroup(parts: ObeyGroupParts, command: GroupCommand): Promise<readonly Action[]> {
  const nowMs = parts.now();
  // A Redis that lost everything knows no group either.
  await parts.store.load([]);
  const state = await parts.groups.read(command.groupId);
  const refuse = (reason: string): readonly Action[] => [refusedRow(command, { nowMs, reason })];
  if (state === undefined) return refuse(`there is no group ${command.groupId}`);
  if (state.episode !== command.episode)
    return refuse(`it was meant for episode ${command.episode} of the group, and this is episode ${state.episode}`);
  // Whose end was told since is among them: it may have been this command's doing, of which nobody knew yet when the process died.
  const owed = new Set(state.owedIds);
  const ids = Object.keys(state.told).filter((id) => !owed.has(id));
  let isDone = false;
  for (let from = 0; from < ids.length; from += AT_A_TIME) {
    const changes = ids.slice(from, from + AT_A_TIME).map(async (id) => {
      const { kind } = await changeIncident(parts.store, {
        id,
        commandId: command.id,
        // What its messages did not tell yet, or only later ones than the one with the button, whoever asks has not seen.
        apply: (incident) =>
          isTold(state.told[id], incident, command.revision)
            ? applyCommand(incident, forOne(command, id), nowMs)
            : undefined,
        nowMs,
        receivedAtMs: command.atMs,
      });
      return kind === 'changed' || kind === 'repeated';
    });
    if ((await Promise.all(changes)).includes(true)) isDone = true;
  }
  return isDone ? [] : refuse('it changes nothing at any of the incidents that the group told of');
}

function forOne({ kind, id, actor, atMs, reason }: GroupCommand, incidentId: string): IncidentCommand {
  return { kind: kind === 'resolve_group' ? 'resolve' : 'acknowledge', id, actor, atMs, reason, incidentId };
}
