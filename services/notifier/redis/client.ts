// The Redis connection: one client that fails fast, and the translation of its errors. ioredis is
// imported here alone.
import { type ChainableCommander, Redis } from 'ioredis';
import { errorText, Unavailable } from '../../../shared/runtime/errors.ts';
import type { Logger } from '../../../shared/runtime/logger.ts';
import { isReadOnly, settingsProblem, toRedisError } from './errors.ts';
import { addressOptions, type RedisSettings } from './settings.ts';

/** Commands that go in one round trip. */
export type RedisPipeline = ChainableCommander;

/**
 * Redis as the notifier uses it; every call may throw Unavailable, and ConfigError until
 * `endStart`.
 */
export interface RedisClient {
  readonly redis: Redis;
  /** Runs `work`; turns errors of the connection or an unready server into Unavailable. */
  run<T>(work: (redis: Redis) => Promise<T>): Promise<T>;
  /**
   * False after a lost connection, until Redis was checked: what answers then may be another one,
   * or one that was set back.
   */
  isVerified(): boolean;
  /**
   * Runs the check; Redis counts as verified afterwards, unless the connection was lost meanwhile.
   */
  verifyWith<T>(look: () => Promise<T>): Promise<T>;
  /**
   * Called when the service has started: from then on a refused password or command leads to
   * retries instead of the end.
   */
  endStart(): void;
  /**
   * What is missing, or undefined; answers within seconds. Ready is a primary that takes a write.
   */
  ready(): Promise<string | undefined>;
  close(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 3000;
const COMMAND_TIMEOUT_MS = 10_000;
/**
 * Without a byte for so long while a command waits the connection is dropped: a host that vanished
 * says nothing, and TCP alone waits for a quarter of an hour.
 */
const SILENCE_MS = 8000;
/** BullMQ's workers wait up to 10 s for a job, and that is no silence. */
const QUEUE_SILENCE_MS = 15_000;
const READY_TIMEOUT_MS = 2000;
const READY_KEY_MS = 60_000;
const MAX_RECONNECT_MS = 2000;

/**
 * The options that BullMQ gets for connections of its own. Blocking commands must not be given up
 * on, so it may wait for ever.
 */
export function queueConnection(settings: RedisSettings) {
  return {
    ...addressOptions(settings),
    maxRetriesPerRequest: null,
    connectTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: QUEUE_SILENCE_MS,
    retryStrategy: reconnectMs,
    reconnectOnError: isReadOnly,
  };
}

/**
 * A client that answers at once when Redis is away: who waits for it does so in
 * `retryWhileUnavailable`. Throws ConfigError for files that cannot be read.
 */
export function createRedis(settings: RedisSettings, log: Logger): RedisClient {
  const redis = new Redis({
    ...addressOptions(settings),
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: COMMAND_TIMEOUT_MS,
    socketTimeout: SILENCE_MS,
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    // After a lost connection the Redis has to be verified first.
    autoResendUnfulfilledCommands: false,
    retryStrategy: reconnectMs,
    reconnectOnError: isReadOnly,
  });
  const link = watchLink(redis, log);
  let isStarting = true;
  let lossesSeen = 0;
  const client: RedisClient = {
    redis,
    run: async (work) => {
      try {
        await connected(redis, link);
        return await work(redis);
      } catch (error) {
        throw toRedisError(error, isStarting);
      }
    },
    isVerified: () => link.losses() === lossesSeen,
    verifyWith: async (look) => {
      const before = link.losses();
      const found = await look();
      lossesSeen = before;
      return found;
    },
    endStart: () => {
      isStarting = false;
    },
    ready: async () => {
      try {
        return await within(READY_TIMEOUT_MS, findMissing(client, `${settings.keyPrefix}:ready`));
      } catch (error) {
        return errorText(error);
      }
    },
    close: async () => {
      redis.disconnect();
      await Promise.resolve();
    },
  };
  return client;
}

/** The state of the connection. */
interface Link {
  /** How often it was lost. */
  losses(): number;
  /** Why the last attempt to connect failed. */
  fault(): unknown;
  /** It is there, but to another database than the settings name: ioredis goes on with number 0. */
  wrongDatabase(): unknown;
}

function watchLink(redis: Redis, log: Logger): Link {
  let losses = 0;
  let fault: unknown;
  let wrongDatabase: unknown;
  let said: string | undefined;
  redis.on('close', () => (losses += 1));
  redis.on('connect', () => (wrongDatabase = undefined));
  redis.on('ready', () => {
    fault = undefined;
    if (wrongDatabase === undefined) said = undefined;
  });
  redis.on('error', (error: Error & { readonly command?: { readonly name: string } }) => {
    fault = error;
    if (error.command?.name === 'select') wrongDatabase = error;
    const detail = settingsProblem(error);
    if (detail === undefined) log.debug({ detail: errorText(error) }, 'Redis connection');
    else if (detail !== said) log.error({ detail }, 'Redis cannot be used with these settings');
    said = detail;
  });
  return { losses: () => losses, fault: () => fault, wrongDatabase: () => wrongDatabase };
}

/** Runs commands in one round trip; the first that failed throws. Throws Unavailable. */
export async function pipeline(
  client: RedisClient,
  fill: (commands: RedisPipeline) => void,
): Promise<readonly unknown[]> {
  return await client.run(async (redis) => {
    const commands = redis.pipeline();
    fill(commands);
    const answers = (await commands.exec()) ?? [];
    return answers.map(([error, answer]) => {
      if (error !== null) throw error;
      return answer;
    });
  });
}

/** Which Redis is connected, as far as it says. */
export interface RedisServer {
  /** Another with each start; empty where a managed service hides it. */
  readonly runId: string;
  /** Also another after a fail-over. Empty where both are hidden. */
  readonly id: string;
  /** How much was written to it, in bytes of replication; grows as long as `id` stays. */
  readonly offset: number;
}

/**
 * Which Redis is connected. Throws Unavailable for a replica, also a writable one, and connects
 * anew: what is written there is lost with its next synchronization.
 */
export async function readServer(client: RedisClient): Promise<RedisServer> {
  const [server = '', replication = ''] = (
    await pipeline(client, (commands) => {
      commands.info('server');
      commands.info('replication');
    })
  ).map(String);
  if (infoField(replication, 'role') === 'slave') {
    client.redis.disconnect(true);
    throw new Unavailable('Redis', REPLICA);
  }
  const runId = infoField(server, 'run_id') ?? '';
  const replicationId = infoField(replication, 'master_replid') ?? '';
  const id = [runId, replicationId].filter((part) => part !== '').join('/');
  return { runId, id, offset: Number(infoField(replication, 'master_repl_offset') ?? 0) };
}

/** A field of INFO; undefined when it is missing. */
export function infoField(info: string, name: string): string | undefined {
  return new RegExp(`^${name}:(?<value>\\S+)`, 'mu').exec(info)?.groups?.['value'];
}

const REPLICA = 'it is a replica, which takes no changes: the primary is another one';

async function findMissing(client: RedisClient, key: string): Promise<string | undefined> {
  return await client.run(async (redis) => {
    if (infoField(await redis.info('replication'), 'role') === 'slave') return `Redis is not available: ${REPLICA}`;
    await redis.set(key, '1', 'PX', READY_KEY_MS);
    return undefined;
  });
}

async function within<T>(limitMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Unavailable('Redis', `no answer within ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function reconnectMs(attempt: number): number {
  return Math.min(50 * 2 ** attempt, MAX_RECONNECT_MS);
}

async function connected(redis: Redis, link: Link): Promise<void> {
  if (redis.status !== 'ready') await connecting(redis, link);
  const wrong = link.wrongDatabase();
  if (wrong !== undefined) throw wrong;
}

async function connecting(redis: Redis, link: Link): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const settle = (error?: unknown): void => {
      clearTimeout(timer);
      redis.off('ready', onReady);
      redis.off('close', onClose);
      if (error === undefined) resolve();
      else reject(error);
    };
    const onReady = (): void => settle();
    const onClose = (): void => settle(link.fault() ?? new Error('the connection was refused or lost'));
    const timer = setTimeout(
      () => settle(new Error(`no connection within ${CONNECT_TIMEOUT_MS} ms`)),
      CONNECT_TIMEOUT_MS,
    );
    redis.once('ready', onReady);
    redis.once('close', onClose);
  });
}
