// The notifier's keys in Redis.

/** The names of all keys under one prefix. */
export interface Keys {
  /**
   * The id of the Redis that was found, or made, complete, and an id of that check or rebuild.
   * Without it nothing in Redis may be used.
   */
  readonly complete: string;
  /** Hash: who rebuilds Redis from Kafka and until when; see rebuild-lease.ts. */
  readonly rebuild: string;
  /** Hash: `<incident>/<revision>` → the outbox entry. */
  readonly outbox: string;
  /** Hash: state → number of incidents. */
  readonly states: string;
  /**
   * Sorted set: incident → when its timer is due, epoch milliseconds. Follows from the snapshots.
   */
  readonly timers: string;
  /** Set: the incidents that are not resolved. */
  readonly active: string;
  /**
   * The policy that timers, inhibitors and groups were made by; another means that they have to be
   * made anew.
   */
  readonly policy: string;
  /** What else timers were made by. */
  readonly timersBy: string;
  /** Hash: silence → the silence and the command it comes from. */
  readonly silences: string;
  /** Grows with each change of a silence. */
  readonly silencesVersion: string;
  /** Sorted set: commands about silences that are done → when. */
  readonly silenceCommands: string;
  /** Sorted set: group → when it is due, epoch milliseconds. */
  readonly groupTimers: string;
  /** Hash: purged incident → the activity entry for Kafka, until it is there. */
  readonly purged: string;
  /** The highest revision of a purged incident. */
  readonly lastPurgedRevision: string;
  /** Prefix of BullMQ's keys. */
  readonly queues: string;
  /** Hash with `revision`, `state`, `snapshot` and, for who reads many, `brief`. */
  incident(id: string): string;
  /** Sorted set: event id → when it was counted. */
  seen(id: string): string;
  /** Set: the incidents of a host that are not resolved. */
  host(name: string): string;
  /** Set: incidents that may hide others. */
  inhibitors(id: string): string;
  /** Sorted set: the latest incidents of a rule that began, by whomever or by one sender → when. */
  begun(ruleId: string): string;
  /** There for as long as a storm of a rule lasts. */
  storm(ruleId: string): string;
  /** Sorted set: the incidents that a sender began, of all rules or of one → when. */
  begunBy(id: string): string;
  /** Evidence that came before what it clears. */
  clearing(id: string): string;
  /** There for as long as an incident's port was asked lately. */
  probe(incidentId: string): string;
  /** Hash with the state of a group; with a part, one of its sets. */
  group(id: string, part?: string): string;
  /** How many messages a receiver got in the minute under way. */
  rateLimit(receiver: string): string;
  /** Set: the addresses that have taken the email of a delivery that others have not taken yet. */
  letter(deliveryId: string): string;
  /** Hash: the notification log's record of a receiver, an incident or group, and an episode. */
  delivery(incidentId: string, episode: number, channel: string): string;
}

/** The keys under `prefix`. */
export function keysOf(prefix: string): Keys {
  return {
    complete: `${prefix}:complete`,
    rebuild: `${prefix}:rebuild`,
    outbox: `${prefix}:outbox`,
    states: `${prefix}:states`,
    timers: `${prefix}:timers`,
    active: `${prefix}:active`,
    policy: `${prefix}:policy`,
    timersBy: `${prefix}:timers-by`,
    silences: `${prefix}:silences`,
    silencesVersion: `${prefix}:silences-version`,
    silenceCommands: `${prefix}:silence-commands`,
    groupTimers: `${prefix}:group-timers`,
    purged: `${prefix}:purged`,
    lastPurgedRevision: `${prefix}:last-purged-revision`,
    queues: `${prefix}:queues`,
    incident: (id) => `${prefix}:incident:${id}`,
    seen: (id) => `${prefix}:seen:${id}`,
    host: (name) => `${prefix}:host:${name.toLowerCase()}`,
    inhibitors: (id) => `${prefix}:inhibitors:${id}`,
    probe: (incidentId) => `${prefix}:probe:${incidentId}`,
    begun: (ruleId) => `${prefix}:begun:${ruleId}`,
    storm: (ruleId) => `${prefix}:storm:${ruleId}`,
    begunBy: (id) => `${prefix}:begun-by:${id}`,
    clearing: (id) => `${prefix}:clearing:${id}`,
    group: (id, part) => (part === undefined ? `${prefix}:group:${id}` : `${prefix}:group:${id}:${part}`),
    rateLimit: (receiver) => `${prefix}:rateLimit:${receiver}`,
    letter: (deliveryId) => `${prefix}:letter:${deliveryId}`,
    delivery: (incidentId, episode, channel) => `${prefix}:delivery:${incidentId}:${episode}:${channel}`,
  };
}
