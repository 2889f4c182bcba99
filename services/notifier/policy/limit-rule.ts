// The incident that stands for those that a sender may not begin any more.

/** Its rule; it is not limited itself. */
export const LIMIT_RULE = 'foghorn-incident-limit';

/** Its class of fault. */
export const LIMIT_CLASS = 'incident-limit';

/** Its parameters: what is limited. A label `rule` is of the incident itself. */
export const LIMIT_PARAMETERS = { rule: 'limited_rule', sender: 'limited_sender' } as const;
