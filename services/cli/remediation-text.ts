// A remediation in full, as text for a terminal.
import type { Remediation, RemediationStep } from '../../shared/contracts/remediation.ts';

/** All of it, in the order a person works: what, why, repair, check, sources. */
export function remediationText(remediation: Remediation): string {
  const { about } = remediation;
  return [
    `${remediation.severity.toUpperCase()}  ${remediation.title}`,
    '',
    remediation.summary,
    ...section('Means', remediation.explanation === undefined ? [] : [remediation.explanation]),
    ...section('About', about === undefined ? [] : [aboutLine(about)]),
    ...section(
      'Causes',
      remediation.causes.flatMap(({ text, check, command }) => [`- ${text}`, ...below([check, asCommand(command)])]),
    ),
    ...remediation.options.flatMap(({ title, when, steps }, index) => [
      ...section(`Repair ${index + 1}: ${title}`, [...(when === undefined ? [] : [when]), ...steps.flatMap(stepLines)]),
    ]),
    ...section('Verify', remediation.verification.flatMap(stepLines)),
    ...section(
      'Cleared by',
      (remediation.clearing ?? []).map((text) => `- ${text}`),
    ),
    ...section(
      'Notes',
      remediation.notes.map((text) => `- ${text}`),
    ),
    ...section(
      'Related',
      (remediation.related ?? []).map(
        ({ provider, eventIds, text }) => `- ${provider} ${eventIds.join(', ')}: ${text}`,
      ),
    ),
    ...section(
      'References',
      remediation.references.map(({ title, url }) => `- ${title}${url === undefined ? '' : ` ${url}`}`),
    ),
  ].join('\n');
}

function aboutLine(about: NonNullable<Remediation['about']>): string {
  const { provider, eventIds, symbolicName, product, productVersions, appliesTo = [] } = about;
  const named = symbolicName === undefined ? '' : ` (${symbolicName})`;
  const version = productVersions === undefined ? '' : ` ${productVersions}`;
  const applies = appliesTo.length === 0 ? '' : `, ${appliesTo.join(', ')}`;
  return `${provider} ${eventIds.join(', ')}${named}${product === undefined ? '' : `; ${product}${version}${applies}`}`;
}

/** A part with its title, its lines set in; nothing where there are none. */
export function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)];
}

function stepLines({ text, where, command, privilege, risk, undo }: RemediationStep): readonly string[] {
  const as = privilege === undefined ? undefined : `as: ${privilege}`;
  const back = undo === undefined ? undefined : `undo: ${undo}`;
  const place = where === undefined ? undefined : `where: ${where}`;
  return [
    `- ${text}`,
    ...below([place, asCommand(command), as, risk === undefined ? undefined : `risk: ${risk}`, back]),
  ];
}

function asCommand(command: string | undefined): string | undefined {
  return command === undefined ? undefined : `> ${command}`;
}

function below(lines: readonly (string | undefined)[]): readonly string[] {
  return lines.filter((line) => line !== undefined).map((line) => `    ${line}`);
}
