// Updates the cluster's templates, and the indices made from them, at the start of the indexer:
// idempotent, to newer versions only, never those of another owner.
import type { Elasticsearch } from '../../shared/elasticsearch/client.ts';
import { supportedVersion } from '../../shared/elasticsearch/version.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { planIndex } from './setup/streams.ts';
import { type Cluster, planResource, type Step } from './setup/step.ts';
import { type PlacedTemplate, templateResources } from './templates/all.ts';
import type { IndexTemplate } from './templates/field-types.ts';

/**
 * Updates the templates, then rolls over or updates the indices of older ones. Leaves alone newer
 * ones and those of other owners, and logs that. Throws Unavailable while the cluster is, and
 * ConfigError for a definition that the cluster refuses.
 */
export async function installTemplates(
  elasticsearch: Elasticsearch,
  placed: readonly PlacedTemplate[],
  log: Logger,
): Promise<void> {
  const cluster = { elasticsearch, version: await supportedVersion(elasticsearch) };
  for (const one of placed) {
    if (!(await installTemplate(cluster, one.template, log))) continue;
    const step = await planIndex(elasticsearch, one, true);
    // A stream that is not there yet is made by its first document.
    if (step.finding === 'update' || step.finding === 'foreign') await carryOut(step, log);
  }
}

/** False when the template in effect is not this one. */
async function installTemplate(cluster: Cluster, template: IndexTemplate, log: Logger): Promise<boolean> {
  let isOurs = true;
  for (const resource of templateResources(template)) {
    const step = await planResource(cluster, resource, 'documents are mapped as they come');
    if (step.finding === 'foreign' || step.finding === 'newer') isOurs = false;
    await carryOut(step, log);
  }
  return isOurs;
}

async function carryOut({ title, finding, note, apply }: Step, log: Logger): Promise<void> {
  if (apply !== undefined) {
    const notes = await apply();
    log.info({ what: title, finding, notes }, 'the cluster is brought up to date');
  } else if (note !== undefined) log.warn({ what: title, finding }, note);
}
