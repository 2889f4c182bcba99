// Where no route says how incidents are grouped, a storm of one rule is notified together: decided
// when an incident begins, and kept with it.
import { digestId } from '../../../shared/contracts/ids.ts';
import { type FlappingSettings, noteBeginning } from '../policy/flapping.ts';
import type { Policy } from '../policy/policy.ts';
import type { RedisClient } from '../redis/client.ts';
import type { Keys } from '../redis/keys.ts';
import { defineScript, runScripts } from '../redis/scripts.ts';
import type { Change } from './store.ts';

/** Marks the incidents that begin in a storm. Throws Unavailable. */
export type MarkStorm = (changes: readonly Change[], nowMs: number) => Promise<readonly Change[]>;

/** So many of a rule may begin within the window, each notified by itself. */
const LIMIT = 20;
/**
 * The most of them by one sender: its flood is a storm of its own, and makes no digest of the
 * events of others.
 */
const LIMIT_OF_SENDER = 10;
const WINDOW_MS = 10_000;
/**
 * A storm lasts for so long after the last time that there were more; as long as its digest waits
 * for changes.
 */
const LASTS_MS = 60_000;

const LIMITS = { windowMs: WINDOW_MS, max: LIMIT, lastsMs: LASTS_MS, maxOfSender: LIMIT_OF_SENDER };

const NOTE_BEGINNING = defineScript('note-beginning', {
  keys: ['begunBySender', 'stormOfSender', 'begun', 'storm'],
  args: ['id', 'now', 'windowMs', 'max', 'lastsMs', 'maxOfSender'],
});

/** Marks nothing where the policy knows no storms. What is critical never waits for the others. */
export function createStormMark(client: RedisClient, keys: Keys, policy: Pick<Policy, 'storm'>): MarkStorm {
  if (policy.storm === undefined) return async (changes) => await Promise.resolve(changes);
  return async (changes, nowMs) => {
    const begun = changes.filter(({ from, to }) => from?.episode !== to.episode && to.severity !== 'critical');
    if (begun.length === 0) return changes;
    const calls = begun.map(({ to }) => {
      const { ruleId } = to.entity;
      const ofSender = `${ruleId}:${digestId([to.senders?.[0]?.name ?? ''])}`;
      return {
        begunBySender: keys.begun(ofSender),
        stormOfSender: keys.storm(ofSender),
        begun: keys.begun(ruleId),
        storm: keys.storm(ruleId),
        id: to.id,
        now: nowMs,
        ...LIMITS,
      };
    });
    const answers = await runScripts(client, NOTE_BEGINNING, calls);
    const stormy = new Set(begun.filter((_, index) => answers[index] === 1));
    return changes.map((change) =>
      stormy.has(change) ? { ...change, to: { ...change.to, isInStorm: true as const } } : change,
    );
  };
}

/** Records in incidents that begin how often they have of late, before a storm is looked for. */
export function withFlapping(mark: MarkStorm, settings: FlappingSettings): MarkStorm {
  return async (changes, nowMs) =>
    await mark(
      changes.map((change) => ({ ...change, to: noteBeginning(change.from, change.to, settings) })),
      nowMs,
    );
}
