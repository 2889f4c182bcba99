// The one error class of the program: a neighbour (Kafka, Elasticsearch, Redis, a receiver) that is sick for now.

/** A neighbour cannot serve now; whoever catches it waits and tries again. `code` is stable, `retryAfterMs` is what the neighbour asked for. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
  readonly code: string;
  readonly neighbour: string;
  readonly retryAfterMs: number | undefined;

  constructor(
    neighbour: string,
    message: string,
    options: { readonly code?: string; readonly cause?: unknown; readonly retryAfterMs?: number } = {},
  ) {
    super(`${neighbour} is not available: ${message}`, { cause: options.cause });
    this.neighbour = neighbour;
    this.code = options.code ?? 'unavailable';
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** A wrong setting or an environment that cannot serve; ends the start with a message for the operator and exit code 78 (EX_CONFIG, sysexits.h). */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'config';
}

/** Whether something thrown is a bug: neither a dependency that is away nor a wrong setting. */
export function isBug(error: unknown): boolean {
  return !(error instanceof Unavailable || error instanceof ConfigError);
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
