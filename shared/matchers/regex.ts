// Regular expressions of matchers, as Alertmanager has them: RE2, whose time grows with the text
// and no faster. Labels hold what an attacker wrote into an event; Node's own engine could take
// hours for them.
import { RE2JS, RE2JSException } from 're2js';

/** An expression ready to use: does the whole text match? */
type RegexTest = (text: string) => boolean;

/** A compiled expression, or why there is none. */
type CompiledRegex =
  | { readonly kind: 'regex'; readonly test: RegexTest }
  | { readonly kind: 'bad'; readonly detail: string };

const MAX_PATTERN_CHARACTERS = 1000;
/** Longer texts are cut: labels are short, and the work has to stay small. */
const MAX_TEXT_CHARACTERS = 2000;
/** Instructions; the work is their number times the text's length. */
const MAX_PROGRAM_SIZE = 4000;

/**
 * Compiles an expression that is anchored at both ends. Syntax:
 * https://github.com/google/re2/wiki/Syntax.
 */
export function compileRegex(pattern: string, { isCaseless = false } = {}): CompiledRegex {
  if (pattern.length > MAX_PATTERN_CHARACTERS)
    return { kind: 'bad', detail: `the expression has more than ${MAX_PATTERN_CHARACTERS} characters` };
  try {
    const compiled = RE2JS.compile(pattern, isCaseless ? RE2JS.CASE_INSENSITIVE : 0);
    if (compiled.programSize() > MAX_PROGRAM_SIZE)
      return { kind: 'bad', detail: 'the expression is too large once its repetitions are written out' };
    return { kind: 'regex', test: (text) => compiled.testExact(text.slice(0, MAX_TEXT_CHARACTERS)) };
  } catch (error) {
    if (error instanceof RE2JSException) return { kind: 'bad', detail: error.message };
    throw error;
  }
}
