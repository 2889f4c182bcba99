// The ids of requests that clients ask about later. An id is given out after Kafka has the events,
// so each is true: once, then its memory is free.
// Source:
// https://help.splunk.com/en/splunk-enterprise/get-data-in/collect-http-event-data/about-http-event-collector-indexer-acknowledgment

/** Limits of what is kept for clients that do not ask. */
export interface AcknowledgementLimits {
  readonly maxChannels: number;
  /** Ids of a channel that nobody asked about. */
  readonly maxIds: number;
}

/** The ids given out. */
export interface Acknowledgements {
  /** The next id of a channel. */
  next(channel: string): number;
  /**
   * Which of the ids were given out on the channel and not reported yet; they are reported with
   * this.
   */
  report(channel: string, ids: readonly number[]): Readonly<Record<string, boolean>>;
}

interface Channel {
  nextId: number;
  readonly open: Set<number>;
}

/**
 * Of no channel at first. Beyond the limits the channel that is unused longest and the oldest ids
 * of a channel are dropped: their clients send again.
 */
export function createAcknowledgements({ maxChannels, maxIds }: AcknowledgementLimits): Acknowledgements {
  const channels = new Map<string, Channel>();
  return {
    next: (name) => {
      const channel = channels.get(name) ?? { nextId: 0, open: new Set() };
      // The one used last stands last.
      channels.delete(name);
      channels.set(name, channel);
      dropFirst(channels, maxChannels);
      const id = channel.nextId;
      channel.nextId += 1;
      channel.open.add(id);
      dropFirst(channel.open, maxIds);
      return id;
    },
    report: (name, ids) => {
      const open = channels.get(name)?.open;
      return Object.fromEntries(ids.map((id) => [String(id), open?.delete(id) ?? false]));
    },
  };
}

function dropFirst<K>(kept: Map<K, unknown> | Set<K>, most: number): void {
  if (kept.size <= most) return;
  for (const key of kept.keys()) return void kept.delete(key);
}
