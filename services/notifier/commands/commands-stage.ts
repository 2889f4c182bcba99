// foghorn.commands in: what people ask is done once, with actor and reason; what cannot be done leaves a row that says why.
import {
  type Command,
  commandsTopic,
  type IncidentCommand,
  type RedriveCommand,
  type SilenceCommand,
} from '../../../shared/contracts/command.ts';
import { type Action, encodeAction, type Incident, type Silence } from '../../../shared/contracts/incident.ts';
import type { Stage, Verdict } from '../../../shared/contracts/stage.ts';
import type { DeliveryQueues } from '../delivery/queue.ts';
import type { Relay } from '../delivery/relay.ts';
import type { GroupStore } from '../groups/store.ts';
import { changeIncident } from '../incidents/change.ts';
import type { Completeness } from '../incidents/rebuild.ts';
import type { SilenceStore } from '../incidents/silence-store.ts';
import type { IncidentStore } from '../incidents/store.ts';
import type { NotifierMetrics } from '../metrics.ts';
import type { KnownLabels } from '../../../shared/matchers/label-check.ts';
import { problemsIn } from '../policy/silence.ts';
import { applyCommand, refusalOf } from './apply-command.ts';
import { obeyGroup } from './obey-group.ts';
import { refusedRow, rowOf } from './rows.ts';

/** What the stage works with. */
export interface CommandsStageParts {
  readonly store: IncidentStore;
  readonly silences: SilenceStore;
  readonly queues: Pick<DeliveryQueues, 'redrive' | 'wake'>;
  readonly groups: Pick<GroupStore, 'read' | 'wake'>;
  readonly relay: Relay;
  readonly completeness: Completeness;
  readonly metrics: Pick<NotifierMetrics, 'commands'>;
  readonly now: () => number;
  /** The labels there are, to tell mistyped ones in silences. */
  readonly knownLabels?: () => KnownLabels;
}

/** The stage. */
export function createCommandsStage(parts: CommandsStageParts): Stage<Command> {
  return {
    name: 'notifier-commands',
    from: commandsTopic,
    handle: async (batch) =>
      await parts.completeness.throughout(async () => {
        const verdicts: Verdict[] = [];
        for (const command of batch) verdicts.push(await judge(parts, command));
        await parts.relay.flush();
        return verdicts;
      }),
  };
}

async function judge(parts: CommandsStageParts, command: Command): Promise<Verdict> {
  const rows = await obey(parts, command);
  const outcome = rows.some(({ type }) => type === 'refused') ? 'refused' : 'done';
  parts.metrics.commands.inc({ kind: command.kind, outcome });
  return { kind: 'emit', records: rows.map(encodeAction) };
}

async function obey(parts: CommandsStageParts, command: Command): Promise<readonly Action[]> {
  if (command.kind === 'silence' || command.kind === 'expire_silence') return await obeySilence(parts, command);
  if (command.kind === 'redrive') return await obeyRedrive(parts, command);
  if ('groupId' in command) return await obeyGroup(parts, command);
  return await obeyIncident(parts, command);
}

async function obeyIncident(parts: CommandsStageParts, command: IncidentCommand): Promise<readonly Action[]> {
  const nowMs = parts.now();
  let refusal: string | undefined;
  let last: Incident | undefined;
  const changed = await changeIncident(parts.store, {
    id: command.incidentId,
    commandId: command.id,
    apply: (incident) => {
      last = incident;
      refusal = refusalOf(incident, command, nowMs);
      return refusal === undefined ? applyCommand(incident, command, nowMs) : undefined;
    },
    nowMs,
    receivedAtMs: command.atMs,
  });
  if (changed.kind === 'changed' || changed.kind === 'repeated') return [];
  return [
    refusedRow(command, { nowMs, incident: last, reason: refusal ?? refusalOf(undefined, command, nowMs) ?? '' }),
  ];
}

async function obeySilence(parts: CommandsStageParts, command: SilenceCommand): Promise<readonly Action[]> {
  const nowMs = parts.now();
  for (;;) {
    const id = command.kind === 'silence' ? command.silence.id : command.silenceId;
    const before = await parts.silences.find(id);
    if (before?.commandId === command.id) return [silenceRow(command, before.silence, nowMs)];
    const next = nextSilence(command, before?.silence, { nowMs, known: parts.knownLabels?.() });
    if (typeof next === 'string') return [refusedRow(command, { nowMs, reason: next })];
    const change = await parts.silences.put({ silence: next, commandId: command.id }, nowMs);
    if (change === 'repeated') return [];
    if (change !== 'done') continue;
    await parts.queues.wake();
    await parts.groups.wake(nowMs);
    return [silenceRow(command, next, nowMs)];
  }
}

/** The silence as the command wants it, or why it cannot be. */
function nextSilence(
  command: SilenceCommand,
  before: Silence | undefined,
  { nowMs, known }: { readonly nowMs: number; readonly known: KnownLabels | undefined },
): Silence | string {
  const revision = (before?.revision ?? 0) + 1;
  if (command.kind === 'silence') {
    const problems = problemsIn(command.silence, nowMs, known);
    return problems.length > 0 ? problems.join('; ') : { ...command.silence, revision };
  }
  if (before === undefined) return `there is no silence ${command.silenceId}`;
  if (before.endsAtMs <= nowMs) return 'it has ended already';
  return { ...before, startsAtMs: Math.min(before.startsAtMs, nowMs), endsAtMs: nowMs, revision };
}

async function obeyRedrive(parts: CommandsStageParts, command: RedriveCommand): Promise<readonly Action[]> {
  const nowMs = parts.now();
  const count = await parts.queues.redrive(command.receiver, command.deliveryId);
  if (count === undefined) return [refusedRow(command, { nowMs, reason: `there is no receiver ${command.receiver}` })];
  const reason = `${count} failed deliveries are tried again${command.reason === '' ? '' : `: ${command.reason}`}`;
  return [{ ...rowOf(command, nowMs), type: 'redriven', reason, channel: command.receiver }];
}

function silenceRow(command: SilenceCommand, silence: Silence, nowMs: number): Action {
  const type = silence.revision === 1 ? 'silence_created' : 'silence_changed';
  const reason = command.reason === '' ? silence.comment : command.reason;
  return { ...rowOf(command, nowMs), incidentId: silence.id, revision: silence.revision, type, reason, silence };
}
