// The remediation of an incident, cut to the room of a message: how to find the cause, how to
// repair, how to check.
import type { FilledIncident } from '../../../../shared/contracts/incident.ts';
import {
  MAX_KEY_STEPS,
  type RemediationCause,
  type RemediationStep,
} from '../../../../shared/contracts/remediation.ts';
import { safeText } from '../safe-text.ts';
import { countText } from './text-format.ts';

/** A step with its number; a cause has none. */
export function numberedText({ number, text }: Pick<GuideStep, 'number' | 'text'>, bullet = ''): string {
  return number === 0 ? `${bullet}${text}` : `${number}. ${text}`;
}

/** How much of a remediation is shown. */
export interface GuideDepth {
  readonly causes: number;
  /** Of each option, and of the verification. */
  readonly steps: number;
  /**
   * The message stands for the state of the incident, so that each shows all of it; a message of
   * its own is short when its reader knows the rest.
   */
  readonly isStanding?: true;
}

/** The room of a pager. */
export const SHORT: GuideDepth = { causes: 2, steps: MAX_KEY_STEPS };
/** The room of a page on a phone. */
export const SCREEN: GuideDepth = { ...SHORT, causes: 1 };
/** The room of an email's text. */
export const LONG: GuideDepth = { causes: 6, steps: 12 };

/** All of it. */
export const WHOLE: GuideDepth = { causes: 64, steps: 64 };

/** The same for messages that stand for a state. */
export const STANDING = { short: { ...SHORT, isStanding: true }, long: { ...LONG, isStanding: true } } as const;

/** One thing to do; plain text of one line each. */
export interface GuideStep {
  /** From 1 among those that are shown; 0 for a cause. */
  readonly number: number;
  readonly text: string;
  readonly command: string | undefined;
  readonly risk: string | undefined;
  readonly undo: string | undefined;
}

/** Some steps and how many more there are. */
export interface GuideSteps {
  readonly steps: readonly GuideStep[];
  readonly moreSteps: number;
}

/** One way to repair. */
export interface GuideOption extends GuideSteps {
  readonly title: string;
  readonly when: string;
}

/** The whole of it. */
export interface Guide {
  /** The incident of a group whose values the steps have; empty for one incident alone. */
  readonly scope: string;
  /** Where the steps are that are not shown. */
  readonly rest: string;
  readonly causes: readonly GuideStep[];
  readonly options: readonly GuideOption[];
  readonly verification: GuideSteps;
}

const MAX_TEXT_CHARACTERS = 700;
const MAX_TITLE_CHARACTERS = 200;
const MAX_COMMAND_CHARACTERS = 400;
const MAX_OPTIONS = 6;

/** The guide of an incident, with its values filled in. */
export function guideOf({ remediation, entity }: FilledIncident, depth: GuideDepth, isOneOfMany: boolean): Guide {
  const causes = chosen(
    remediation.causes.filter(({ command }) => command !== undefined),
    depth.causes,
  );
  return {
    scope: isOneOfMany ? `for ${safeText(entity.host, MAX_TITLE_CHARACTERS)}, one of them` : '',
    rest: isOneOfMany ? 'on the page of each incident' : 'on the page of the incident',
    causes: causes.map(causeStep),
    options: remediation.options.slice(0, MAX_OPTIONS).map(({ title, when, steps }) => ({
      title: safeText(title, MAX_TITLE_CHARACTERS),
      when: safeText(when ?? '', MAX_TEXT_CHARACTERS),
      ...someOf(steps, depth.steps),
    })),
    verification: someOf(remediation.verification, depth.steps),
  };
}

/** E.g. `2 more steps on the page of the incident`; empty when there are none. */
export function moreText({ moreSteps }: GuideSteps, { rest }: Pick<Guide, 'rest'>): string {
  return moreSteps > 0 ? `${countText(moreSteps, 'more step')} ${rest}` : '';
}

function someOf(steps: readonly RemediationStep[], count: number): GuideSteps {
  const shown = chosen(steps, count);
  const numbered = shown.map((step, index) => guideStep(step, index + 1));
  return { steps: numbered, moreSteps: steps.length - shown.length };
}

/** Where there is no room for all: those that the entry marks, else the first. */
function chosen<T extends { readonly isKey?: true }>(items: readonly T[], count: number): readonly T[] {
  const marked = items.length > count ? items.filter(({ isKey }) => isKey) : [];
  return (marked.length > 0 ? marked : items).slice(0, count);
}

function guideStep({ text, where, command, risk, undo }: RemediationStep, number: number): GuideStep {
  return {
    number,
    text: line(where === undefined ? text : `${text} (${where})`) ?? '',
    command: commandLine(command),
    risk: line(risk),
    undo: line(undo),
  };
}

function causeStep({ text, check, command }: RemediationCause): GuideStep {
  const whole = check === undefined ? text : `${text} ${check}`;
  return { number: 0, text: line(whole) ?? '', command: commandLine(command), risk: undefined, undo: undefined };
}

function line(text: string | undefined): string | undefined {
  return text === undefined ? undefined : safeText(text, MAX_TEXT_CHARACTERS);
}

function commandLine(command: string | undefined): string | undefined {
  return command === undefined ? undefined : safeText(command, MAX_COMMAND_CHARACTERS);
}
