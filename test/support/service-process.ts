// A Foghorn service as a process of its own: started from the compiled files, asked for readiness
// and metrics, killed and started again.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { choosePort } from '../../deploy/local/ports.ts';
import { nodeArgs } from '../../deploy/local/services.ts';
import { until } from './until.ts';

/** The services that exist. */
export type ServiceName = 'collector' | 'enricher' | 'indexer' | 'notifier' | 'console';

/** A service's process. The admin port stays the same over restarts. */
export interface ServiceProcess {
  readonly name: ServiceName;
  readonly adminPort: number;
  readonly logFile: string;
  pid(): number;
  /** Starts it again after `kill` or `stop`, and waits until it is ready, for `limitMs` at most. */
  start(limitMs?: number): Promise<void>;
  /** SIGHUP: to read its settings anew. */
  hangUp(): void;
  /** SIGKILL, at once. */
  kill(): Promise<void>;
  /** SIGTERM; gives the exit code. */
  stop(): Promise<number | null>;
  /** SIGTERM, for good: `start` rejects from now on. */
  retire(): Promise<void>;
  /** One metric's values by their label text, as `/metrics` has them. */
  metrics(name: string): Promise<ReadonlyMap<string, number>>;
}

/** Starts a service with these settings (environment variables) and waits until it is ready. */
export async function startService(...args: Parameters<typeof prepareService>): Promise<ServiceProcess> {
  const service = await prepareService(...args);
  await service.start();
  return service;
}

/** The same, not started yet. */
export async function prepareService(
  name: ServiceName,
  env: Readonly<Record<string, string>>,
  logFolder: string,
): Promise<ServiceProcess> {
  const adminPort = await choosePort();
  mkdirSync(logFolder, { recursive: true });
  const logFile = join(logFolder, `${name}.log`);
  const full = {
    PATH: process.env['PATH'] ?? '',
    FOGHORN_LOG_FORMAT: 'json',
    [`FOGHORN_${name.toUpperCase()}_ADMIN_PORT`]: String(adminPort),
    ...env,
  };
  let child: ChildProcess | undefined;
  let isRetired = false;
  const service: ServiceProcess = {
    name,
    adminPort,
    logFile,
    pid: () => child?.pid ?? 0,
    start: async (limitMs) => {
      if (isRetired) throw new Error(`${name} was stopped for good.`);
      const log = openSync(logFile, 'a');
      child = spawn(process.execPath, [...nodeArgs(name), mainFile(name)], {
        env: full,
        cwd: logFolder,
        stdio: ['ignore', log, log],
      });
      closeSync(log);
      await untilReady(child, service, limitMs);
    },
    hangUp: () => void child?.kill('SIGHUP'),
    kill: async () => {
      await end(child, 'SIGKILL');
    },
    stop: async () => await end(child, 'SIGTERM'),
    retire: async () => {
      isRetired = true;
      await end(child, 'SIGTERM');
    },
    metrics: async (metric) => parseMetric(await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text(), metric),
  };
  return service;
}

/** A metric over all its labels. */
export async function metricSum(service: ServiceProcess, name: string): Promise<number> {
  return [...(await service.metrics(name)).values()].reduce((sum, value) => sum + value, 0);
}

function mainFile(name: ServiceName): string {
  return fileURLToPath(new URL(`../../services/${name}/main.js`, import.meta.url));
}

async function untilReady(child: ChildProcess, service: ServiceProcess, limitMs?: number): Promise<void> {
  const isReady = async (): Promise<boolean> => {
    if (child.exitCode !== null)
      throw new Error(
        `${service.name} ended with ${child.exitCode}: ${readFileSync(service.logFile, 'utf8').slice(-2000)}`,
      );
    const response = await fetch(`http://127.0.0.1:${service.adminPort}/readyz`);
    // The error of a wait that ends in vain has the reason.
    if (!response.ok) throw new Error(await response.text());
    return true;
  };
  await until(`${service.name} is ready`, isReady, limitMs);
}

async function end(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<number | null> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
  return child.exitCode;
}

function parseMetric(text: string, name: string): ReadonlyMap<string, number> {
  const values = new Map<string, number>();
  for (const line of text.split('\n')) {
    const parts = /^(?<name>[a-z_]+)(?:\{(?<labels>.*)\})? (?<value>\S+)$/u.exec(line)?.groups;
    if (parts?.['name'] === name) values.set(parts['labels'] ?? '', Number(parts['value']));
  }
  return values;
}
