// One run of a service in its process, from start to end with one set of settings. A reload ends
// one run and starts the next.
import type { z } from 'zod';
import { createClosers } from './closers.ts';
import type { Logger } from './logger.ts';
import { createRegistry, type Registry } from './metrics.ts';
import type { Running, ServiceDefinition } from './running.ts';

/** A run that was started. */
export interface ServiceRun {
  readonly registry: Registry;
  /** Resolves with the error when the start fails by itself; otherwise never. */
  readonly failed: Promise<unknown>;
  /** What is missing, or undefined. */
  ready(): Promise<string | undefined>;
  /**
   * Ends it, also in the middle of its start. False when something did not close cleanly and may
   * still hold resources.
   */
  end(): Promise<boolean>;
}

/** The settings of a run, and what observes it. */
interface ServiceRunOptions<C> {
  readonly config: C;
  readonly log: Logger;
  onStarted(): void;
}

/** How long a service may take to finish what is in progress, milliseconds. */
export const STOP_DEADLINE_MS = 20_000;

/** Starts a run in the background. */
export function startRun<S extends z.ZodObject>(
  definition: ServiceDefinition<S>,
  { config, log, onStarted }: ServiceRunOptions<z.infer<S>>,
): ServiceRun {
  const closers = createClosers();
  const registry = createRegistry(definition.name);
  const stopping = new AbortController();
  let running: Running | undefined;
  const starting = definition.start({ config, log, registry, closers, signal: stopping.signal }).then((started) => {
    running = started;
    if (!stopping.signal.aborted) onStarted();
  });
  const failed = new Promise<unknown>((resolve) => {
    starting.catch((error: unknown) => {
      if (!stopping.signal.aborted) resolve(error);
    });
  });
  return {
    registry,
    failed,
    ready: async () => {
      if (stopping.signal.aborted) return 'stopping';
      return running === undefined ? 'starting' : await running.ready();
    },
    end: async () => {
      stopping.abort();
      const deadline = AbortSignal.timeout(STOP_DEADLINE_MS);
      // Waits for the start first, so that what it acquires meanwhile is closed as well.
      closers.add('service', async (signal) => {
        await starting.catch(() => undefined);
        await running?.stop(signal);
      });
      const errors = await closers.closeAll(deadline);
      for (const { name, detail } of errors) log.error({ closer: name, detail }, 'not closed cleanly');
      return errors.length === 0;
    },
  };
}
