// Regular expressions whose time grows with the text and no faster, whatever the expression: all alternatives are followed at once.
// Labels hold what an attacker wrote into an event; Node's own engine could be made to think about them for hours.
import { parseRegex, RegexFault, type RegexNode } from './regex-syntax.ts';

/** An expression ready to use: does the whole text match? */
export type RegexTest = (text: string) => boolean;

/** A compiled expression, or why there is none. */
export type CompiledRegex =
  | { readonly kind: 'regex'; readonly test: RegexTest }
  | { readonly kind: 'bad'; readonly detail: string };

type Step =
  | { readonly kind: 'set'; readonly has: (character: string) => boolean }
  | { readonly kind: 'start' | 'end' | 'match' }
  /** Goes on at both places. */
  | { kind: 'fork'; first: number; second: number };

const MAX_PATTERN_CHARACTERS = 1000;
const MAX_STEPS = 2000;
/** Longer texts are cut: labels are short, and the work has to stay small. */
const MAX_TEXT_CHARACTERS = 2000;

/** Compiles an expression that is anchored at both ends, as Alertmanager's are. */
export function compileRegex(pattern: string): CompiledRegex {
  if (pattern.length > MAX_PATTERN_CHARACTERS)
    return { kind: 'bad', detail: `the expression has more than ${MAX_PATTERN_CHARACTERS} characters` };
  try {
    const steps: Step[] = [];
    emit(parseRegex(pattern), steps);
    steps.push({ kind: 'match' });
    return { kind: 'regex', test: (text) => run(steps, text.slice(0, MAX_TEXT_CHARACTERS)) };
  } catch (error) {
    if (error instanceof RegexFault) return { kind: 'bad', detail: error.message };
    throw error;
  }
}

function emit(node: RegexNode, steps: Step[]): void {
  if (steps.length > MAX_STEPS)
    throw new RegexFault('the expression is too large once its repetitions are written out');
  if (node.kind === 'set') steps.push(node);
  else if (node.kind === 'start' || node.kind === 'end') steps.push({ kind: node.kind });
  else if (node.kind === 'all') emitAll(node.nodes, steps);
  else if (node.kind === 'any') emitAny(node.nodes, steps);
  else if (node.kind === 'repeat') emitRepeat(node, steps);
}

function emitAll(nodes: readonly RegexNode[], steps: Step[]): void {
  // A step that does nothing, so that repetitions of nothing are counted too.
  if (nodes.length === 0) steps.push({ kind: 'fork', first: steps.length + 1, second: steps.length + 1 });
  for (const node of nodes) emit(node, steps);
}

function emitAny(nodes: readonly RegexNode[], steps: Step[]): void {
  const ends: { first: number; second: number }[] = [];
  for (const [index, node] of nodes.entries()) {
    const isLast = index === nodes.length - 1;
    const fork = { kind: 'fork' as const, first: steps.length + 1, second: steps.length + 1 };
    if (!isLast) steps.push(fork);
    emit(node, steps);
    if (isLast) break;
    const end = { kind: 'fork' as const, first: 0, second: 0 };
    steps.push(end);
    ends.push(end);
    fork.second = steps.length;
  }
  for (const end of ends) end.first = end.second = steps.length;
}

function emitRepeat({ node, min, max }: RegexNode & { readonly kind: 'repeat' }, steps: Step[]): void {
  for (let count = 0; count < min; count += 1) emit(node, steps);
  if (max === Infinity) {
    const start = steps.length;
    const fork = { kind: 'fork' as const, first: start + 1, second: 0 };
    steps.push(fork);
    emit(node, steps);
    steps.push({ kind: 'fork', first: start, second: start });
    fork.second = steps.length;
    return;
  }
  const forks: { second: number }[] = [];
  for (let count = min; count < max; count += 1) {
    const fork = { kind: 'fork' as const, first: steps.length + 1, second: 0 };
    steps.push(fork);
    forks.push(fork);
    emit(node, steps);
  }
  for (const fork of forks) fork.second = steps.length;
}

function run(steps: readonly Step[], text: string): boolean {
  const characters = [...text];
  let current = reach(steps, [0], { isStart: true, isEnd: characters.length === 0 });
  for (const [index, character] of characters.entries()) {
    const taken: number[] = [];
    for (const at of current) {
      const step = steps[at] as Step;
      if (step.kind === 'set' && step.has(character)) taken.push(at + 1);
    }
    if (taken.length === 0) return false;
    current = reach(steps, taken, { isStart: false, isEnd: index === characters.length - 1 });
  }
  return [...current].some((at) => steps[at]?.kind === 'match');
}

/** All steps that can be reached from some without taking a character. */
function reach(
  steps: readonly Step[],
  from: readonly number[],
  { isStart, isEnd }: { readonly isStart: boolean; readonly isEnd: boolean },
): ReadonlySet<number> {
  const seen = new Set<number>();
  const left = [...from];
  for (let at = left.pop(); at !== undefined; at = left.pop()) {
    if (seen.has(at)) continue;
    seen.add(at);
    const step = steps[at] as Step;
    if (step.kind === 'fork') left.push(step.first, step.second);
    if ((step.kind === 'start' && isStart) || (step.kind === 'end' && isEnd)) left.push(at + 1);
  }
  return seen;
}
