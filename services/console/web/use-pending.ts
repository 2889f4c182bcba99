// Which incidents have a change under way: until it is done or refused, however long that takes.
import { useMemo, useRef, useState } from 'preact/hooks';
import type { LiveEntry } from './api/types.ts';
import type { LiveEvent } from './live.ts';

type IsOutcome = (entry: LiveEntry) => boolean;

/** See above. */
export interface Pending {
  readonly ids: ReadonlySet<string>;
  begin(id: string): void;
  end(id: string): void;
  /** The command is stored, and its outcome comes by the live stream; gives one that has come. */
  await(id: string, isOutcome: IsOutcome): LiveEntry | undefined;
  /**
   * Ends what an event of the stream is the outcome of; after a gap all that is awaited. Gives
   * their ids.
   */
  settle(event: LiveEvent): readonly string[];
}

/** As state. */
export function usePending(): Pending {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const awaited = useRef(new Map<string, IsOutcome>());
  /** An outcome may come before the answer that says that it is awaited. */
  const recent = useRef<readonly LiveEntry[]>([]);
  return useMemo(() => {
    const end = (...ended: readonly string[]): void => {
      for (const id of ended) awaited.current.delete(id);
      setIds((before) => new Set([...before].filter((id) => !ended.includes(id))));
    };
    return {
      ids,
      begin: (id) => {
        recent.current = recent.current.filter(({ incidentId }) => incidentId !== id);
        setIds((before) => new Set([...before, id]));
      },
      end,
      await: (id, isOutcome) => {
        const outcome = recent.current.find(isOutcome);
        if (outcome === undefined) awaited.current.set(id, isOutcome);
        else end(id);
        return outcome;
      },
      settle: (event) => {
        if (event.kind === 'entry' && ids.has(event.entry.incidentId ?? ''))
          recent.current = [...recent.current, event.entry];
        const ended = [...awaited.current]
          .filter(([, isOutcome]) => event.kind === 'again' || isOutcome(event.entry))
          .map(([id]) => id);
        if (ended.length > 0) end(...ended);
        return ended;
      },
    };
  }, [ids]);
}
