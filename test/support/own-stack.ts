// Programs that run on servers of their own, on loopback, and leave nothing behind: what
// `npm test`, `npm run bench`, `npm run attack`, `npm run cluster` and others have in common.
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createLifetime, EXIT_INTERRUPTED, stopped } from '../../deploy/local/lifetime.ts';
import { createChildren } from '../../deploy/local/process.ts';
import { type ServerAddresses, startServers, type Tools } from '../../deploy/local/servers.ts';
import { markRun, STATE_FOLDER } from '../../deploy/local/state.ts';
import { errorText } from '../../shared/runtime/errors.ts';
import { createEnding, type Ending } from './ending.ts';
import type { ServersEnding } from './own-servers.ts';

/** Which servers, and how long they may run. */
interface ServersOptions {
  readonly tools: Tools;
  /** What the data folder begins with. */
  readonly name: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  say(line: string): void;
}

/**
 * Starts servers in a new data folder for as long as `run` takes; gives what that gives. Ends the
 * servers and removes the folder whatever happens.
 */
export async function withServers<T>(
  { tools, name, say, ...options }: ServersOptions,
  run: (addresses: ServerAddresses, dataFolder: string) => Promise<T>,
): Promise<T> {
  const children = createChildren();
  const dataFolder = join(STATE_FOLDER, `${name}-${randomBytes(4).toString('hex')}`);
  markRun(dataFolder);
  try {
    const own = { stateFolder: STATE_FOLDER, dataFolder, ports: 'free', children, progress: say } as const;
    return await run(await startServers({ ...tools, ...options, ...own }), dataFolder);
  } finally {
    await children.stopAll();
    rmSync(dataFolder, { recursive: true, force: true });
  }
}

/** How such a program runs. */
export interface OwnStackOptions {
  readonly tools: Tools;
  /** What its data folder begins with. */
  readonly name: string;
  readonly limitMs: number;
  say(line: string): void;
}

/** Clusters that the environment names are somebody else's. */
const NAMES_OF_CLUSTERS =
  /^(?:KAFKA_BROKERS|ELASTICSEARCH_URL|REDIS_URL|FOGHORN_KAFKA_BROKERS|FOGHORN_ELASTICSEARCH_NODES|FOGHORN_REDIS_URL)$/u;

/**
 * Starts the servers, puts their addresses into the environment, and runs; gives what `run` gives,
 * the exit code, or that of an interruption.
 */
export async function onOwnServers(
  { tools, name, limitMs, say }: OwnStackOptions,
  run: (ending: Ending) => Promise<number>,
): Promise<number> {
  const lifetime = createLifetime(tools.parents);
  const ending = createEnding();
  const signal = AbortSignal.any([lifetime.signal, AbortSignal.timeout(limitMs)]);
  const env = Object.fromEntries(Object.entries(process.env).filter(([key]) => !NAMES_OF_CLUSTERS.test(key)));
  try {
    return await withServers({ tools, name, env, signal, say }, async (addresses) => {
      Object.assign(process.env, addresses);
      try {
        return await Promise.race([run(ending), stopped(signal)]);
      } finally {
        await ending.end().catch((error: unknown) => say(`at the end: ${String(error)}`));
      }
    });
  } catch (error) {
    if (!signal.aborted) throw error;
    say(lifetime.signal.aborted ? 'stopped' : `stopped after ${limitMs / 60_000} minutes`);
    return lifetime.signal.aborted ? EXIT_INTERRUPTED : 1;
  } finally {
    lifetime.release();
    // What was under way would go on waiting for a stack that is gone.
    if (signal.aborted) process.exit(lifetime.signal.aborted ? EXIT_INTERRUPTED : 1);
  }
}

/**
 * Runs a program that starts what it needs and adds to `t` how that ends; gives the exit code. A
 * signal, or the end of what started it, ends it.
 */
export async function runToEnd(
  { parents, say }: Pick<Tools, 'parents'> & Pick<OwnStackOptions, 'say'>,
  run: (t: ServersEnding) => Promise<number>,
): Promise<number> {
  const { signal, release } = createLifetime(parents);
  const ending = createEnding();
  try {
    return await Promise.race([run({ ...ending, signal }), stopped(signal)]);
  } catch (error) {
    say(signal.aborted ? 'stopped' : errorText(error));
    return 1;
  } finally {
    await ending.end().catch((error: unknown) => say(`at the end: ${errorText(error)}`));
    release();
    // What was under way would go on waiting for servers that are gone.
    if (signal.aborted) process.exit(EXIT_INTERRUPTED);
  }
}
