// The errors that decide what a program does: a dependency that is unavailable for now, and
// settings that cannot be used. Everything else thrown is a bug.

/**
 * A dependency (Kafka, Elasticsearch, Redis, a receiver) is unavailable; who catches it waits and
 * retries.
 */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
  /** Stable, for programs. */
  readonly code: string;
  readonly dependency: string;
  /** The wait that the dependency asked for. */
  readonly retryAfterMs: number | undefined;

  constructor(
    dependency: string,
    message: string,
    options: { readonly code?: string; readonly cause?: unknown; readonly retryAfterMs?: number } = {},
  ) {
    super(`${dependency} is not available: ${message}`, { cause: options.cause });
    this.dependency = dependency;
    this.code = options.code ?? 'unavailable';
    this.retryAfterMs = options.retryAfterMs;
  }
}

/**
 * A wrong setting or an environment that cannot serve; ends the start with a message for the
 * operator and exit code 78 (EX_CONFIG, sysexits.h).
 */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'config';
}

/** Whether something thrown is a bug: neither an unavailable dependency nor a wrong setting. */
export function isBug(error: unknown): boolean {
  return !(error instanceof Unavailable || error instanceof ConfigError);
}

/** The message of anything thrown. */
export function errorText(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(errorText).join('; ');
  return error instanceof Error ? error.message : String(error);
}
