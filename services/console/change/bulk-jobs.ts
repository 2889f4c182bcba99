// Commands for many incidents at once, and what became of each. A job is known to the console that
// took it, until an hour after it began.
import { randomUUID } from 'node:crypto';
import { z } from '@hono/zod-openapi';
import type { Command } from '../../../shared/contracts/command.ts';
import { errorText } from '../../../shared/runtime/errors.ts';
import type { Logger } from '../../../shared/runtime/logger.ts';
import type { Hub } from '../live/hub.ts';
import type { CommandSender } from './command-sender.ts';

/** How far a job is. */
export const bulkProgressView = z
  .object({
    id: z.string(),
    kind: z.string().meta({ description: 'What is done.' }),
    actor: z.string(),
    started: z.iso.datetime(),
    total: z.int(),
    done: z.int(),
    refused: z.int(),
    refusals: z.array(z.object({ incidentId: z.string(), reason: z.string() })).meta({
      description: 'The first 1000 refused ones, and why.',
    }),
    pending: z.int().meta({ description: 'Commands that are stored and of which nothing is known yet.' }),
    unsent: z.int().meta({ description: 'Commands that are not stored yet; with error, that never will be.' }),
    isFinished: z.boolean(),
    error: z.string().optional().meta({ description: 'Why the rest was not sent; what was sent is done.' }),
  })
  .openapi('BulkProgress');

/** See `bulkProgressView`. */
export type BulkProgress = z.infer<typeof bulkProgressView>;

type OfIncident = Extract<Command, { readonly incidentId: string }>;

/** The jobs of a console. */
export interface BulkJobs {
  /**
   * Starts one; the first commands are stored when it resolves, the others soon after. Throws
   * Unavailable when Kafka takes none.
   */
  start(commands: readonly OfIncident[]): Promise<string>;
  /** Undefined for a job that is unknown here. */
  progress(id: string): BulkProgress | undefined;
}

/** What the jobs use. */
interface BulkJobsParts {
  readonly sender: Pick<CommandSender, 'send'>;
  readonly hub: Pick<Hub, 'listen' | 'listenIncidents'>;
  readonly log: Logger;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

interface Job {
  readonly id: string;
  readonly kind: string;
  readonly actor: string;
  readonly startedMs: number;
  readonly commands: readonly OfIncident[];
  readonly total: number;
  done: number;
  refused: number;
  readonly refusals: { incidentId: string; reason: string }[];
  unsent: number;
  error?: string;
}

const CHUNK = 500;
const MAX_REFUSALS = 1000;
const MAX_JOBS = 100;
const KEPT_MS = 3_600_000;

/** Jobs that follow their commands by the hub. */
export function createBulkJobs({ sender, hub, log, now }: BulkJobsParts): BulkJobs {
  const jobs = new Map<string, Job>();
  const { follow, leave } = createFollower(hub);
  const removeOld = (): void => {
    for (const [id, job] of jobs) {
      if (jobs.size < MAX_JOBS && now() - job.startedMs < KEPT_MS) return;
      jobs.delete(id);
      leave(job.commands);
    }
  };
  const sendRest = async (job: Job): Promise<void> => {
    try {
      while (job.unsent > 0) {
        const from = job.total - job.unsent;
        const chunk = job.commands.slice(from, from + CHUNK);
        await sender.send(chunk);
        job.unsent -= chunk.length;
      }
    } catch (error) {
      job.error = errorText(error);
      log.warn({ err: error, job: job.id, unsent: job.unsent }, 'commands for many incidents were not all sent');
      leave(job.commands.slice(-job.unsent));
    }
  };
  return {
    start: async (commands) => {
      removeOld();
      const job = jobOf(commands, now());
      // An outcome may come before Kafka's answer does.
      for (const command of commands) follow(job, command);
      const first = commands.slice(0, CHUNK);
      try {
        await sender.send(first);
      } catch (error) {
        leave(commands);
        throw error;
      }
      job.unsent -= first.length;
      jobs.set(job.id, job);
      void sendRest(job);
      return job.id;
    },
    progress: (id) => {
      const job = jobs.get(id);
      return job === undefined ? undefined : progressOf(job);
    },
  };
}

function jobOf(commands: readonly OfIncident[], startedMs: number): Job {
  const [first] = commands;
  return {
    id: randomUUID(),
    kind: first?.kind ?? '',
    actor: first?.actor ?? '',
    startedMs,
    commands,
    total: commands.length,
    unsent: commands.length,
    done: 0,
    refused: 0,
    refusals: [],
  };
}

/** Follows commands until something is known of them. */
function createFollower(hub: BulkJobsParts['hub']) {
  /** By the id of the command. */
  const pending = new Map<string, { readonly job: Job; readonly incidentId: string }>();
  const idsOf = new Map<string, Set<string>>();
  const remove = (commandId: string, incidentId: string): void => {
    pending.delete(commandId);
    const ids = idsOf.get(incidentId);
    ids?.delete(commandId);
    if (ids?.size === 0) idsOf.delete(incidentId);
  };
  const settle = (commandId: string, refusal: string | undefined): void => {
    const found = pending.get(commandId);
    if (found === undefined) return;
    const { job, incidentId } = found;
    remove(commandId, incidentId);
    if (refusal === undefined) return void (job.done += 1);
    job.refused += 1;
    if (job.refusals.length < MAX_REFUSALS) job.refusals.push({ incidentId, reason: refusal });
  };
  hub.listen(({ type, commandId, reason }) => {
    if (commandId !== undefined) settle(commandId, type === 'refused' ? reason : undefined);
  });
  hub.listenIncidents(({ id, recentEventIds }) => {
    for (const commandId of idsOf.get(id) ?? []) if (recentEventIds.includes(commandId)) settle(commandId, undefined);
  });
  return {
    follow: (job: Job, { id, incidentId }: OfIncident): void => {
      pending.set(id, { job, incidentId });
      idsOf.set(incidentId, (idsOf.get(incidentId) ?? new Set()).add(id));
    },
    leave: (commands: readonly OfIncident[]): void => {
      for (const { id, incidentId } of commands) remove(id, incidentId);
    },
  };
}

function progressOf({ id, kind, actor, startedMs, total, done, refused, refusals, unsent, error }: Job): BulkProgress {
  const pending = total - unsent - done - refused;
  return {
    id,
    kind,
    actor,
    started: new Date(startedMs).toISOString(),
    total,
    done,
    refused,
    refusals,
    pending,
    unsent,
    isFinished: pending <= 0 && (unsent === 0 || error !== undefined),
    ...(error === undefined ? {} : { error }),
  };
}
