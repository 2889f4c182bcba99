// A text as tokens, one after the other, for the small readers of query languages.

/**
 * What a reader throws where a text asks for more than it knows; the rule is then left out, with
 * this reason.
 */
export class NotExpressed extends Error {}

/** A kind of token and the pattern (sticky) that finds it. */
export type Patterns = Readonly<Record<string, RegExp>>;

/** A token. */
export interface Token {
  readonly kind: string;
  readonly text: string;
}

/** The tokens that are left, with the usual ways to take them. */
export interface Tokens {
  peek(): Token | undefined;
  /** Takes the next token if it has this text, whatever its case. */
  takeIf(...texts: readonly string[]): string | undefined;
  take(): Token;
  /** Takes the next token. Throws NotExpressed when it has another text. */
  expect(text: string): void;
}

/** Cuts a text; `space` is left out. Throws NotExpressed at what no pattern finds. */
export function tokensOf(text: string, patterns: Patterns): Tokens {
  const tokens: Token[] = [];
  for (let at = 0; at < text.length; ) {
    const token = tokenAt(text, at, patterns);
    if (token.kind !== 'space') tokens.push(token);
    at += token.text.length;
  }
  let next = 0;
  const takeIf: Tokens['takeIf'] = (...texts) => {
    const token = tokens[next];
    if (token === undefined || token.kind === 'text' || !texts.includes(token.text.toLowerCase())) return undefined;
    next += 1;
    return token.text.toLowerCase();
  };
  return {
    peek: () => tokens[next],
    takeIf,
    take: () => {
      const token = tokens[next];
      if (token === undefined) throw new NotExpressed('ends too early');
      next += 1;
      return token;
    },
    expect: (wanted) => {
      if (takeIf(wanted) === undefined) throw new NotExpressed(`${wanted} expected before ${tokens[next]?.text}`);
    },
  };
}

function tokenAt(text: string, at: number, patterns: Patterns): Token {
  for (const [kind, pattern] of Object.entries(patterns)) {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined && found !== '') return { kind, text: found };
  }
  throw new NotExpressed(`not read: ${text.slice(at, at + 20)}`);
}
