// The ids of requests that clients ask about later. An id is given out after Kafka has the events,
// so each is true: once, then its memory is free.
// Source:
// https://help.splunk.com/en/splunk-enterprise/get-data-in/collect-http-event-data/about-http-event-collector-indexer-acknowledgment

/** Limits of what is kept for clients that do not ask. */
export interface AcknowledgementLimits {
  /** Ids of a channel that nobody asked about. */
  readonly maxIds: number;
  /** Ids of all senders; a channel counts as many as `CHANNEL_WEIGHT`. */
  readonly maxKept: number;
}

/** The ids given out; a channel is its sender's, so that nobody uses up the ids of another. */
export interface Acknowledgements {
  /** The next id of a channel. */
  next(sender: string, channel: string): number;
  /**
   * Which of the ids were given out on the channel and not reported yet; they are reported with
   * this.
   */
  report(sender: string, channel: string, ids: readonly number[]): Readonly<Record<string, boolean>>;
}

interface Channel {
  nextId: number;
  readonly open: Set<number>;
}

interface Sender {
  /** The one used last stands last. */
  readonly channels: Map<string, Channel>;
  kept: number;
}

/** What a channel takes in memory, in ids. */
const CHANNEL_WEIGHT = 16;

/**
 * Of no channel at first. Beyond the limits the oldest ids of a channel are dropped, and of the
 * sender that has most the channel that is unused longest: their clients send again.
 */
export function createAcknowledgements({ maxIds, maxKept }: AcknowledgementLimits): Acknowledgements {
  const senders = new Map<string, Sender>();
  let kept = 0;
  const weigh = (sender: Sender, change: number): void => {
    sender.kept += change;
    kept += change;
  };
  const dropOldest = (): void => {
    let [name, sender] = ['', undefined as Sender | undefined];
    for (const [other, one] of senders) if (one.kept > (sender?.kept ?? 0)) [name, sender] = [other, one];
    const [oldest] = sender?.channels.keys() ?? [];
    if (sender === undefined || oldest === undefined) return;
    weigh(sender, -CHANNEL_WEIGHT - (sender.channels.get(oldest)?.open.size ?? 0));
    sender.channels.delete(oldest);
    if (sender.channels.size === 0) senders.delete(name);
  };
  return {
    next: (name, channelName) => {
      const sender = senders.get(name) ?? { channels: new Map<string, Channel>(), kept: 0 };
      senders.set(name, sender);
      const known = sender.channels.get(channelName);
      if (known === undefined) weigh(sender, CHANNEL_WEIGHT);
      const channel = known ?? { nextId: 0, open: new Set<number>() };
      sender.channels.delete(channelName);
      sender.channels.set(channelName, channel);
      const id = channel.nextId;
      channel.nextId += 1;
      channel.open.add(id);
      const [oldest] = channel.open;
      if (channel.open.size > maxIds && oldest !== undefined) channel.open.delete(oldest);
      else weigh(sender, 1);
      if (kept > maxKept) dropOldest();
      return id;
    },
    report: (name, channelName, ids) => {
      const sender = senders.get(name);
      const open = sender?.channels.get(channelName)?.open;
      return Object.fromEntries(
        ids.map((id) => {
          const isOpen = open?.delete(id) ?? false;
          if (isOpen && sender !== undefined) weigh(sender, -1);
          return [String(id), isOpen];
        }),
      );
    },
  };
}
