// The notifier's keys in Redis.

/** The names of all keys under one prefix. */
export interface Keys {
  /** Holds the run id of the Redis that was found, or made, complete. Without it nothing in Redis may be believed. */
  readonly complete: string;
  /** Hash: `<incident>/<revision>` → the outbox entry. */
  readonly outbox: string;
  /** Hash: state → number of incidents. */
  readonly states: string;
  /** Prefix of BullMQ's keys. */
  readonly queues: string;
  /** Hash with `revision`, `state` and `snapshot`. */
  incident(id: string): string;
  /** Sorted set: event id → when it was counted. */
  seen(id: string): string;
  /** Hash: what became of the delivery of an episode by a receiver. */
  delivery(incidentId: string, episode: number, channel: string): string;
}

/** The keys under `prefix`. */
export function keysOf(prefix: string): Keys {
  return {
    complete: `${prefix}:complete`,
    outbox: `${prefix}:outbox`,
    states: `${prefix}:states`,
    queues: `${prefix}:queues`,
    incident: (id) => `${prefix}:incident:${id}`,
    seen: (id) => `${prefix}:seen:${id}`,
    delivery: (incidentId, episode, channel) => `${prefix}:delivery:${incidentId}:${episode}:${channel}`,
  };
}
