// The route for tests and benchmarks that count messages: every incident by itself, at once and
// once, and no storm guard.

/** As settings; receivers are added. */
export const AT_ONCE_ROUTE = { group_by: ['...'], group_wait: '0s', repeat_interval: '0s' } as const;

/** As environment of a notifier, to all receivers. */
export const AT_ONCE: Readonly<Record<string, string>> = { FOGHORN_NOTIFIER_ROUTE: JSON.stringify(AT_ONCE_ROUTE) };
