// Where no route says how incidents are grouped, a storm of one rule is told together: judged when an incident begins, and kept with it.
import { type FlappingSettings, noteBeginning } from '../policy/flapping.ts';
import type { Policy } from '../policy/policy.ts';
import { pipeline, type RedisClient } from '../redis.ts';
import type { Keys } from './keys.ts';
import type { Change } from './store.ts';

/** Marks the incidents that begin in a storm. Throws Unavailable. */
export type MarkStorm = (changes: readonly Change[], nowMs: number) => Promise<readonly Change[]>;

/** So many of a rule may begin within the window, each told by itself. */
const LIMIT = 20;
const WINDOW_MS = 10_000;
/** A storm lasts for so long after the last time that there were more; as long as its digest waits for news. */
const LASTS_MS = 60_000;

/** Keys: begun, storm. Arguments: incident, now, window, limit, how long a storm lasts. An incident that comes twice counts once. */
const IS_STORM = `
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', tonumber(ARGV[2]) - tonumber(ARGV[3]))
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -2 - tonumber(ARGV[4]))
redis.call('PEXPIRE', KEYS[1], ARGV[3])
if redis.call('ZCARD', KEYS[1]) > tonumber(ARGV[4]) then redis.call('SET', KEYS[2], '1', 'PX', ARGV[5]) end
return redis.call('EXISTS', KEYS[2])`;

/** Marks nothing where the policy knows no storms. What is critical never waits for the others. */
export function createStormMark(client: RedisClient, keys: Keys, policy: Pick<Policy, 'storm'>): MarkStorm {
  if (policy.storm === undefined) return async (changes) => await Promise.resolve(changes);
  return async (changes, nowMs) => {
    const begun = changes.filter(({ from, to }) => from?.episode !== to.episode && to.severity !== 'critical');
    if (begun.length === 0) return changes;
    const answers = await pipeline(client, (commands) => {
      for (const { to } of begun) {
        const names = [keys.begun(to.entity.ruleId), keys.storm(to.entity.ruleId)];
        commands.eval(IS_STORM, names.length, ...names, to.id, nowMs, WINDOW_MS, LIMIT, LASTS_MS);
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
