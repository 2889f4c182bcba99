// How a service lives: settings, start, signals, drain, exit code. With main.ts the only place that ends the process.
import { z } from 'zod';
import { startAdminServer } from './admin-server.ts';
import { type Closers, createClosers } from './closers.ts';
import { helpText, loadConfig, printConfig, readCommandLine, readConfigSource } from './config.ts';
import { ConfigError } from './errors.ts';
import { createLogger, type Logger, logSettings } from './logger.ts';
import { createRegistry, type Registry } from './metrics.ts';

/** Something that runs. `ready` says what is missing, or undefined; `stop` drains, and gives up what is left when `deadline` aborts. */
export interface Running {
  ready(): Promise<string | undefined>;
  stop(deadline: AbortSignal): Promise<void>;
}

/** What a service is started with. */
export interface ServiceContext<C> {
  readonly config: C;
  readonly log: Logger;
  readonly registry: Registry;
  /** What the service acquired besides what it returns; closed after it was stopped, in reverse order. */
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
  /** The service's admin address, out of its settings. */
  admin(config: z.infer<S>): { readonly host: string; readonly port: number };
  start(context: ServiceContext<z.infer<S>>): Promise<Running>;
}

const EXIT_OK = 0;
const EXIT_SOFTWARE = 70;
const EXIT_CONFIG = 78;
const STOP_DEADLINE_MS = 20_000;

/**
 * Runs a service until SIGTERM or SIGINT and ends the process: exit code 0 after a clean stop, 78 (EX_CONFIG) for settings that cannot be used,
 * 70 (EX_SOFTWARE) for a bug. A second signal ends it at once.
 */
export async function runService<S extends z.ZodObject>(definition: ServiceDefinition<S>): Promise<void> {
  try {
    const full = z.strictObject({ log: logSettings, ...definition.schema.shape });
    const commandLine = readCommandLine(process.argv.slice(2));
    if (commandLine.action === 'help') leave(helpText(definition.name, definition.summary, full));
    const config = loadConfig(full, readConfigSource(commandLine.configFile));
    if (commandLine.action === 'print-config') leave(printConfig(full, config));
    const log = createLogger(definition.name, config.log);
    process.exit(await live(definition, config as z.infer<S>, log));
  } catch (error) {
    process.stderr.write(
      `${error instanceof ConfigError ? error.message : error instanceof Error ? error.stack : String(error)}\n`,
    );
    process.exit(error instanceof ConfigError ? EXIT_CONFIG : EXIT_SOFTWARE);
  }
}

function leave(text: string): never {
  process.stdout.write(`${text}\n`);
  process.exit(EXIT_OK);
}

async function live<S extends z.ZodObject>(
  definition: ServiceDefinition<S>,
  config: z.infer<S>,
  log: Logger,
): Promise<number> {
  const closers = createClosers();
  const registry = createRegistry(definition.name);
  const stopping = new AbortController();
  const ended = untilEnd(stopping, log);
  let running: Running | undefined;
  const admin = await startAdminServer(definition.admin(config), {
    registry,
    ready: async () =>
      stopping.signal.aborted ? 'stopping' : running === undefined ? 'starting' : await running.ready(),
  });
  closers.add('admin server', async () => await admin.close());
  log.info({ adminPort: admin.port, node: process.version }, 'starting');
  const starting = definition.start({ config, log, registry, closers, signal: stopping.signal });
  let code = EXIT_OK;
  try {
    running = await Promise.race([starting, ended.then(() => undefined)]);
    if (running !== undefined && !stopping.signal.aborted) log.info('started');
    code = (await ended) ? EXIT_OK : EXIT_SOFTWARE;
  } catch (error) {
    if (!stopping.signal.aborted) log.fatal({ err: error }, 'the start failed');
    code = stopping.signal.aborted ? EXIT_OK : error instanceof ConfigError ? EXIT_CONFIG : EXIT_SOFTWARE;
    stopping.abort();
  }
  const isClean = await drain(running, closers, log);
  return isClean ? code : code || EXIT_SOFTWARE;
}

/** Resolves true on a signal to stop, false on a bug that nobody caught. */
async function untilEnd(stopping: AbortController, log: Logger): Promise<boolean> {
  return await new Promise((resolve) => {
    const end = (isAsked: boolean): void => {
      stopping.abort();
      resolve(isAsked);
    };
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        if (stopping.signal.aborted) process.exit(EXIT_SOFTWARE);
        log.info({ signal }, 'stopping');
        end(true);
      });
    }
    for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
      process.on(event, (error: unknown) => {
        log.fatal({ err: error, event }, 'a bug: the service stops and has to be started again');
        end(false);
      });
    }
  });
}

async function drain(running: Running | undefined, closers: Closers, log: Logger): Promise<boolean> {
  const deadline = AbortSignal.timeout(STOP_DEADLINE_MS);
  let isClean = true;
  if (running !== undefined) closers.add('service', (signal) => running.stop(signal));
  for (const fault of await closers.closeAll(deadline)) {
    isClean = false;
    log.error({ closer: fault.name, detail: fault.detail }, 'not closed cleanly');
  }
  log.info('stopped');
  return isClean;
}
