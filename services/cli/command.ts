// A verb of `foghorn`: one file each, built on the folders of the services.

/** The output of a verb. Results go to `out`, everything else to `err`. */
export interface CommandIo {
  out(line: string): void;
  err(line: string): void;
  /** Whether `err` is a terminal, where a line may be written over. */
  readonly isTerminal: boolean;
  /** Aborts on Ctrl-C. */
  readonly signal: AbortSignal;
}

/** One verb. */
export interface Command {
  readonly summary: string;
  /** Shown by `foghorn VERB --help`. */
  readonly usage: string;
  /** Gives the exit code: 0 done, 1 not done, 64 (EX_USAGE) for arguments that make no sense. */
  run(args: readonly string[], io: CommandIo): Promise<number>;
}

/** sysexits.h: the command was used wrongly. */
export const EXIT_USAGE = 64;

/** Wrong arguments; the message says which ones are right. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
