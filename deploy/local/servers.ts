// The three local servers: which are needed, where their files are, starting and stopping them
// together.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fetchJars } from './jars.ts';
import { startElasticsearch } from './elasticsearch.ts';
import { startKafka } from './kafka.ts';
import type { Children } from './process.ts';
import { onPath, startRedis } from './redis.ts';
import { type LocalServer, type ServerContext, withoutPassword } from './server.ts';

/** The findings of the bootstrap. */
export interface Tools {
  /** Missing when addresses of both clusters that need it were given. */
  readonly javaHome?: string;
  /** The processes that started this one; it ends with them. */
  readonly parents?: readonly number[];
  findMaven(): { readonly program?: string; readonly missing?: string };
}

/**
 * How to start. A server named in `env` by KAFKA_BROKERS, ELASTICSEARCH_URL or REDIS_URL, or by the
 * setting that these stand for, is used and its twin is not started.
 */
export interface ServerOptions extends Tools {
  /** Where downloads lie; shared by all runs of a checkout. */
  readonly stateFolder: string;
  /** Where data and logs lie, e.g. a throw-away folder of a test run. */
  readonly dataFolder: string;
  /** `fixed`: the usual ports where they are free. `free`: any. */
  readonly ports: 'fixed' | 'free';
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly children: Children;
  readonly signal: AbortSignal;
  progress(line: string): void;
}

/** Where the three are, in the form of the environment variables that name them. */
export interface ServerAddresses {
  readonly KAFKA_BROKERS: string;
  readonly ELASTICSEARCH_URL: string;
  readonly REDIS_URL: string;
}

/** The settings' own variables, which a service puts before the short names. */
const SETTINGS: Readonly<Record<keyof ServerAddresses, string>> = {
  KAFKA_BROKERS: 'FOGHORN_KAFKA_BROKERS',
  ELASTICSEARCH_URL: 'FOGHORN_ELASTICSEARCH_NODES',
  REDIS_URL: 'FOGHORN_REDIS_URL',
};

/**
 * Starts the servers without a given address; resolves when all three answer. The servers end with
 * `children`.
 */
export async function startServers(options: ServerOptions): Promise<ServerAddresses> {
  const { env, stateFolder, dataFolder } = options;
  const context: ServerContext = {
    jarFolder: join(stateFolder, 'servers'),
    dataFolder: join(dataFolder, 'data'),
    logFolder: join(dataFolder, 'logs'),
    javaHome: options.javaHome,
    ports: options.ports,
    env,
    children: options.children,
    signal: options.signal,
    findMaven: options.findMaven,
    progress: options.progress,
  };
  for (const folder of [context.jarFolder, context.dataFolder, context.logFolder])
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  const named = (name: keyof ServerAddresses): string | undefined =>
    [env[SETTINGS[name]], env[name]].find((value) => value !== undefined && value !== '');
  const isNeeded = (name: keyof ServerAddresses): boolean => named(name) === undefined;
  // One after the other: two Maven runs that fetch the same plug-in at a time spoil each other's
  // files.
  if (isNeeded('KAFKA_BROKERS')) await fetchJars({ ...context, profile: 'kafka', folder: context.jarFolder });
  if (isNeeded('ELASTICSEARCH_URL'))
    await fetchJars({ ...context, profile: 'elasticsearch', folder: context.jarFolder });
  if (isNeeded('REDIS_URL') && onPath(env['PATH']) === undefined)
    await fetchJars({ ...context, profile: 'redis', folder: context.jarFolder });
  const address = async (
    name: keyof ServerAddresses,
    start: (context: ServerContext) => Promise<LocalServer>,
  ): Promise<string> => {
    const given = named(name);
    if (given === undefined) return (await start(context)).address;
    options.progress(`${name}=${withoutPassword(given)}: used as named`);
    return given;
  };
  const [kafka, elasticsearch, redis] = await Promise.all([
    address('KAFKA_BROKERS', startKafka),
    address('ELASTICSEARCH_URL', startElasticsearch),
    address('REDIS_URL', startRedis),
  ]);
  return { KAFKA_BROKERS: kafka, ELASTICSEARCH_URL: elasticsearch, REDIS_URL: redis };
}
