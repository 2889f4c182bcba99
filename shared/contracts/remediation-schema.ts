// The schema of remediations, as alerts and incidents carry them.
import { z } from 'zod';
import { type Remediation, SEVERITIES, type UnfilledRemediation } from './remediation.ts';
import { count, digest, listOf, name, params, schemaOf, text } from './schema.ts';

const step = z.object({
  text,
  where: text.exactOptional(),
  command: text.exactOptional(),
  privilege: text.exactOptional(),
  risk: text.exactOptional(),
  undo: text.exactOptional(),
  isKey: z.literal(true).exactOptional(),
});

const about = z.object({
  provider: name,
  eventIds: listOf(count),
  symbolicName: name.exactOptional(),
  product: name.exactOptional(),
  productVersions: name.exactOptional(),
  appliesTo: listOf(name).exactOptional(),
  role: name.exactOptional(),
  aspect: name.exactOptional(),
});

const related = z.object({
  provider: name,
  eventIds: listOf(count),
  relation: z.enum(['same-fault', 'same-family', 'names-cause', 'consequence', 'recovery']),
  withinMs: count.exactOptional(),
  text,
  holder: name.exactOptional(),
});

/** How bad a fault is. */
export const severity = z.enum(SEVERITIES);

/** The fields of a remediation that its document in Elasticsearch has as they are. */
export const remediationParts = {
  title: text,
  summary: text,
  severity,
  about: about.exactOptional(),
  explanation: text.exactOptional(),
  causes: listOf(
    z.object({
      text,
      check: text.exactOptional(),
      command: text.exactOptional(),
      isSpecific: z.literal(true).exactOptional(),
      isKey: z.literal(true).exactOptional(),
      holder: name.exactOptional(),
    }),
  ),
  options: listOf(z.object({ title: text, when: text.exactOptional(), steps: listOf(step) })),
  verification: listOf(step),
  notes: listOf(text),
  clearing: listOf(text).exactOptional(),
  related: listOf(related).exactOptional(),
  references: listOf(z.object({ title: text, url: text.exactOptional() })),
};

const head = { ruleId: name, ruleVersion: count, faultClass: name, title: text, severity };

/**
 * The schema of the remediation that an alert or an incident carries: of the catalogue's faults
 * unfilled, of Foghorn's own whole.
 */
export const remediation = schemaOf<Remediation | UnfilledRemediation>()(
  z.union([
    z.object({ ...head, entry: digest, provider: name, host: name, params }),
    z.object({ ...head, ...remediationParts, reviewed: name.exactOptional() }),
  ]),
);
