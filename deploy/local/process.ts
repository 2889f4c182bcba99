// Child processes that cannot be left behind: each leads a process group, and a guard ends the
// groups when this process is gone, however it went.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { packagePath } from '../../shared/runtime/package-root.ts';

/** How a child is started. What it prints goes to `logFile`, or line by line to `onLine`. */
export interface ChildOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly logFile?: string;
  onLine?(line: string): void;
}

/** A running child. */
export interface Child {
  readonly name: string;
  readonly pid: number;
  /** Resolves with the exit code, or null when a signal ended it. */
  readonly exited: Promise<number | null>;
  /** SIGTERM, and SIGKILL when it has not ended after `graceMs`. */
  stop(graceMs?: number): Promise<void>;
}

/** Starts children and keeps the guard informed. */
export interface Children {
  start(options: ChildOptions): Child;
  /** Stops what still runs, last started first, then dismisses the guard. */
  stopAll(): Promise<void>;
}

const GRACE_MS = 15_000;

/**
 * Waits for a child that does one thing and gives its exit code. When `signal` aborts the child is
 * stopped, and this throws.
 */
export async function untilExit(child: Child, signal: AbortSignal): Promise<number | null> {
  const stop = (): void => void child.stop();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  const code = await child.exited;
  signal.removeEventListener('abort', stop);
  signal.throwIfAborted();
  return code;
}

/** Starts the guard. Nothing is started without it. */
export function createChildren(): Children {
  const guard = startGuard();
  const running: Child[] = [];
  let isOver = false;
  return {
    start: (options) => {
      if (isOver) throw new Error(`${options.name} is not started: everything is being stopped.`);
      const child = startChild(options, guard);
      running.push(child);
      return child;
    },
    stopAll: async () => {
      isOver = true;
      for (let child = running.pop(); child !== undefined; child = running.pop()) await child.stop();
      guard.stdin?.end();
    },
  };
}

function startGuard(): ChildProcess {
  const guard = spawn(process.execPath, [packagePath('deploy', 'local', 'guard.mjs')], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard.stdin?.on('error', () => undefined);
  guard.unref();
  return guard;
}

function startChild(options: ChildOptions, guard: ChildProcess): Child {
  const { name, command, args, cwd, env, logFile, onLine } = options;
  if (logFile !== undefined) mkdirSync(dirname(logFile), { recursive: true });
  const log = logFile === undefined ? undefined : openSync(logFile, 'a');
  const output = log ?? 'pipe';
  const child = spawn('/bin/sh', [packagePath('deploy', 'local', 'held.sh'), command, ...args], {
    cwd,
    env: { ...process.env, ...env },
    detached: true,
    stdio: ['pipe', output, output],
  });
  if (log !== undefined) closeSync(log);
  const pid = child.pid;
  if (pid === undefined) throw new Error(`${name} cannot be started: /bin/sh cannot be run in ${cwd}.`);
  child.stdin?.on('error', () => undefined);
  guard.stdin?.write(`+${pid}\n`, (error) => child.stdin?.end(error ? '' : 'go\n'));
  if (onLine !== undefined) for (const stream of [child.stdout, child.stderr]) splitLines(stream, onLine);
  const exited = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => {
      guard.stdin?.write(`-${pid}\n`);
      resolve(code);
    });
  });
  return { name, pid, exited, stop: (graceMs = GRACE_MS) => stopChild(child, exited, graceMs) };
}

async function stopChild(child: ChildProcess, exited: Promise<unknown>, graceMs: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await exited;
  clearTimeout(timer);
}

function splitLines(stream: NodeJS.ReadableStream | null, onLine: (line: string) => void): void {
  let rest = '';
  stream?.setEncoding('utf8');
  stream?.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    lines.forEach(onLine);
  });
}
