// Names of hosts by the system's resolver, which knows hosts files and search domains as DNS alone does not; it can be neither hurried nor stopped, and the names are
// whatever events say: two at a time are asked, so that slow ones leave threads to everybody else, and nobody waits longer than he wants.
import { lookup } from 'node:dns/promises';
import { within } from '../../../shared/runtime/within.ts';

/** How long somebody waits. */
export interface Patience {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** The addresses of a host; none when its name says nothing, or not in time. Never throws. */
export type ResolveName = (host: string, patience: Patience) => Promise<readonly string[]>;

type Lookup = (host: string) => Promise<readonly string[]>;

/** Lookups under way, also those that nobody waits for any more. */
const AT_A_TIME = 2;

/** The resolver; `ask` is the system's unless a test has its own. */
export function createResolveName(ask: Lookup = systemLookup): ResolveName {
  let underWay = 0;
  const waiting: (() => void)[] = [];
  const run = async (host: string): Promise<readonly string[]> => {
    underWay += 1;
    try {
      return await ask(host);
    } catch {
      return [];
    } finally {
      underWay -= 1;
      waiting.shift()?.();
    }
  };
  return async (host, { timeoutMs, signal }) =>
    await within(signal, timeoutMs, async (ending) => {
      if (underWay >= AT_A_TIME) await turn(waiting, ending);
      return ending.aborted ? [] : await Promise.race([run(host), none(ending)]);
    });
}

async function systemLookup(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

/** Who gives up leaves the queue, or the turn that comes would be lost. */
async function turn(waiting: (() => void)[], ending: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    waiting.push(resolve);
    const leave = (): void => {
      const at = waiting.indexOf(resolve);
      if (at !== -1) waiting.splice(at, 1);
      resolve();
    };
    ending.addEventListener('abort', leave, { once: true });
  });
}

async function none(ending: AbortSignal): Promise<readonly string[]> {
  return await new Promise((resolve) => {
    ending.addEventListener('abort', () => resolve([]), { once: true });
  });
}
