// foghorn.commands in: every command is executed once, with actor and reason; a refused one leaves
// an entry with the reason.
import {
  type Command,
  commandsTopic,
  type IncidentCommand,
  type ProbeCommand,
  type RedriveCommand,
  type SilenceCommand,
} from '../../../shared/contracts/command.ts';
import { stepText } from '../../../shared/contracts/repair-steps.ts';
import type { RemediationTexts } from '../../../shared/kafka/remediation-texts.ts';
import { type ActivityEntry, encodeActivityEntry } from '../../../shared/contracts/activity.ts';
import { type Incident, type Silence } from '../../../shared/contracts/incident.ts';
import type { Stage, Verdict } from '../../../shared/contracts/stage.ts';
import { createLimiter } from '../../../shared/runtime/limiter.ts';
import type { DeliveryQueues } from '../delivery/queue.ts';
import type { Relay } from '../dispatch/outbox-relay.ts';
import type { GroupStore } from '../groups/store.ts';
import { changeIncident } from '../incidents/change.ts';
import type { Completeness } from '../redis/completeness.ts';
import type { SilenceStore } from '../incidents/silence-store.ts';
import type { IncidentStore } from '../incidents/store.ts';
import type { NotifierMetrics } from '../metrics.ts';
import type { KnownLabels } from '../../../shared/matchers/label-check.ts';
import { problemsIn } from '../policy/silence.ts';
import type { ProbeNow } from '../probe/probe-now.ts';
import { applyCommand, refusalOf, targetRefusalOf } from './apply-command.ts';
import { executeGroupCommand } from './execute-group-command.ts';
import { refusedEntry, entryOf } from './activity-entries.ts';

/** Dependencies of the stage. */
export interface CommandsStageParts {
  readonly store: IncidentStore;
  readonly silences: SilenceStore;
  readonly queues: Pick<DeliveryQueues, 'redrive' | 'wake'>;
  readonly groups: Pick<GroupStore, 'read' | 'makeAllDue'>;
  readonly relay: Relay;
  readonly completeness: Completeness;
  readonly texts: Pick<RemediationTexts, 'load' | 'fill'>;
  readonly metrics: Pick<NotifierMetrics, 'commands'>;
  readonly now: () => number;
  /** Missing where no network may be probed. */
  readonly probeNow?: Pick<ProbeNow, 'start'> | undefined;
  /** The existing labels, which reveal mistyped ones in silences. */
  readonly knownLabels?: () => KnownLabels;
}

/** The stage. */
export function createCommandsStage(parts: CommandsStageParts): Stage<Command> {
  return {
    name: 'notifier-commands',
    from: commandsTopic,
    handle: async (batch, _, { mayRepeat }) =>
      await parts.completeness.runOnVerifiedState(async () => {
        const verdicts: Verdict[] = [];
        for (const run of runsOf(batch)) verdicts.push(...(await executeRun(parts, run)));
        await parts.relay.flush(mayRepeat ? 'all' : 'own');
        return verdicts;
      }),
  };
}

const AT_A_TIME = 50;

/**
 * Commands that may be executed side by side: those about one incident each that follow each other.
 * What is about several incidents waits for those before it.
 */
function runsOf(batch: readonly Command[]): readonly (readonly Command[])[] {
  const runs: Command[][] = [];
  for (const command of batch) {
    const last = runs.at(-1);
    if (last?.[0] !== undefined && 'incidentId' in command && 'incidentId' in last[0]) last.push(command);
    else runs.push([command]);
  }
  return runs;
}

/** Those about the same incident are executed in their order. */
async function executeRun(parts: CommandsStageParts, run: readonly Command[]): Promise<readonly Verdict[]> {
  const limited = createLimiter(AT_A_TIME);
  const last = new Map<string, Promise<unknown>>();
  const executed = run.map(async (command, index) => {
    const subject = 'incidentId' in command ? command.incidentId : String(index);
    const before = last.get(subject);
    const work = limited(async () => {
      await before;
      return await executeCommand(parts, command);
    });
    last.set(subject, work);
    return await work;
  });
  // Nothing is under way any more when the batch is repeated.
  const settled = await Promise.allSettled(executed);
  return settled.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
}

async function executeCommand(parts: CommandsStageParts, command: Command): Promise<Verdict> {
  const entries = await execute(parts, command);
  const outcome = entries.some(({ type }) => type === 'refused') ? 'refused' : 'done';
  parts.metrics.commands.inc({ kind: command.kind, outcome });
  return { kind: 'emit', records: entries.map(encodeActivityEntry) };
}

