// The configurations that the pages of docs/agents show, so that what is tried is what is written
// there.
import { readFileSync } from 'node:fs';
import { packagePath } from '../../shared/runtime/package-root.ts';
import { fencesOf } from '../support/markdown.ts';

/**
 * The configuration in `language` of the section `heading` of an agent's page. Throws when there is
 * not exactly one.
 */
export function configurationOf(page: string, heading: string, language: string): string {
  const text = readFileSync(packagePath('docs', 'agents', `${page}.md`), 'utf8');
  const section = text.split(/^(?=## )/mu).find((part) => part.startsWith(`## ${heading}\n`)) ?? '';
  const [fence, ...others] = fencesOf(section).filter((one) => one.language === language);
  if (fence === undefined || others.length > 0)
    throw new Error(`docs/agents/${page}.md has not one configuration in ${language} under "${heading}"`);
  return fence.text;
}
