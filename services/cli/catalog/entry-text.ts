// An entry in full, as text for a terminal: how it is recognised, its texts, and what no source
// states.
import { renderRemediation } from '../../../shared/catalog/render.ts';
import type { CatalogCondition, CatalogEntry, CatalogParameter } from '../../../shared/catalog/schema.ts';
import { remediationText, section } from '../remediation-text.ts';

/** An entry in full; placeholders are named in words. */
export function entryText(entry: CatalogEntry): string {
  const { id, version, kind, provider, message, fields } = entry;
  return [
    `${id}, version ${version}, ${kind}`,
    '',
    remediationText(renderRemediation(entry, {}, 'the host')),
    ...section('Provider', [provider.name, ...provider.aliases.map((alias) => `also ${alias}`)]),
    ...section('Message', message?.trimEnd().split('\n') ?? []),
    ...section('Only if', entry.when.map(conditionLine)),
    ...section('Before', entry.moreSpecificThan),
    ...section('Parameters', entry.parameters.flatMap(parameterLines)),
    ...section(
      'Fields',
      Object.entries(fields).map(([field, value]) => `${field} = ${value}`),
    ),
    ...section(
      'Not known',
      entry.gaps.map((gap) => `- ${gap}`),
    ),
    ...section('Reviewed', [entry.reviewed]),
  ].join('\n');
}

function conditionLine({ data = {}, ...condition }: CatalogCondition): string {
  const tests = [
    ...Object.entries(condition).flatMap(([name, values]) =>
      values === undefined ? [] : [`${name}: ${values.join(' | ')}`],
    ),
    ...Object.entries(data).flatMap(([name, { equals, contains }]) => [
      ...(equals === undefined ? [] : [`${name} is ${equals.join(' | ')}`]),
      ...(contains === undefined ? [] : [`${name} holds ${contains.join(' | ')}`]),
    ]),
  ];
  return `- ${tests.join(', ')}`;
}

function parameterLines({
  name,
  type,
  meaning,
  insert,
  dataNames,
  textPatterns,
  ...rest
}: CatalogParameter): readonly string[] {
  const from = [
    ...(insert === undefined ? [] : [`%${insert}`]),
    ...dataNames,
    ...textPatterns.map(({ after }) => `the text behind “${after.trim()}”`),
  ];
  const part = rest.part === undefined ? '' : `, the ${rest.part} of it`;
  const extra = [
    ...(rest.discriminator ? ['distinguishes incidents'] : []),
    ...(rest.ecs === undefined ? [] : [`goes to ${rest.ecs}`]),
  ];
  return [
    `- ${name} (${type}): ${meaning}`,
    `    from ${from.join(', ')}${part}`,
    ...extra.map((line) => `    ${line}`),
  ];
}
