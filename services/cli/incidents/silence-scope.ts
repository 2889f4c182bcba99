// The scope of a silence: the incidents open now that its matchers match, and labels in it that no
// incident has.
import { problemsInMatchers, readAll } from '../../../shared/matchers/breadth.ts';
import { problemsInMatcher, type KnownLabels, mistyped } from '../../../shared/matchers/label-check.ts';
import { type Matcher, matchesAll, NETWORK } from '../../../shared/matchers/matcher.ts';
import { type ConfigSource, loadConfig } from '../../../shared/runtime/config.ts';
import { labelsOfView } from '../../console/read/labels.ts';
import type { IncidentView } from '../../console/read/views.ts';
import { notifierSchema } from '../../notifier/config.ts';
import { catalogLabels } from '../../notifier/policy/known-labels.ts';
import { addLabels, type LabelRule } from '../../notifier/policy/labels.ts';
import { withOwnLabels } from '../../notifier/policy/lint.ts';
import { oneLine } from '../terminal.ts';
import type { ConsoleClient } from './client.ts';

/** The scope of a silence now. */
interface SilenceScope {
  readonly hidden: readonly IncidentView[];
  /** Open and acknowledged incidents that were looked at. */
  readonly total: number;
  /** Whether there are more than those. */
  readonly isCut: boolean;
  /** Matchers that are probably mistyped, and why. */
  readonly oddities: readonly string[];
}

const PAGE = 500;
const MAX_PAGES = 20;
const EXAMPLES = 5;

/**
 * Computes the scope with the console. Throws an Error for matchers that the console would refuse,
 * and for mistyped labels.
 */
export async function scopeOf(
  client: Pick<ConsoleClient, 'ask'>,
  texts: readonly string[],
  source: ConfigSource,
): Promise<SilenceScope> {
  const problems = problemsInMatchers(texts);
  if (problems.length > 0) throw new Error(`The silence is refused: ${problems.join('; ')}.`);
  const { matchers } = readAll(texts);
  const { rules, known: configured } = ownLabels(source);
  const { incidents, isCut } = await openIncidents(client);
  const all = incidents.map((incident) => ({ incident, labels: addLabels(labelsOfView(incident), rules) }));
  const seen = new Set(all.flatMap(({ labels }) => Object.keys(labels)));
  const known = { ...configured, names: new Set([...configured.names, ...seen]) };
  const wrong = matchers.flatMap((matcher) => mistyped(matcher, known) ?? []);
  if (wrong.length > 0) throw new Error(`The silence is refused: ${wrong.join(' ')}`);
  // Addresses are not in the console's answer.
  const checked = matchers.filter(({ name }) => name !== NETWORK && name !== 'address');
  const hidden = all.filter(({ labels }) => matchesAll(checked, labels)).map(({ incident }) => incident);
  const oddities = hidden.length > 0 ? [] : odd(matchers, known);
  return { hidden, total: incidents.length, isCut, oddities };
}

/**
 * Whether it hides every open incident; a single open incident does not count, since it may be the
 * one meant.
 */
export function isEverything({ hidden, total }: SilenceScope): boolean {
  return total > 1 && hidden.length === total;
}

/** The scope in words, with examples. */
export function scopeLines({ hidden, total, isCut, oddities }: SilenceScope): readonly string[] {
  const of = `${total} open incident${total === 1 ? '' : 's'}${isCut ? ', the latest ones' : ''}`;
  if (hidden.length === 0) return [`It hides nothing now, of ${of}.`, ...oddities];
  const examples = hidden
    .slice(0, EXAMPLES)
    .map(({ severity, host, title }) => `  ${severity} ${oneLine(`${host}: ${title}`)}`);
  const more = hidden.length > EXAMPLES ? [`  and ${hidden.length - EXAMPLES} more`] : [];
  return [`It hides ${hidden.length} of ${of} now:`, ...examples, ...more];
}

function odd(matchers: readonly Matcher[], known: KnownLabels): readonly string[] {
  return matchers.flatMap((matcher) => problemsInMatcher(matcher, known).map(({ text }) => `Look at ${text}`));
}

/** The labels that the configuration on this machine adds, where it is the notifier's. */
function ownLabels(source: ConfigSource): { readonly rules: readonly LabelRule[]; readonly known: KnownLabels } {
  const { notifier } = loadConfig(notifierSchema, source, { only: ['notifier.labels'] });
  const rules = notifier.labels.map(({ matchers, set }) => ({ matchers: readAll(matchers).matchers, set }));
  return { rules, known: withOwnLabels(notifier, catalogLabels([]).known) };
}

async function openIncidents(
  client: Pick<ConsoleClient, 'ask'>,
): Promise<{ readonly incidents: readonly IncidentView[]; readonly isCut: boolean }> {
  const incidents: IncidentView[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const answer = await client.ask<{ readonly incidents: readonly IncidentView[]; readonly nextCursor?: string }>({
      method: 'GET',
      path: '/api/v1/incidents',
      query: { state: 'open,acknowledged', sort: '-opened', limit: String(PAGE), cursor },
    });
    incidents.push(...answer.incidents);
    cursor = answer.nextCursor;
    if (cursor === undefined) return { incidents, isCut: false };
  }
  return { incidents, isCut: true };
}
