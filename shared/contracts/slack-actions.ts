// The buttons of Slack messages: the notifier writes them, the console takes their presses.

/**
 * The buttons' names. Their value is `<incident id>:<episode>` or the same of a group, that of a
 * group's silence a list of matchers as JSON.
 */
export const SLACK_ACTIONS = {
  acknowledge: 'foghorn_acknowledge',
  acknowledgeGroup: 'foghorn_acknowledge_group',
  silence: 'foghorn_silence_1h',
  silenceGroup: 'foghorn_silence_group_1h',
  resolve: 'foghorn_resolve',
  resolveGroup: 'foghorn_resolve_group',
  acknowledgeLink: 'foghorn_acknowledge_link',
  page: 'foghorn_page',
  runbook: 'foghorn_runbook',
} as const;
