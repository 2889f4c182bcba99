// The commands and keys that the notifier's user has to be allowed in Redis, for docs/redis.md and
// for the ACL rule.

/**
 * Commands that the notifier and BullMQ send, alone or in scripts, in lower case. A test runs the
 * notifier with a user that may use no other.
 */
export const REDIS_COMMANDS: readonly string[] = (
  'bzpopmin client del eval evalsha exec exists get hdel hello hexists hget hgetall hincrby hlen hmget hmset hset ' +
  'hsetnx hvals incr incrby info lindex llen lpop lpos lpush lrange lrem lset ltrim mget mset multi persist ' +
  'pexpire pexpireat ping pttl rename rpop rpoplpush rpush sadd scan scard script select set sismember smembers ' +
  'srandmember srem sscan time type unlink xadd xdel xlen xrange xread xtrim zadd zcard zcount zlexcount zmscore ' +
  'zpopmin zrange zrangebylex zrangebyscore zrem zremrangebyrank zremrangebyscore zrevrange zrevrangebyscore ' +
  'zscore'
).split(' ');

/**
 * The rules of an ACL for the notifier's user, as `ACL SETUSER` takes them, without name and
 * password.
 */
export function redisAclRules(keyPrefix: string): readonly string[] {
  return ['resetkeys', 'resetchannels', '-@all', `~${keyPrefix}:*`, ...REDIS_COMMANDS.map((name) => `+${name}`)];
}
