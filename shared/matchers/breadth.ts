// How much matchers take: whether they are true of every incident there could be. Pure.
import { SEVERITIES } from '../contracts/remediation.ts';
import { type Labels, type Matcher, matchesAll, NETWORK, parseMatchers } from './matcher.ts';

/** Labels that every incident has. */
const ALWAYS_THERE = ['alertname', 'rule', 'class', 'severity', 'host', 'provider', 'event_id', 'incident_id'];

/** Made-up incidents whose labels are as different as labels can be, in every severity. */
const PROBES: readonly Labels[] = [
  probe({
    rule: 'qx7-zebra-41',
    class: 'quokka',
    host: 'zq9.invalid',
    provider: 'Zq Provider',
    event_id: '64117',
    incident_id: 'qI_0-Zz9',
  }),
  probe({
    rule: 'vw3-okapi',
    class: 'yak-12',
    host: 'WOMBAT',
    provider: 'wombat-service',
    event_id: '7',
    incident_id: 'Xy-8_kk1',
  }),
].flatMap((labels) => SEVERITIES.map((severity) => ({ ...labels, severity })));

/**
 * Whether matchers are true of every incident, however they are written: `.*`, `.+`, `!=""`,
 * `!~"^$"`, all severities; also, as in Alertmanager, when none of them asks for a value. What is
 * left out by a label that not every incident has is not everything.
 */
function takesEverything(matchers: readonly Matcher[]): boolean {
  if (matchesAll(matchers, {})) return true;
  return PROBES.every(
    (labels) => matchesAll(matchers, labels) && matchers.every((one) => isTrueOfVariants(one, labels)),
  );
}

/** The matchers of a silence, each text one or several, and why some cannot be read. */
export function readAll(texts: readonly string[]): {
  readonly matchers: readonly Matcher[];
  readonly problems: readonly string[];
} {
  const parsed = texts.map(parseMatchers);
  return {
    matchers: parsed.flatMap((one) => (one.kind === 'matchers' ? one.matchers : [])),
    problems: parsed.flatMap((one) => (one.kind === 'bad' ? [one.detail] : [])),
  };
}

/**
 * Why the matchers of a silence cannot be taken: none, unreadable ones, or such that nothing would
 * be left to be notified of.
 */
export function problemsInMatchers(texts: readonly string[]): readonly string[] {
  const { matchers, problems } = readAll(texts);
  if (texts.length === 0) return ['a silence needs at least one matcher'];
  if (problems.length > 0 || !takesEverything(matchers)) return problems;
  return ['at least one matcher has to ask for a value: this silence would take everything'];
}

/** Whether a matcher is true for the values that it names and for any other. */
function isTrueOfVariants(matcher: Matcher, labels: Labels): boolean {
  const { name } = matcher;
  if (name === NETWORK) return !matcher.operator.startsWith('!');
  // The probes have all severities.
  if (name === 'severity') return true;
  return variantsOf(matcher).every((text) => matcher.isTrue({ ...labels, [name]: text }));
}

function variantsOf({ name, operator, value }: Matcher): readonly string[] {
  const isAlwaysThere = ALWAYS_THERE.includes(name);
  if (!operator.startsWith('!')) return isAlwaysThere ? [] : ['qx'];
  const literals = value.split('|').map((part) => part.replaceAll(/[\\^$()[\]{}?*+]|\.(?=[*+?])/gu, ''));
  return [value, ...literals].filter((text) => text !== '' || !isAlwaysThere);
}

function probe(
  values: Readonly<Record<'rule' | 'class' | 'host' | 'provider' | 'event_id' | 'incident_id', string>>,
): Labels {
  return { ...values, alertname: values.rule };
}
