// The steps of a repair that people tick, so that everybody sees how far it is: their names, which
// follow from their place in the remediation. Pure.
import { z } from 'zod';
import type { Remediation } from './remediation.ts';

/** A step that somebody has done in this episode. */
export interface StepDone {
  /** See `stepText`. */
  readonly step: string;
  /** Its text when it was ticked: the catalogue may change meanwhile. */
  readonly text: string;
  readonly by: string;
  /** Epoch milliseconds. */
  readonly atMs: number;
}

const NAME = /^(?:repair\.(?<option>[1-9]\d{0,2})|(?<part>check|cause))\.(?<number>[1-9]\d{0,2})$/u;
const MAX_CHARACTERS = 300;

/** The name of a step. */
export const stepName = z.string().regex(NAME, 'the name of a step, such as repair.1.2, check.1 or cause.1');

/**
 * The text of a step, shortened: `repair.1.2` is the second step of the first option, `check.1` the
 * first step of the verification, `cause.1` the check of the first cause. Undefined where there is
 * none.
 */
export function stepText(
  { options, verification, causes }: Pick<Remediation, 'options' | 'verification' | 'causes'>,
  step: string,
): string | undefined {
  const { option, part, number } = NAME.exec(step)?.groups ?? {};
  const index = Number(number) - 1;
  const steps = option === undefined ? verification : options[Number(option) - 1]?.steps;
  const cause = causes[index];
  return shortened(part === 'cause' ? (cause?.check ?? cause?.text) : steps?.[index]?.text);
}

function shortened(text = ''): string | undefined {
  if (text === '') return undefined;
  return text.length <= MAX_CHARACTERS ? text : `${text.slice(0, MAX_CHARACTERS - 1)}…`;
}
