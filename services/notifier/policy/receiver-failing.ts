// The incident about a receiver that takes no deliveries; the other receivers are notified of it.
import type { IncidentBrief } from '../../../shared/contracts/incident.ts';

/** Its rule. */
export const RECEIVER_FAILING_RULE = 'foghorn-receiver-failing';

/** The receiver that an incident is about, when it is about one. */
export function failingReceiverOf({ entity }: Pick<IncidentBrief, 'entity'>): string | undefined {
  return entity.ruleId === RECEIVER_FAILING_RULE ? String(entity.params['receiver'] ?? '') : undefined;
}
