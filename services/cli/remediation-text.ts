// A remediation in full, as text for a terminal. Pure.
import type { Remediation, RemediationCause, RemediationStep } from '../../shared/contracts/remediation.ts';
import { hangingLines } from './terminal.ts';

/** All of it, in the order a person works: what, why, repair, check, sources. */
export function remediationText(remediation: Remediation): string {
  return [
    hangingLines(`${remediation.severity.toUpperCase()}  ${remediation.title}`, '  '),
    '',
    hangingLines(remediation.summary, '  '),
    ...remediationSections(remediation),
  ].join('\n');
}

/**
 * What follows title and summary, section by section; causes and steps are numbered. Empty parts
 * have no section.
 */
export function remediationSections(remediation: Partial<Remediation>): readonly string[] {
  const { about, explanation, causes = [], options = [], verification = [] } = remediation;
  const { clearing = [], notes = [], related = [], references = [] } = remediation;
  return [
    ...section('Means', explanation === undefined ? [] : [explanation]),
    ...section('About', about === undefined ? [] : [aboutLine(about)]),
    ...section('Causes', causes.flatMap(causeLines)),
    ...options.flatMap(({ title, when, steps }, index) => [
      ...section(`Repair ${index + 1}: ${title}`, [...(when === undefined ? [] : [when]), ...steps.flatMap(stepLines)]),
    ]),
    ...section('Then check', verification.flatMap(stepLines)),
    ...section('Cleared by', clearing.map(bullet)),
    ...section('Notes of the catalogue', notes.map(bullet)),
    ...section(
      'Related',
      related.map(({ provider, eventIds, text }) => bullet(`${provider} ${eventIds.join(', ')}: ${text}`)),
    ),
    ...section(
      'References',
      references.map(({ title, url }) => bullet(`${title}${url === undefined ? '' : ` ${url}`}`)),
    ),
  ];
}

function aboutLine(about: NonNullable<Remediation['about']>): string {
  const { provider, eventIds, symbolicName, product, productVersions, appliesTo = [] } = about;
  const named = symbolicName === undefined ? '' : ` (${symbolicName})`;
  const version = productVersions === undefined ? '' : ` ${productVersions}`;
  const applies = appliesTo.length === 0 ? '' : `, ${appliesTo.join(', ')}`;
  return `${provider} ${eventIds.join(', ')}${named}${product === undefined ? '' : `; ${product}${version}${applies}`}`;
}

/**
 * A part with its title, its lines set in; nothing where there are none. Line breaks within a line
 * are removed.
 */
export function section(title: string, lines: readonly string[]): readonly string[] {
  if (lines.length === 0) return [];
  return ['', hangingLines(title, '  '), ...lines.map((line) => `  ${hangingLines(line, '    ')}`)];
}

function bullet(text: string): string {
  return `- ${text}`;
}

function causeLines({ text, check, command, isSpecific }: RemediationCause, index: number): readonly string[] {
  const mark = isSpecific === true ? ' (for the values of this event)' : '';
  return [`${index + 1}. ${text}${mark}`, ...below([named('check', check), asCommand(command)])];
}

function stepLines(step: RemediationStep, index: number): readonly string[] {
  const { text, where, command, privilege, risk, undo } = step;
  return [
    `${index + 1}. ${text}`,
    ...below([
      named('where', where),
      asCommand(command),
      named('as', privilege),
      named('risk', risk),
      named('undo', undo),
    ]),
  ];
}

function named(name: string, value: string | undefined): string | undefined {
  return value === undefined ? undefined : `${name}: ${value}`;
}

function asCommand(command: string | undefined): string | undefined {
  return command === undefined ? undefined : `> ${command}`;
}

function below(lines: readonly (string | undefined)[]): readonly string[] {
  return lines.filter((line) => line !== undefined).map((line) => `   ${line}`);
}
