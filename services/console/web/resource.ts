// Something that is read from the API and shown: with what it last was while it is read again.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { ApiError } from './api/client.ts';

/** See above. `at` is when `data` was read, epoch milliseconds. */
export interface Resource<T> {
  readonly data: T | undefined;
  readonly error: ApiError | undefined;
  readonly isLoading: boolean;
  readonly at: number | undefined;
  /** Reads it again. */
  reload(): void;
}

type State<T> = Omit<Resource<T>, 'reload'> & { readonly key: string };

/** Reads with `load` whenever `key` changes, and again by itself what could not be read. */
export function useResource<T>(key: string, load: (signal: AbortSignal) => Promise<T>): Resource<T> {
  const [state, setState] = useState<State<T>>(() => empty(key));
  const [turn, setTurn] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  useEffect(() => {
    const ending = new AbortController();
    setState((before) => (before.key === key ? { ...before, isLoading: true } : empty(key)));
    latest.current(ending.signal).then(
      (data) => {
        if (!ending.signal.aborted) setState({ key, data, error: undefined, isLoading: false, at: Date.now() });
      },
      (error: unknown) => {
        if (ending.signal.aborted) return;
        setState((before) => ({ ...before, error: asApiError(error), isLoading: false }));
      },
    );
    return () => ending.abort();
  }, [key, turn]);
  const reload = useCallback(() => setTurn((before) => before + 1), []);
  useRetry(state.error, reload);
  const { data, error, isLoading, at } = state.key === key ? state : empty<T>(key);
  return { data, error, isLoading, at, reload };
}

const RETRY_MS = 5000;

/** Reads again after a while what could not be read for want of an answer. */
export function useRetry(error: ApiError | undefined, reload: () => void): void {
  useEffect(() => {
    if (error === undefined || !error.isPassing) return undefined;
    const timer = setTimeout(reload, RETRY_MS);
    return () => clearTimeout(timer);
  }, [error]);
}

function empty<T>(key: string): State<T> {
  return { key, data: undefined, error: undefined, isLoading: true, at: undefined };
}

/** Any failure as one that can be shown. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError(0, 'bug', `A bug in this page: ${error instanceof Error ? error.message : String(error)}`);
}
