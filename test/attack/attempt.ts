// One attempt after the other, each a row of the table whether it held or not.
import { errorText } from '../../shared/runtime/errors.ts';
import type { AttackRow } from './row.ts';

/** Something to try. `run` gives the row's detail, or throws when the stack did not hold. */
export interface Attempt {
  readonly attack: string;
  run(): Promise<string>;
}

/** Throws `what` unless it holds. */
export function must(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what);
}

/** Runs the attempts in order, all of them whatever comes of one. */
export async function tryAll(
  phase: string,
  attempts: readonly Attempt[],
  say: (row: AttackRow) => void,
): Promise<readonly AttackRow[]> {
  const rows: AttackRow[] = [];
  for (const { attack, run } of attempts) {
    const row = await tried(`${phase}: ${attack}`, run);
    rows.push(row);
    say(row);
  }
  return rows;
}

async function tried(attack: string, run: () => Promise<string>): Promise<AttackRow> {
  try {
    return { attack, detail: await run(), held: true };
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? ` (${errorText(error.cause)})` : '';
    return { attack, detail: `${errorText(error)}${cause}`, held: false };
  }
}
