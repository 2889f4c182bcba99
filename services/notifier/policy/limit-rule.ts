// The incident that stands for those beyond a sender's limit.

/** Its rule; it is not limited itself. */
export const LIMIT_RULE = 'foghorn-incident-limit';

/** Its class of fault. */
export const LIMIT_CLASS = 'incident-limit';

/** Its parameters: what is limited. The label `rule` is that of the incident itself. */
export const LIMIT_PARAMETERS = { rule: 'limited_rule', sender: 'limited_sender' } as const;
