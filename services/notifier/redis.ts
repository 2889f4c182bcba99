// The Redis connection: settings, one client that fails fast, and the translation of its errors. ioredis is imported here alone.
import { type ChainableCommander, Redis, ReplyError } from 'ioredis';
import { z } from 'zod';
import { ConfigError, messageOf, Unavailable } from '../../shared/runtime/errors.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { setting } from '../../shared/runtime/settings.ts';

/** The section `redis`. */
export const redisSettings = z
  .strictObject({
    url: setting(z.url({ protocol: /^rediss?$/u }).default('redis://127.0.0.1:6379'), {
      description: 'Redis as redis:// or, with TLS, rediss://; user, password and database may be in it.',
      alias: 'REDIS_URL',
      secret: 'url',
    }),
    keyPrefix: setting(
      z
        .string()
        .regex(/^[\w.{}-]{1,64}$/u)
        .default('foghorn'),
      {
        description: 'What all keys begin with; two installations on one Redis need two. No colon.',
      },
    ),
  })
  .prefault({});

/** The section `redis`, validated. */
export type RedisSettings = z.infer<typeof redisSettings>;

/** Commands that go in one round trip. */
export type RedisPipeline = ChainableCommander;

/** Redis as the notifier uses it; every call may throw Unavailable. */
export interface RedisClient {
  readonly redis: Redis;
  /** Runs `work`; turns what the connection or an unready server is to blame for into Unavailable. */
  run<T>(work: (redis: Redis) => Promise<T>): Promise<T>;
  /** False after a lost connection, until Redis was looked at: what answers then may be another one, or one that was set back. */
  isBelieved(): boolean;
  /** Looks at it; believed afterwards, unless the connection was lost meanwhile. */
  lookAt<T>(look: () => Promise<T>): Promise<T>;
  /** What is missing, or undefined. */
  ready(): Promise<string | undefined>;
  close(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 3000;
const COMMAND_TIMEOUT_MS = 10_000;
const MAX_RECONNECT_MS = 2000;

/** The options that BullMQ gets for connections of its own. Blocking commands must not be given up on, so it may wait for ever. */
export function queueConnection(settings: RedisSettings) {
  return {
    url: settings.url,
    maxRetriesPerRequest: null,
    connectTimeout: CONNECT_TIMEOUT_MS,
    retryStrategy: reconnectMs,
  };
}

/** A client that answers at once when Redis is away: who waits for it does so in `patiently`. */
export function createRedis(settings: RedisSettings, log: Logger): RedisClient {
  const redis = new Redis(settings.url, {
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: COMMAND_TIMEOUT_MS,
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    // After a loss somebody has to look first whether it is the same Redis.
    autoResendUnfulfilledCommands: false,
    retryStrategy: reconnectMs,
  });
  let losses = 0;
  let lossesSeen = 0;
  redis.on('close', () => (losses += 1));
  redis.on('error', (error: Error) => log.debug({ detail: messageOf(error) }, 'Redis connection'));
  const client: RedisClient = {
    redis,
    run: async (work) => {
      try {
        await connected(redis);
        return await work(redis);
      } catch (error) {
        throw toUnavailable(error);
      }
    },
    isBelieved: () => losses === lossesSeen,
    lookAt: async (look) => {
      const before = losses;
      const found = await look();
      lossesSeen = before;
      return found;
    },
    ready: async () => {
      try {
        await client.run(async (connection) => await connection.ping());
        return undefined;
      } catch (error) {
        return messageOf(error);
      }
    },
    close: async () => {
      redis.disconnect();
      await Promise.resolve();
    },
  };
  return client;
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

/** Throws ConfigError when Redis may evict keys: an evicted incident would be told again. */
export async function refuseEviction(client: RedisClient): Promise<void> {
  const info = await client.run(async (redis) => await redis.info('memory'));
  const policy = /^maxmemory_policy:(?<policy>\S+)/mu.exec(info)?.groups?.['policy'] ?? 'noeviction';
  if (policy !== 'noeviction')
    throw new ConfigError(
      `Redis has maxmemory-policy ${policy}, which may throw away incidents and queued deliveries. Set it to noeviction, or name another Redis in REDIS_URL.`,
    );
}

function reconnectMs(attempt: number): number {
  return Math.min(50 * 2 ** attempt, MAX_RECONNECT_MS);
}

async function connected(redis: Redis): Promise<void> {
  if (redis.status === 'ready') return;
  await new Promise<void>((resolve, reject) => {
    const settle = (error?: Error): void => {
      clearTimeout(timer);
      redis.off('ready', onReady);
      redis.off('close', onClose);
      if (error === undefined) resolve();
      else reject(error);
    };
    const onReady = (): void => settle();
    const onClose = (): void => settle(new Error('the connection was refused or lost'));
    const timer = setTimeout(
      () => settle(new Error(`no connection within ${CONNECT_TIMEOUT_MS} ms`)),
      CONNECT_TIMEOUT_MS,
    );
    redis.once('ready', onReady);
    redis.once('close', onClose);
  });
}

/** Replies that say: not now. */
const SICK_REPLIES = /^(?:LOADING|BUSY|MASTERDOWN|READONLY|CLUSTERDOWN|TRYAGAIN|MISCONF|OOM|NOREPLICAS)\b/u;

function toUnavailable(error: unknown): unknown {
  if (error instanceof ReplyError && !SICK_REPLIES.test(messageOf(error))) return error;
  return error instanceof Unavailable || error instanceof ConfigError || error instanceof TypeError
    ? error
    : new Unavailable('Redis', messageOf(error), { cause: error });
}
