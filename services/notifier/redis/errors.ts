// Classifies an error of Redis: unavailable, a wrong setting, or a bug. Texts for people hold no
// script and no data.
import { ConfigError, errorText, Unavailable } from '../../../shared/runtime/errors.ts';

/** Longer messages are cut: a script's error may quote its arguments. */
const MAX_MESSAGE = 300;

/**
 * The beginnings of replies; up to Redis 6 the error of a command stands inside that of the script
 * that called it.
 */
const PREFIX = String.raw`^(?:ERR Error running script \(call to \w+\): .*?: -)?`;
const UNAVAILABLE_REPLIES = new RegExp(
  `${PREFIX}(?:LOADING|BUSY|MASTERDOWN|READONLY|CLUSTERDOWN|TRYAGAIN|MISCONF|OOM|NOREPLICAS|UNBLOCKED)\\b`,
  'su',
);
const READ_ONLY = new RegExp(`${PREFIX}READONLY\\b`, 'su');
const PASSWORD = /^(?:NOAUTH|WRONGPASS)\b|invalid (?:username-)?password|wrong number of arguments for 'auth'/u;
const FORBIDDEN = new RegExp(
  `${PREFIX}NOPERM\\b|can't run this command or subcommand|can't access at least one of the keys`,
  'su',
);
const CLUSTER = new RegExp(`${PREFIX}(?:MOVED|ASK|CROSSSLOT)\\b|SELECT is not allowed in cluster mode`, 'su');
const DATABASE = /DB index is out of range|invalid DB index/u;

/** What to do about a Redis Cluster. */
export const CLUSTER_ADVICE =
  'Redis runs in cluster mode, which the notifier cannot use: its scripts change keys of several slots in one piece. Name a Redis with cluster mode off in redis.url, or Sentinels in redis.sentinels.';

/** True for a reply of Redis, which ioredis names so. */
function isReply(error: unknown): error is Error {
  return error instanceof Error && error.name === 'ReplyError';
}

/**
 * The Redis at the other end is a replica by now: the connection has to be made anew, to the
 * primary.
 */
export function isReadOnly(error: unknown): boolean {
  return READ_ONLY.test(errorText(error));
}

/** The problem of the settings, and what to do about it; undefined when they are not the cause. */
export function settingsProblem(error: unknown): string | undefined {
  if (!isReply(error)) return undefined;
  const said = cut(error.message);
  if (PASSWORD.test(said))
    return `Redis refuses the user or the password (${said}): set both in redis.url, as redis://user:password@host.`;
  if (FORBIDDEN.test(said))
    return `Redis refuses a command or a key to this user (${said}). The notifier needs the commands and keys that docs/redis.md lists, as an ACL rule.`;
  if (CLUSTER.test(said)) return `${CLUSTER_ADVICE} (${said})`;
  if (DATABASE.test(said))
    return `Redis has no database of the number that redis.url ends with (${said}): name another, or raise "databases" of Redis.`;
  return undefined;
}

/**
 * The error to throw for one that came of work with Redis: Unavailable, ConfigError while the
 * service starts and the settings are to blame, or the error itself, cut, for a bug. Once the
 * service has started nothing about settings ends it: a password may be rotated and a rule be
 * changed at run time.
 */
export function toRedisError(error: unknown, isStarting: boolean): unknown {
  if (error instanceof Unavailable || error instanceof ConfigError || error instanceof TypeError) return error;
  const fault = settingsProblem(error);
  if (fault !== undefined) return isStarting ? new ConfigError(fault) : new Unavailable('Redis', fault);
  if (isReply(error) && !UNAVAILABLE_REPLIES.test(error.message)) return withoutData(error);
  return new Unavailable('Redis', cut(errorText(error)), { cause: withoutData(error) });
}

/**
 * ioredis hangs the whole command on its errors, with scripts and snapshots, and a log would have
 * it all.
 */
function withoutData(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const whole = error.message;
  Reflect.deleteProperty(error, 'command');
  error.message = cut(whole);
  if (error.stack !== undefined) error.stack = error.stack.replace(whole, () => error.message);
  return error;
}

function cut(text: string): string {
  return text.length > MAX_MESSAGE ? `${text.slice(0, MAX_MESSAGE)}…` : text;
}
