// Asks, at the moment of sending, whether incidents may be told: brings together what the pure question needs to know.
import type { IncidentBrief } from '../../../shared/contracts/incident.ts';
import type { Inhibitors } from '../incidents/inhibitors.ts';
import type { SilenceStore } from '../incidents/silence-store.ts';
import { judgeFlapping } from '../policy/flapping.ts';
import { labelsOf } from '../policy/labels.ts';
import type { Labels } from '../policy/matcher.ts';
import type { Policy } from '../policy/policy.ts';
import type { Route } from '../policy/route.ts';
import { judgeSuppression, type Suppression } from '../policy/suppress.ts';

/** One question. `route` is the one that sends it; undefined when the configuration has none any more. */
export interface Question {
  readonly incident: IncidentBrief;
  readonly route: Route | undefined;
  /** The incident as it is now, where `incident` is one of its earlier episodes. */
  readonly now?: IncidentBrief;
}

/** Answers in the order of the questions. Throws Unavailable. */
export type Judge = (questions: readonly Question[], nowMs: number) => Promise<readonly Suppression[]>;

/** What judging works with. */
export interface JudgeParts {
  readonly policy: Policy;
  readonly silences: Pick<SilenceStore, 'current'>;
  readonly inhibitors: Pick<Inhibitors, 'of'>;
}

/** The judge. */
export function createJudge({ policy, silences, inhibitors }: JudgeParts): Judge {
  return async (questions, nowMs) => {
    const labels: readonly Labels[] = questions.map(({ incident }) => labelsOf(incident, policy.labelRules));
    const [current, hiding] = await Promise.all([silences.current(), inhibitors.of(labels)]);
    return questions.map(({ incident, route, now }, index) => {
      const answer = judgeSuppression({
        labels: labels[index] ?? {},
        route,
        intervals: policy.intervals,
        silences: current,
        inhibitors: hiding[index] ?? [],
        snoozedUntilMs: incident.snoozedUntilMs,
        nowMs,
      });
      return answer.kind === 'tell' ? judgeFlapping(incident, now ?? incident, nowMs) : answer;
    });
  };
}
