// Silences: a person's decision that some incidents are not notified for a while. Pure.
import type { Silence } from '../../../shared/contracts/incident.ts';
import { problemsInMatchers, readAll } from '../../../shared/matchers/breadth.ts';
import { type KnownLabels, mistyped } from '../../../shared/matchers/label-check.ts';
import { type Labels, type Matcher, matchesAll, showMatchers } from '../../../shared/matchers/matcher.ts';

/** A silence with its matchers parsed. */
export interface ActiveSilence {
  readonly silence: Silence;
  readonly matchers: readonly Matcher[];
}

/** A requested silence. Times are epoch milliseconds. */
export type SilenceRequest = Pick<Silence, 'matchers' | 'author' | 'comment' | 'startsAtMs' | 'endsAtMs'>;

/**
 * The longest silence: as long as Kafka keeps activity entries, from which a lost Redis is rebuilt.
 */
export const MAX_SILENCE_MS = 90 * 24 * 60 * 60 * 1000;

const MAX_MATCHERS = 50;
const MAX_COMMENT_CHARACTERS = 1000;

/**
 * All problems of a request; empty for a valid one. `known`: the labels that exist, to find
 * mistyped ones.
 */
export function problemsIn(request: SilenceRequest, nowMs: number, known?: KnownLabels): readonly string[] {
  const { matchers, author, comment, startsAtMs, endsAtMs } = request;
  const problems = [...problemsInMatchers(matchers)];
  if (matchers.length > MAX_MATCHERS) problems.push(`a silence has at most ${MAX_MATCHERS} matchers`);
  else if (problems.length === 0 && known !== undefined)
    problems.push(...readAll(matchers).matchers.flatMap((matcher) => mistyped(matcher, known) ?? []));
  if (author.trim() === '') problems.push('a silence needs an author');
  if (comment.trim() === '') problems.push('a silence needs a comment that says why');
  if (comment.length > MAX_COMMENT_CHARACTERS)
    problems.push(`a comment has at most ${MAX_COMMENT_CHARACTERS} characters`);
  return [...problems, ...problemsInTimes(startsAtMs, endsAtMs, nowMs)];
}

function problemsInTimes(startsAtMs: number, endsAtMs: number, nowMs: number): readonly string[] {
  if (!Number.isSafeInteger(startsAtMs) || !Number.isSafeInteger(endsAtMs)) return ['start and end have to be times'];
  if (endsAtMs <= startsAtMs) return ['the end has to be after the start'];
  if (endsAtMs <= nowMs) return ['the end is past'];
  return endsAtMs - Math.min(startsAtMs, nowMs) > MAX_SILENCE_MS ? ['a silence lasts 90 days at most'] : [];
}

/**
 * A silence with its matchers parsed; undefined when one cannot be parsed, which no accepted
 * silence has.
 */
export function readSilence(silence: Silence): ActiveSilence | undefined {
  const { matchers, problems } = readAll(silence.matchers);
  return problems.length === 0 ? { silence, matchers } : undefined;
}

/** The silence that covers an incident now and ends last. */
export function silencedBy(
  silences: readonly ActiveSilence[],
  labels: Labels,
  nowMs: number,
): { readonly silence: Silence; readonly reason: string } | undefined {
  let found: ActiveSilence | undefined;
  for (const active of silences) {
    const { startsAtMs, endsAtMs } = active.silence;
    if (startsAtMs > nowMs || endsAtMs <= nowMs || !matchesAll(active.matchers, labels)) continue;
    if (found === undefined || endsAtMs > found.silence.endsAtMs) found = active;
  }
  if (found === undefined) return undefined;
  const { silence, matchers } = found;
  const until = new Date(silence.endsAtMs).toISOString();
  return {
    silence,
    reason: `silenced by ${silence.author} until ${until}: ${silence.comment} ${showMatchers(matchers)} (${silence.id})`,
  };
}
