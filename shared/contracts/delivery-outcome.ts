// What became of the message to a receiver, in the words of the page and the terminal.

/** By the outcome as the API names it. */
export const OUTCOME_TEXTS = {
  notified: 'notified',
  suppressed: 'not notified',
  superseded: 'replaced by a later message',
  delivery_unknown: 'delivery unknown',
  delivery_failed: 'not delivered',
  waiting: 'no message yet',
} as const;
