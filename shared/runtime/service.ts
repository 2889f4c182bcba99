// How a service runs: settings, start, signals, drain, exit code. With main.ts the only place that
// ends the process.
import { z } from 'zod';
import { startAdminServer } from '../http/admin-server.ts';
import { configError, examineConfig, helpText, printConfig, readCommandLine, readConfigSource } from './config.ts';
import { ConfigError, errorText } from './errors.ts';
import { startRun, type ServiceRun } from './service-run.ts';
import { createLogger, logSettings } from './logger.ts';
import { createProcessRegistry, declareMetrics } from './metrics.ts';
import type { ServiceDefinition } from './running.ts';
import { listenForSignals, type LifecycleRequests } from './process-signals.ts';

const EXIT_OK = 0;
const EXIT_SOFTWARE = 70;
const EXIT_CONFIG = 78;

/** The metrics of a service as a process. */
export const SERVICE_METRICS = {
  eventLoopBusySeconds: {
    name: 'foghorn_event_loop_busy_seconds_total',
    kind: 'counter',
    help: 'Time in which the event loop was busy: its rate is the share of a core that the one thread takes, 1 at most.',
  },
  configLastReloadSuccessful: {
    name: 'foghorn_config_last_reload_successful',
    kind: 'gauge',
    help: 'Whether the configuration in use is the one last asked for: 0 after a reload that was refused.',
  },
  configLastReloadSuccessTimestampSeconds: {
    name: 'foghorn_config_last_reload_success_timestamp_seconds',
    kind: 'gauge',
    help: 'When the configuration in use was taken over.',
  },
} as const;

/**
 * Runs a service until SIGTERM or SIGINT and ends the process: exit code 0 after a clean stop, 78
 * (EX_CONFIG) for settings that cannot be used, 70 (EX_SOFTWARE) for a bug. A second signal ends it
 * at once. SIGHUP reads the settings anew and starts the service again with them in the same
 * process; settings that cannot be used are refused, and it goes on with those it has.
 */
export async function runService<S extends z.ZodObject>(definition: ServiceDefinition<S>): Promise<void> {
  try {
    const full = z.strictObject({ log: logSettings, ...definition.schema.shape });
    const commandLine = readCommandLine(process.argv.slice(2));
    if (commandLine.action === 'help') leave(helpText(definition.name, definition.summary, full));
    const read = (): Read<S> => {
      const checks = { areFilesChecked: true, ...(definition.check === undefined ? {} : { check: definition.check }) };
      const { config, problems, warnings } = examineConfig(full, readConfigSource(commandLine.configFile), checks);
      if (config === undefined) throw configError(problems);
      return { config: config as Settings<S>, warnings };
    };
    const first = read();
    if (commandLine.action === 'print-config') leave(printConfig(full, first.config));
    process.exit(await runUntilStopped({ definition, read }, first));
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

type Settings<S extends z.ZodObject> = z.infer<S> & { readonly log: z.infer<typeof logSettings> };

/** Settings that can be used, and what is odd about them. */
interface Read<S extends z.ZodObject> {
  readonly config: Settings<S>;
  readonly warnings: readonly string[];
}

interface Program<S extends z.ZodObject> {
  readonly definition: ServiceDefinition<S>;
  /** The settings as they are now. Throws ConfigError. */
  read(): Read<S>;
}

/** Settings to start with. */
interface Attempt<C> {
  readonly config: C;
  readonly warnings?: readonly string[];
  /** The settings to return to when the start fails with these. */
  readonly before?: C;
  readonly isRollback?: true;
}

/** Why a run ended. */
type End<C> =
  | { readonly kind: 'stop' | 'bug' }
  | { readonly kind: 'reload'; readonly config: C; readonly warnings: readonly string[] }
  | { readonly kind: 'failed'; readonly error: unknown };

/** Starts one run after the other until the process has to end; gives the exit code. */
async function runUntilStopped<S extends z.ZodObject>(program: Program<S>, start: Read<S>): Promise<number> {
  const { definition } = program;
  const first = start.config;
  const registry = createProcessRegistry(definition.name);
  const own = declareMetrics(registry, SERVICE_METRICS);
  let log = createLogger(definition.name, first.log);
  let run: ServiceRun | undefined;
  const requests = listenForSignals(EXIT_SOFTWARE, () => log);
  const admin = await startAdminServer(definition.admin(first), {
    metrics: async () => {
      own.eventLoopBusySeconds.reset();
      own.eventLoopBusySeconds.inc(performance.eventLoopUtilization().active / 1000);
      return `${await registry.metrics()}\n${(await run?.registry.metrics()) ?? ''}`;
    },
    ready: async () => (run === undefined ? 'starting' : await run.ready()),
  });
  const refused = (error: unknown): void => {
    own.configLastReloadSuccessful.set(0);
    log.error({ detail: errorText(error) }, 'the new configuration cannot be used: going on with the one before');
  };
  let attempt: Attempt<Settings<S>> = start;
  for (;;) {
    const { config, isRollback, warnings = [] } = attempt;
    log = createLogger(definition.name, config.log);
    log.info({ adminPort: admin.port, node: process.version }, 'starting');
    for (const detail of warnings) log.warn({ detail }, 'the configuration can be used, but look at this');
    const onStarted = (): void => {
      log.info('started');
      if (isRollback === true) return;
      own.configLastReloadSuccessful.set(1);
      own.configLastReloadSuccessTimestampSeconds.setToCurrentTime();
    };
    run = startRun(definition, { config, log, onStarted });
    const end = await untilEnd(program, { run, requests, refused });
    if (end.kind === 'failed') log.fatal({ err: end.error }, 'the start failed');
    const isClean = await run.end();
    log.info('stopped');
    const ending = requests.ending();
    const next = isClean && ending === undefined ? nextAttempt(attempt, end) : undefined;
    if (next === undefined) {
      await admin.close();
      return isClean ? exitCode(ending === undefined ? end : { kind: ending }) : EXIT_SOFTWARE;
    }
    if (end.kind === 'failed') refused(end.error);
    attempt = next;
  }
}

/**
 * The next settings, or undefined. Settings that fail to start after a reload are rolled back to
 * those before.
 */
function nextAttempt<C>({ config, before }: Attempt<C>, end: End<C>): Attempt<C> | undefined {
  if (end.kind === 'reload') return { config: end.config, warnings: end.warnings, before: config };
  if (end.kind === 'failed' && end.error instanceof ConfigError && before !== undefined)
    return { config: before, isRollback: true };
  return undefined;
}

function exitCode(end: End<unknown>): number {
  if (end.kind === 'stop') return EXIT_OK;
  return end.kind === 'failed' && end.error instanceof ConfigError ? EXIT_CONFIG : EXIT_SOFTWARE;
}

async function untilEnd<S extends z.ZodObject>(
  { read }: Program<S>,
  {
    run,
    requests,
    refused,
  }: { readonly run: ServiceRun; readonly requests: LifecycleRequests; refused(error: unknown): void },
): Promise<End<Settings<S>>> {
  const failed = run.failed.then((error) => ({ kind: 'failed', error }) as const);
  for (;;) {
    const failure = await Promise.race([requests.next().then(() => undefined), failed]);
    if (failure !== undefined) return failure;
    const request = requests.take();
    if (request === 'stop' || request === 'bug') return { kind: request };
    try {
      return { kind: 'reload', ...read() };
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      refused(error);
    }
  }
}
