// Named closers: every acquired resource registers how it is closed, and all of them run in reverse
// order.
import { errorText } from './errors.ts';

/** Closes one resource; `deadline` aborts when the time for a graceful stop is over. */
export type Close = (deadline: AbortSignal) => Promise<void> | void;

/** A closer that threw, or that had not finished at the deadline. */
interface CloseError {
  readonly name: string;
  readonly detail: string;
}

/** The resources of a program. */
export interface Closers {
  add(name: string, close: Close): void;
  /**
   * Runs every closer once, last added first, each even when an earlier one failed; later calls do
   * nothing.
   */
  closeAll(deadline: AbortSignal): Promise<readonly CloseError[]>;
}

/**
 * Registers what is still starting, before anything beside it can fail: it is waited for, and
 * stopped where it runs.
 */
export function closeStarting(
  closers: Closers,
  name: string,
  starting: Promise<{ stop(deadline: AbortSignal): Promise<void> } | undefined>,
): void {
  closers.add(name, async (deadline) => {
    const running = await starting.catch(() => undefined);
    await running?.stop(deadline);
  });
}

/** An empty list of closers. */
export function createClosers(): Closers {
  const entries: { readonly name: string; readonly close: Close }[] = [];
  return {
    add: (name, close) => void entries.push({ name, close }),
    async closeAll(deadline) {
      const problems: CloseError[] = [];
      for (let entry = entries.pop(); entry !== undefined; entry = entries.pop()) {
        const detail = await closeOne(entry.close, deadline);
        if (detail !== undefined) problems.push({ name: entry.name, detail });
      }
      return problems;
    },
  };
}

async function closeOne(close: Close, deadline: AbortSignal): Promise<string | undefined> {
  let onAbort: (() => void) | undefined;
  const overdue = new Promise<string>((resolve) => {
    onAbort = () => resolve('not closed within the deadline');
    if (deadline.aborted) setImmediate(onAbort);
    else deadline.addEventListener('abort', onAbort, { once: true });
  });
  const closing = (async () => {
    try {
      await close(deadline);
      return undefined;
    } catch (error) {
      return errorText(error);
    }
  })();
  try {
    return await Promise.race([closing, overdue]);
  } finally {
    if (onAbort !== undefined) deadline.removeEventListener('abort', onAbort);
  }
}
