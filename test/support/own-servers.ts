// Servers of a test's own, to be hung, killed and started again; the shared ones have to stay well
// for the others.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startElasticsearch } from '../../deploy/local/elasticsearch.ts';
import { fetchJars } from '../../deploy/local/jars.ts';
import { startKafka } from '../../deploy/local/kafka.ts';
import { createChildren } from '../../deploy/local/process.ts';
import { startRedis } from '../../deploy/local/redis.ts';
import type { LocalServer, ServerContext } from '../../deploy/local/server.ts';
import { STATE_FOLDER } from '../../deploy/local/state.ts';
import { packagePath } from '../../shared/runtime/package-root.ts';
import type { Ending } from './ending.ts';

/** A server that can be made to fail. */
export interface OwnServer {
  /** As KAFKA_BROKERS, ELASTICSEARCH_URL or REDIS_URL have it; the same over restarts. */
  readonly address: string;
  /** Where its files lie. */
  readonly folder: string;
  pid(): number;
  /** It keeps its connections and answers nothing. */
  hang(): void;
  /** It goes on where it hung. */
  goOn(): void;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGTERM: it ends in order, with its data written; resolves when it is gone. */
  stop(): Promise<void>;
  /** Resolves when it has ended by itself or was ended. */
  ended(): Promise<void>;
  /** Starts it again with its old data, at its old address; resolves when it answers. */
  start(): Promise<void>;
}

const STARTERS = { kafka: startKafka, elasticsearch: startElasticsearch, redis: startRedis } as const;

/** Which servers there are. */
export type ServerName = keyof typeof STARTERS;

/**
 * What a server may be started with besides the usual. `dataFolder`: a folder of the caller's that
 * is removed by it.
 */
export type ServerExtras = Partial<Pick<ServerContext, 'settings' | 'jvmOptions' | 'clusterId' | 'dataFolder'>>;

/** Starts one server, in a folder under that of the test's; it ends with the test. */
export type StartOwnServer = (name: ServerName, folder?: string, extras?: ServerExtras) => Promise<OwnServer>;

interface Prerequisites {
  readonly thisMachine: unknown;
  findJdk(machine: unknown): { readonly home?: string; readonly missing?: string };
  findMaven(machine: unknown): { readonly program?: string; readonly missing?: string };
}

/** Where servers are started and ended: a test, or a program. */
export type ServersEnding = Ending & { readonly signal: AbortSignal };

/**
 * Starts the named servers; gives the reason instead when this machine has no JDK, as with clusters
 * that are named. They end with the test.
 */
export async function startOwnServers<Name extends ServerName>(
  t: ServersEnding,
  names: readonly Name[],
  extras: ServerExtras = {},
): Promise<Readonly<Record<Name, OwnServer>> | string> {
  const start = await ownServersStarter(t);
  if (typeof start === 'string') return start;
  const servers: Partial<Record<Name, OwnServer>> = {};
  for (const name of names) servers[name] = await start(name, '', extras);
  return servers as Record<Name, OwnServer>;
}

/** How to start servers one by one; the reason instead when this machine has no JDK. */
export async function ownServersStarter(t: ServersEnding): Promise<StartOwnServer | string> {
  const file = pathToFileURL(packagePath('deploy', 'local', 'prerequisites.mjs')).href;
  const { findJdk, findMaven, thisMachine } = (await import(file)) as Prerequisites;
  const jdk = findJdk(thisMachine);
  if (jdk.home === undefined) return jdk.missing ?? 'there is no JDK';
  const root = mkdtempSync(join(tmpdir(), 'foghorn-servers-'));
  const children = createChildren();
  const running: OwnServer[] = [];
  t.after(async () => {
    // Nobody reads their data any more.
    await Promise.all(running.map(async (server) => await server.kill()));
    await children.stopAll();
    rmSync(root, { recursive: true, force: true });
  });
  const jarFolder = join(STATE_FOLDER, 'servers');
  mkdirSync(jarFolder, { recursive: true });
  // One after the other: two Maven runs that fetch the same plug-in at a time spoil each other's
  // files.
  let fetched: Promise<unknown> = Promise.resolve();
  return async (name, folder = '', extras = {}) => {
    const own = join(root, folder);
    mkdirSync(own, { recursive: true });
    const context: ServerContext = {
      jarFolder,
      dataFolder: own,
      logFolder: own,
      javaHome: jdk.home,
      ports: 'free',
      env: process.env,
      children,
      signal: t.signal,
      findMaven: () => findMaven(thisMachine),
      progress: () => undefined,
      ...extras,
    };
    if (name !== 'redis') fetched = fetched.then(() => fetchJars({ ...context, profile: name, folder: jarFolder }));
    await fetched;
    const server = await startOwn(STARTERS[name], context);
    running.push(server);
    return server;
  };
}

async function startOwn(
  starter: (context: ServerContext) => Promise<LocalServer>,
  context: ServerContext,
): Promise<OwnServer> {
  const first = await starter(context);
  const port = Number(/:(?<port>\d+)$/u.exec(first.address)?.groups?.['port']);
  let { child } = first;
  const signal = (name: NodeJS.Signals): void => {
    try {
      process.kill(child.pid, name);
    } catch {
      // It is gone already.
    }
  };
  const ended = async (): Promise<void> => void (await child.exited);
  return {
    address: first.address,
    folder: context.dataFolder,
    pid: () => child.pid,
    hang: () => signal('SIGSTOP'),
    goOn: () => signal('SIGCONT'),
    kill: async () => {
      signal('SIGKILL');
      await ended();
    },
    stop: async () => {
      signal('SIGTERM');
      await ended();
    },
    ended,
    start: async () => {
      ({ child } = await starter({ ...context, port }));
    },
  };
}
