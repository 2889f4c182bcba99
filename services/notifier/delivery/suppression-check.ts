// Checks, at the moment of sending, whether incidents may be notified: collects what the pure
// questions need to know.
import type { IncidentBrief } from '../../../shared/contracts/incident.ts';
import type { Inhibitors } from '../incidents/inhibitors.ts';
import type { SilenceStore } from '../incidents/silence-store.ts';
import { labelsOf } from '../policy/labels.ts';
import type { Labels } from '../../../shared/matchers/matcher.ts';
import type { Policy } from '../policy/policy.ts';
import type { Route } from '../policy/route.ts';
import { checkSuppression, type SuppressedBy, type Suppression } from '../policy/suppress.ts';

/**
 * One check. `route` is the one that sends it; undefined when the configuration has none any more.
 */
export interface Question {
  readonly incident: IncidentBrief;
  readonly route: Route | undefined;
  /** The incident as it is now, where `incident` is one of its earlier episodes. */
  readonly now?: IncidentBrief;
  /** A notification that this does not suppress. */
  readonly exempt?: SuppressedBy | undefined;
}

/** Answers in the order of the questions. Throws Unavailable. */
export type SuppressionCheck = (questions: readonly Question[], nowMs: number) => Promise<readonly Suppression[]>;

/** Dependencies of the check. */
interface SuppressionCheckParts {
  readonly policy: Policy;
  readonly silences: Pick<SilenceStore, 'current'>;
  readonly inhibitors: Pick<Inhibitors, 'of'>;
}

/** The check. */
export function createSuppressionCheck({ policy, silences, inhibitors }: SuppressionCheckParts): SuppressionCheck {
  return async (questions, nowMs) => {
    const labels: readonly Labels[] = questions.map(({ incident }) => labelsOf(incident, policy.labelRules));
    const [current, hiding] = await Promise.all([silences.current(), inhibitors.of(labels)]);
    return questions.map(({ incident, route, now = incident, exempt }, index) =>
      checkSuppression({
        labels: labels[index] ?? {},
        route,
        intervals: policy.intervals,
        silences: current,
        inhibitors: hiding[index] ?? [],
        snoozedUntilMs: incident.snoozedUntilMs,
        flapping: { incident, now },
        exempt,
        nowMs,
      }),
    );
  };
}
