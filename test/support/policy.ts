// Policies for tests, read from settings as foghorn.yaml has them.
import { z } from 'zod';
import { createPolicy, type Policy } from '../../services/notifier/policy/policy.ts';
import type { ReceiverTraits } from '../../services/notifier/policy/route.ts';
import {
  inhibitRulesSetting,
  labelsSetting,
  routeSetting,
  timeIntervalsSetting,
} from '../../services/notifier/policy/settings.ts';

const schema = z.strictObject({
  route: routeSetting,
  inhibitRules: inhibitRulesSetting,
  timeIntervals: timeIntervalsSetting,
  labels: labelsSetting,
});

/** A policy of these settings, checked as at the start of the notifier. */
export function aPolicy(
  settings: Readonly<Record<string, unknown>>,
  receivers: readonly (string | ReceiverTraits)[],
): Policy {
  const candidates = receivers.map((receiver) =>
    typeof receiver === 'string' ? { name: receiver, minSeverity: 'info' as const } : receiver,
  );
  return createPolicy(schema.parse(settings), candidates);
}
