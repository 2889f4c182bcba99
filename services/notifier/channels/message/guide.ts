// The remediation of an incident, cut to the room of a message: how to find the cause, how to
// repair, how to check.
import type { Incident } from '../../../../shared/contracts/incident.ts';
import type { RemediationCause, RemediationStep } from '../../../../shared/contracts/remediation.ts';
import { safeText } from '../safe-text.ts';

/** How much of a remediation is shown. */
export interface GuideDepth {
  readonly causes: number;
  /** Of each option, and of the verification. */
  readonly steps: number;
}

/** The room of a pager. */
export const SHORT: GuideDepth = { causes: 2, steps: 3 };
/** The room of an email. */
export const LONG: GuideDepth = { causes: 6, steps: 12 };

/** One thing to do; plain text of one line each. */
export interface GuideStep {
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
  readonly causes: readonly GuideStep[];
  readonly options: readonly GuideOption[];
  readonly verification: GuideSteps;
}

const MAX_TEXT_CHARACTERS = 700;
const MAX_TITLE_CHARACTERS = 200;
const MAX_COMMAND_CHARACTERS = 400;
const MAX_OPTIONS = 6;

/** The guide of an incident, with its values filled in. */
export function guideOf({ remediation, entity }: Incident, depth: GuideDepth, isOneOfMany: boolean): Guide {
  const causes = remediation.causes.filter(({ command }) => command !== undefined);
  return {
    scope: isOneOfMany ? `for ${safeText(entity.host, MAX_TITLE_CHARACTERS)}, one of them` : '',
    causes: causes.slice(0, depth.causes).map(causeStep),
    options: remediation.options.slice(0, MAX_OPTIONS).map(({ title, when, steps }) => ({
      title: safeText(title, MAX_TITLE_CHARACTERS),
      when: safeText(when ?? '', MAX_TEXT_CHARACTERS),
      ...firstOf(steps, depth.steps),
    })),
    verification: firstOf(remediation.verification, depth.steps),
  };
}

/** E.g. `2 more steps in the incident's document`; empty when there are none. */
export function moreText({ moreSteps }: GuideSteps): string {
  return moreSteps > 0 ? `${moreSteps} more step${moreSteps === 1 ? '' : 's'} in the incident's document` : '';
}

function firstOf(steps: readonly RemediationStep[], count: number): GuideSteps {
  return { steps: steps.slice(0, count).map(guideStep), moreSteps: Math.max(0, steps.length - count) };
}

function guideStep({ text, where, command, risk, undo }: RemediationStep): GuideStep {
  return {
    text: line(where === undefined ? text : `${text} (${where})`) ?? '',
    command: commandLine(command),
    risk: line(risk),
    undo: line(undo),
  };
}

function causeStep({ text, check, command }: RemediationCause): GuideStep {
  const whole = check === undefined ? text : `${text} ${check}`;
  return { text: line(whole) ?? '', command: commandLine(command), risk: undefined, undo: undefined };
}

function line(text: string | undefined): string | undefined {
  return text === undefined ? undefined : safeText(text, MAX_TEXT_CHARACTERS);
}

function commandLine(command: string | undefined): string | undefined {
  return command === undefined ? undefined : safeText(command, MAX_COMMAND_CHARACTERS);
}
