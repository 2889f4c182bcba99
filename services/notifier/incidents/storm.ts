// Where no route says how incidents are grouped, a storm of one rule is notified together: decided when an incident begins, and kept with it.
import { digestId } from '../../../shared/contracts/ids.ts';
import { type FlappingSettings, noteBeginning } from '../policy/flapping.ts';
import type { Policy } from '../policy/policy.ts';
import { pipeline, type RedisClient } from '../redis/client.ts';
import type { Keys } from '../redis/keys.ts';
import type { Change } from './store.ts';

/** Marks the incidents that begin in a storm. Throws Unavailable. */
export type MarkStorm = (changes: readonly Change[], nowMs: number) => Promise<readonly Change[]>;

/** So many of a rule may begin within the window, each notified by itself. */
const LIMIT = 20;
/** Of them so many by one sender: its flood is a storm of its own, and does not make a digest of what others send. */
const LIMIT_OF_SENDER = 10;
const WINDOW_MS = 10_000;
/** A storm lasts for so long after the last time that there were more; as long as its digest waits for news. */
const LASTS_MS = 60_000;

/**
 * Keys: begun and storm of the sender's, begun and storm of the rule. Arguments: incident, now, window, limit, how long a storm lasts, limit of one sender's
 * in the rule's. An incident that comes twice counts once.
 */
const IS_STORM = `
local function begun(key, storm)
  redis.call('ZADD', key, ARGV[2], ARGV[1])
  redis.call('ZREMRANGEBYSCORE', key, '-inf', tonumber(ARGV[2]) - tonumber(ARGV[3]))
  redis.call('ZREMRANGEBYRANK', key, 0, -2 - tonumber(ARGV[4]))
  redis.call('PEXPIRE', key, ARGV[3])
  local count = redis.call('ZCARD', key)
  if count > tonumber(ARGV[4]) then redis.call('SET', storm, '1', 'PX', ARGV[5]) end
  return count
end
if begun(KEYS[1], KEYS[2]) <= tonumber(ARGV[6]) then begun(KEYS[3], KEYS[4]) end
return math.min(1, redis.call('EXISTS', KEYS[2], KEYS[4]))`;

/** Marks nothing where the policy knows no storms. What is critical never waits for the others. */
export function createStormMark(client: RedisClient, keys: Keys, policy: Pick<Policy, 'storm'>): MarkStorm {
  if (policy.storm === undefined) return async (changes) => await Promise.resolve(changes);
  return async (changes, nowMs) => {
    const begun = changes.filter(({ from, to }) => from?.episode !== to.episode && to.severity !== 'critical');
    if (begun.length === 0) return changes;
    const answers = await pipeline(client, (commands) => {
      for (const { to } of begun) {
        const { ruleId } = to.entity;
        const ofSender = `${ruleId}:${digestId([to.senders?.[0]?.name ?? ''])}`;
        const names = [keys.begun(ofSender), keys.storm(ofSender), keys.begun(ruleId), keys.storm(ruleId)];
        commands.eval(IS_STORM, names.length, ...names, to.id, nowMs, WINDOW_MS, LIMIT, LASTS_MS, LIMIT_OF_SENDER);
      }
    });
    const stormy = new Set(begun.filter((_, index) => answers[index] === 1));
    return changes.map((change) =>
      stormy.has(change) ? { ...change, to: { ...change.to, isInStorm: true as const } } : change,
    );
  };
}

/** Notes on incidents that begin how often they have of late, before a storm is looked for. */
export function withFlapping(mark: MarkStorm, settings: FlappingSettings): MarkStorm {
  return async (changes, nowMs) =>
    await mark(
      changes.map((change) => ({ ...change, to: noteBeginning(change.from, change.to, settings) })),
      nowMs,
    );
}
