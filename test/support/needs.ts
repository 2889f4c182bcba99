// What a machine may lack: without it the tests that need it are skipped, unless TESTS_DEMAND names
// it. CI demands the servers, so that no kill test is skipped there.
import type { TestContext } from 'node:test';

const NEEDS = ['servers', 'agents', 'chromium', 'real-events', 'alertmanager', 'mailpit', 'promtool', 'go'] as const;

/**
 * `servers`: Kafka, Elasticsearch or Redis of a test's own, or Kafka's Java client; `agents`: those
 * of Debian; the others as CONTRIBUTING.md lists them.
 */
export type Need = (typeof NEEDS)[number];

/** The needs in `TESTS_DEMAND`, separated by commas. Throws for a word that is none. */
export function demanded(text = process.env['TESTS_DEMAND'] ?? ''): ReadonlySet<Need> {
  const words = text.split(',').flatMap((word) => (word.trim() === '' ? [] : [word.trim()]));
  return new Set(
    words.map((word) => {
      const need = NEEDS.find((one) => one === word);
      if (need === undefined) throw new Error(`TESTS_DEMAND names ${word}, which is none of ${NEEDS.join(', ')}`);
      return need;
    }),
  );
}

/**
 * The option `skip` of a test: false when nothing is missing, else the reason. Throws where the
 * need is demanded.
 */
export function skipWithout(need: Need, missing: string | undefined, demands = demanded()): string | false {
  if (missing === undefined) return false;
  if (demands.has(need)) throw new Error(`TESTS_DEMAND demands ${need}, but: ${missing}`);
  return missing;
}

/**
 * Skips a test that has begun, for the same reasons; the test returns after it. Throws where the
 * need is demanded.
 */
export function skipHere(t: Pick<TestContext, 'skip'>, need: Need, missing: string): void {
  t.skip(skipWithout(need, missing) || missing);
}