async function execute(parts: CommandsStageParts, command: Command): Promise<readonly ActivityEntry[]> {
  if (command.kind === 'silence' || command.kind === 'expire_silence')
    return await executeSilenceCommand(parts, command);
  if (command.kind === 'redrive') return await executeRedrive(parts, command);
  if (command.kind === 'probe') return await executeProbe(parts, command);
  if ('groupId' in command) return await executeGroupCommand(parts, command);
  return await executeIncidentCommand(parts, command);
}

async function executeIncidentCommand(
  parts: CommandsStageParts,
  command: IncidentCommand,
): Promise<readonly ActivityEntry[]> {
  const nowMs = parts.now();
  let refusal: string | undefined;
  let last: Incident | undefined;
  const changed = await changeIncident(parts.store, {
    id: command.incidentId,
    commandId: command.id,
    apply: async (incident) => {
      last = incident;
      const step = command.kind === 'step' ? await stepTextOf(parts, incident, command.step) : undefined;
      const facts = { nowMs, stepText: step };
      refusal = refusalOf(incident, command, facts);
      return refusal === undefined ? applyCommand(incident, command, facts) : undefined;
    },
    nowMs,
    receivedAtMs: command.atMs,
  });
  if (changed.kind === 'changed' || changed.kind === 'repeated') return [];
  return [
    refusedEntry(command, { nowMs, incident: last, reason: refusal ?? refusalOf(undefined, command, { nowMs }) ?? '' }),
  ];
}

/** The answer of the port comes later, as an entry of its own. */
async function executeProbe(
  { store, probeNow, now }: CommandsStageParts,
  command: ProbeCommand,
): Promise<readonly ActivityEntry[]> {
  const [loaded] = await store.load([{ id: command.incidentId, eventIds: [] }]);
  const incident = loaded?.incident;
  const refuse = (reason: string): readonly ActivityEntry[] => [
    refusedEntry(command, { nowMs: now(), incident, reason }),
  ];
  const wrongTarget = targetRefusalOf(incident, command);
  if (incident === undefined || wrongTarget !== undefined) return refuse(wrongTarget ?? '');
  if (incident.probe === undefined) return refuse('the catalogue names no answer that would prove this repair');
  if (probeNow === undefined) return refuse('notifier.probe.networks names no network in which ports may be probed');
  probeNow.start(command, incident, incident.probe);
  return [];
}

async function stepTextOf(
  { texts }: Pick<CommandsStageParts, 'texts'>,
  incident: Incident,
  step: string,
): Promise<string | undefined> {
  await texts.load([incident]);
  return stepText(texts.fill(incident).remediation, step);
}

async function executeSilenceCommand(
  parts: CommandsStageParts,
  command: SilenceCommand,
): Promise<readonly ActivityEntry[]> {
  const nowMs = parts.now();
  for (;;) {
    const id = command.kind === 'silence' ? command.silence.id : command.silenceId;
    const before = await parts.silences.find(id);
    if (before?.commandId === command.id) return [silenceEntry(command, before.silence, nowMs)];
    const next = nextSilence(command, before?.silence, { nowMs, known: parts.knownLabels?.() });
    if (typeof next === 'string') return [refusedEntry(command, { nowMs, reason: next })];
    const change = await parts.silences.put({ silence: next, commandId: command.id }, nowMs);
    if (change === 'repeated') return [];
    if (change !== 'done') continue;
    await parts.queues.wake();
    await parts.groups.makeAllDue(nowMs);
    return [silenceEntry(command, next, nowMs)];
  }
}

/** The silence of the command, or why it is refused. */
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

async function executeRedrive(parts: CommandsStageParts, command: RedriveCommand): Promise<readonly ActivityEntry[]> {
  const nowMs = parts.now();
  const count = await parts.queues.redrive(command.receiver, command.deliveryId);
  if (count === undefined)
    return [refusedEntry(command, { nowMs, reason: `there is no receiver ${command.receiver}` })];
  const reason = `${count} failed deliveries are tried again${command.reason === '' ? '' : `: ${command.reason}`}`;
  return [{ ...entryOf(command, nowMs), subject: 'command', type: 'redelivered', reason, receiver: command.receiver }];
}

function silenceEntry(command: SilenceCommand, silence: Silence, nowMs: number): ActivityEntry {
  const type = silence.revision === 1 ? 'silence_created' : 'silence_changed';
  const reason = command.reason === '' ? silence.comment : command.reason;
  return { ...entryOf(command, nowMs), subject: 'silence', type, reason, silence };
}
