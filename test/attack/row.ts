// What an attack came to: one row of the table that `npm run attack` prints.

/** One attack on a running service, and whether the service held. */
export interface AttackRow {
  /** Which attack, in a few words; unique in the table. */
  readonly attack: string;
  /** What was sent and what came of it, for people. */
  readonly detail: string;
  /**
   * CPU time that the service spent on one request of the attack, in milliseconds, where it was
   * measured.
   */
  readonly cpuMsPerRequest?: number;
  /** Whether honest senders were served as before, and nothing was trusted that should not be. */
  readonly held: boolean;
}
