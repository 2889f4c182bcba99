// What happens now, as the console sends it; and whether it still does.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { LiveEntry } from './api/types.ts';

/** `lost`: the connection broke and is being made again. */
export type LiveState = 'connecting' | 'live' | 'lost' | 'paused';

/** What listeners get: an entry, or that some may have been missed. */
export type LiveEvent = { readonly kind: 'entry'; readonly entry: LiveEntry } | { readonly kind: 'again' };

/** The stream of the page. */
export interface Live {
  readonly state: LiveState;
  /** Since when the connection is lost, epoch milliseconds. */
  readonly lostAt: number | undefined;
  pause(isPaused: boolean): void;
  listen(listener: (event: LiveEvent) => void): () => void;
}

const RETRY_MS = 3000;

/** Follows `/api/v1/stream` while the component is there and `isOn`. */
export function useStream(isOn: boolean): Live {
  const [state, setState] = useState<LiveState>('connecting');
  const [isPaused, setPaused] = useState(false);
  const [lostAt, setLostAt] = useState<number>();
  const listeners = useRef(new Set<(event: LiveEvent) => void>());
  useEffect(() => {
    if (!isOn || isPaused) return undefined;
    return follow({
      onOpen: (isAgain) => {
        setState('live');
        setLostAt(undefined);
        if (isAgain) for (const listener of listeners.current) listener({ kind: 'again' });
      },
      onLost: () => {
        setState('lost');
        setLostAt((before) => before ?? Date.now());
      },
      onEntry: (entry) => {
        for (const listener of listeners.current) listener({ kind: 'entry', entry });
      },
    });
  }, [isOn, isPaused]);
  const listen = useRef((listener: (event: LiveEvent) => void) => {
    listeners.current.add(listener);
    return () => void listeners.current.delete(listener);
  });
  const pause = (paused: boolean): void => {
    setPaused(paused);
    if (!paused) for (const listener of listeners.current) listener({ kind: 'again' });
  };
  return { state: isPaused ? 'paused' : state, lostAt, pause, listen: listen.current };
}

interface Handlers {
  onOpen(isAgain: boolean): void;
  onLost(): void;
  onEntry(entry: LiveEntry): void;
}

/** Connects, and again whenever the connection ends; gives the function that stops. */
function follow({ onOpen, onLost, onEntry }: Handlers): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wasOpen = false;
  const connect = (): void => {
    source = new EventSource('/api/v1/stream');
    source.addEventListener('open', () => {
      onOpen(wasOpen);
      wasOpen = true;
    });
    source.addEventListener('action', ({ data }: MessageEvent<string>) => onEntry(JSON.parse(data) as LiveEntry));
    source.addEventListener('error', () => {
      onLost();
      // The browser tries again by itself unless the answer was a refusal.
      if (source?.readyState !== EventSource.CLOSED) return;
      timer = setTimeout(connect, RETRY_MS);
    });
  };
  connect();
  return () => {
    clearTimeout(timer);
    source?.close();
  };
}
