// Signals to the process and uncaught errors, as lifecycle requests in their order.
import type { Logger } from './logger.ts';

/** `stop` by SIGTERM or SIGINT, `reload` by SIGHUP, `bug` by an uncaught error. */
type LifecycleRequest = 'stop' | 'reload' | 'bug';

/** The requests, oldest first. */
export interface LifecycleRequests {
  /** Waits until there is one; `take` removes it. */
  next(): Promise<void>;
  /** Removes and returns the oldest. */
  take(): LifecycleRequest | undefined;
  /** The uncaught error that ends the process. */
  ending(): 'stop' | 'bug' | undefined;
}

/** Listens from now on. A second signal to stop ends the process at once with `forcedExitCode`. */
export function listenForSignals(forcedExitCode: number, log: () => Logger): LifecycleRequests {
  const waiting: LifecycleRequest[] = [];
  let ending: 'stop' | 'bug' | undefined;
  let wake = (): void => undefined;
  const add = (request: LifecycleRequest): void => {
    if (request !== 'reload') ending ??= request;
    if (!waiting.includes(request)) waiting.push(request);
    wake();
    wake = () => undefined;
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (ending !== undefined) process.exit(forcedExitCode);
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
    next: async () => {
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
