// The buttons of Slack messages: the notifier writes them, the console takes their presses.

/**
 * The buttons' names. Their value is `<incident id>:<episode>`, with a key of `SNOOZES` behind it
 * for a snooze, or `<group id>:<episode>:<revision>`; that of a group's silence is a list of
 * matchers as JSON.
 */
export const SLACK_ACTIONS = {
  acknowledge: 'foghorn_acknowledge',
  acknowledgeGroup: 'foghorn_acknowledge_group',
  assignToMe: 'foghorn_assign_to_me',
  snooze: 'foghorn_snooze',
  silenceGroup: 'foghorn_silence_group_1h',
  resolve: 'foghorn_resolve',
  resolveGroup: 'foghorn_resolve_group',
  acknowledgeLink: 'foghorn_acknowledge_link',
  page: 'foghorn_page',
  runbook: 'foghorn_runbook',
} as const;

/** How long an incident can be snoozed by the menu. Nothing says which zone the reader's is. */
export const SNOOZES = { '1h': '1 hour', '4h': '4 hours', tomorrow: 'Until tomorrow, 8:00 UTC' } as const;
