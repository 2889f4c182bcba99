// Names of hosts by the system's resolver, which knows hosts files and search domains as DNS alone
// does not; it cannot be aborted, and the names are those in events: at most two run at a time, so
// that slow ones leave threads to others, and every caller has its own time limit.
import { lookup } from 'node:dns/promises';
import { createLimiter } from '../../../shared/runtime/limiter.ts';
import { within } from '../../../shared/runtime/within.ts';

/** The time limit of a caller. */
export interface LookupLimits {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** The addresses of a host; none when its name does not resolve in time. Never throws. */
export type ResolveName = (host: string, limits: LookupLimits) => Promise<readonly string[]>;

type Lookup = (host: string) => Promise<readonly string[]>;

/** Lookups under way, also those whose callers have given up. */
const AT_A_TIME = 2;

/** The resolver; `ask` is the system's unless a test has its own. */
export function createResolveName(ask: Lookup = systemLookup): ResolveName {
  const limited = createLimiter(AT_A_TIME);
  return (host, { timeoutMs, signal }) =>
    within(signal, timeoutMs, async (ending) => {
      if (ending.aborted) return [];
      const asked = limited(() => ask(host), ending).catch(() => []);
      return await Promise.race([asked, none(ending)]);
    });
}

async function systemLookup(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

async function none(ending: AbortSignal): Promise<readonly string[]> {
  return await new Promise((resolve) => {
    ending.addEventListener('abort', () => resolve([]), { once: true });
  });
}
