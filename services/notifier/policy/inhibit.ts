// Inhibition: an incident that hides others as long as it lasts, such as a host that is down hides
// its port conflicts. Alertmanager's names and meaning:
// https://prometheus.io/docs/alerting/latest/configuration/#inhibit_rule. Pure.
import { digestId } from '../../../shared/contracts/ids.ts';
import {
  comparable,
  labelValue,
  type Labels,
  type Matcher,
  matchesAll,
  showMatchers,
} from '../../../shared/matchers/matcher.ts';

/**
 * While an incident matches the source, incidents that match the target and have the same values in
 * `equal` are suppressed.
 */
export interface InhibitRule {
  readonly name: string;
  readonly sourceMatchers: readonly Matcher[];
  readonly targetMatchers: readonly Matcher[];
  readonly equal: readonly string[];
}

/** The key that a source and its targets share: a rule and the values of its `equal`. */
export interface InhibitionKey {
  readonly rule: InhibitRule;
  /** Deterministic. */
  readonly id: string;
}

/** The keys under which an incident is a source. */
export function sourceKeys(rules: readonly InhibitRule[], labels: Labels): readonly InhibitionKey[] {
  return rules.filter((rule) => matchesAll(rule.sourceMatchers, labels)).map((rule) => keyOf(rule, labels));
}

/** The keys under which an incident is a target. */
export function targetKeys(rules: readonly InhibitRule[], labels: Labels): readonly InhibitionKey[] {
  return rules.filter((rule) => matchesAll(rule.targetMatchers, labels)).map((rule) => keyOf(rule, labels));
}

/**
 * Whether an active incident with `source` labels hides one with `target` labels by the rule. As in
 * Alertmanager, an incident that matches both sides is not hidden by another that does.
 */
export function inhibits(rule: InhibitRule, source: Labels, target: Labels): boolean {
  const isBoth = (labels: Labels): boolean =>
    matchesAll(rule.sourceMatchers, labels) && matchesAll(rule.targetMatchers, labels);
  if (!matchesAll(rule.sourceMatchers, source) || !matchesAll(rule.targetMatchers, target)) return false;
  if (isBoth(source) && isBoth(target)) return false;
  return rule.equal.every((name) => valueOf(source, name) === valueOf(target, name));
}

function keyOf({ ...rule }: InhibitRule, labels: Labels): InhibitionKey {
  const { sourceMatchers, targetMatchers, equal } = rule;
  const own = [showMatchers(sourceMatchers), showMatchers(targetMatchers), equal.join(',')];
  return { rule, id: digestId([...own, ...equal.map((name) => valueOf(labels, name))]) };
}

/** Two spellings of one host are one host. */
function valueOf(labels: Labels, name: string): string {
  return comparable(name, labelValue(labels, name));
}
