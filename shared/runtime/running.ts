// The interface between a service and the program around it: settings, start, and the running
// service.
import type { z } from 'zod';
import type { RawConfig } from './config.ts';
import type { ConfigProblem } from './config-issue.ts';
import type { Closers } from './closers.ts';
import type { Logger } from './logger.ts';
import type { Registry } from './metrics.ts';

/**
 * Something that runs. `ready` says what is missing, or undefined; `stop` drains, and gives up what
 * is left when `deadline` aborts.
 */
export interface Running {
  ready(): Promise<string | undefined>;
  stop(deadline: AbortSignal): Promise<void>;
}

/** What a service is started with. */
export interface ServiceContext<C> {
  readonly config: C;
  readonly log: Logger;
  readonly registry: Registry;
  /** Further resources of the service; closed after it was stopped, in reverse order. */
  readonly closers: Closers;
  /** Aborts as soon as the process was asked to stop, also during the start. */
  readonly signal: AbortSignal;
}

/** A service: its name, its settings, and how it starts. */
export interface ServiceDefinition<S extends z.ZodObject> {
  readonly name: string;
  readonly summary: string;
  /** The sections of the service; `log` is added by `runService`. */
  readonly schema: S;
  /** Problems between settings that the schema cannot see. */
  check?(raw: RawConfig): readonly ConfigProblem[];
  /** The service's admin address, out of its settings. */
  admin(config: z.infer<S>): { readonly host: string; readonly port: number };
  start(context: ServiceContext<z.infer<S>>): Promise<Running>;
}
