// What is wanted of the process from outside, and bugs that nobody caught, one after the other.
import type { Logger } from './logger.ts';

/** `stop` by SIGTERM or SIGINT, `reload` by SIGHUP, `bug` by an error that nobody caught. */
export type Wish = 'stop' | 'reload' | 'bug';

/** The wishes in their order. */
export interface Wishes {
  /** Waits until there is one, and leaves it there. */
  some(): Promise<void>;
  /** Takes the oldest. */
  take(): Wish | undefined;
  /** Why the process has to end, when it has to. */
  ending(): 'stop' | 'bug' | undefined;
}

/** Listens from now on. A second signal to stop ends the process at once with `hurryCode`. */
export function hearWishes(hurryCode: number, log: () => Logger): Wishes {
  const waiting: Wish[] = [];
  let ending: 'stop' | 'bug' | undefined;
  let wake = (): void => undefined;
  const add = (wish: Wish): void => {
    if (wish !== 'reload') ending ??= wish;
    if (!waiting.includes(wish)) waiting.push(wish);
    wake();
    wake = () => undefined;
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (ending !== undefined) process.exit(hurryCode);
      log().info({ signal }, 'stopping');
      add('stop');
    });
  }
  process.on('SIGHUP', () => {
    log().info({ signal: 'SIGHUP' }, 'reloading');
    add('reload');
  });
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      log().fatal({ err: error, event }, 'a bug: the service stops and has to be started again');
      add('bug');
    });
  }
  return {
    some: async () => {
      while (waiting.length === 0)
        await new Promise<void>((resolve) => {
          const before = wake;
          wake = () => {
            before();
            resolve();
          };
        });
    },
    take: () => waiting.shift(),
    ending: () => ending,
  };
}
