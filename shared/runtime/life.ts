// One life of a service in its process: started with some settings, ended as a whole. A reload ends one and begins the next.
import type { z } from 'zod';
import { createClosers } from './closers.ts';
import type { Logger } from './logger.ts';
import { createRegistry, type Registry } from './metrics.ts';
import type { Running, ServiceDefinition } from './running.ts';

/** A life that has begun. */
export interface Life {
  readonly registry: Registry;
  /** Resolves with the error when the start fails by itself; otherwise never. */
  readonly failed: Promise<unknown>;
  /** What is missing, or undefined. */
  ready(): Promise<string | undefined>;
  /** Ends it, also in the middle of its start. False when something did not close cleanly and may still be there. */
  end(): Promise<boolean>;
}

/** What a life works with. */
export interface LifeOptions<C> {
  readonly config: C;
  readonly log: Logger;
  onStarted(): void;
}

const STOP_DEADLINE_MS = 20_000;

/** Begins a life; its start goes on in the background. */
export function beginLife<S extends z.ZodObject>(
  definition: ServiceDefinition<S>,
  { config, log, onStarted }: LifeOptions<z.infer<S>>,
): Life {
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
      // Waits for the start first: what it acquires meanwhile is closed as well.
      closers.add('service', async (signal) => {
        await starting.catch(() => undefined);
        await running?.stop(signal);
      });
      const faults = await closers.closeAll(deadline);
      for (const { name, detail } of faults) log.error({ closer: name, detail }, 'not closed cleanly');
      return faults.length === 0;
    },
  };
}
