// The controls of Slack messages: the notifier writes them, the console takes what they send.

/**
 * The controls' names. The value of a button is `<incident id>:<episode>`, with a key of `SNOOZES`
 * behind it for a snooze, or `<group id>:<episode>:<revision>`; that of a group's silence is a list
 * of matchers as JSON. The value of a note is its text; its block's id is
 * `<incident id>:<episode>:<epoch milliseconds of the last note>`.
 */
export const SLACK_ACTIONS = {
  acknowledge: 'foghorn_acknowledge',
  acknowledgeGroup: 'foghorn_acknowledge_group',
  assignToMe: 'foghorn_assign_to_me',
  snooze: 'foghorn_snooze',
  silenceGroup: 'foghorn_silence_group_1h',
  note: 'foghorn_note',
  resolve: 'foghorn_resolve',
  resolveGroup: 'foghorn_resolve_group',
  acknowledgeLink: 'foghorn_acknowledge_link',
  page: 'foghorn_page',
  runbook: 'foghorn_runbook',
} as const;

/** How long an incident can be snoozed by the menu. Nothing says which zone the reader's is. */
export const SNOOZES = { '1h': '1 hour', '4h': '4 hours', tomorrow: 'Until tomorrow, 8:00 UTC' } as const;
