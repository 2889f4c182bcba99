// Installs the index templates: idempotent, upwards only, and never over somebody else's.
import { type Elasticsearch, faultText } from '../../shared/elasticsearch/client.ts';
import { ConfigError } from '../../shared/runtime/errors.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { type IndexTemplate, KEYWORD, OWNER } from './templates/field-types.ts';

/** Field types that come with modules a cluster may lack, and what every cluster has instead. */
const PLAINER_TYPES: Readonly<Record<string, string>> = {
  match_only_text: 'text',
  constant_keyword: 'keyword',
  flattened: 'object',
};
const MAX_ADAPTATIONS = 6;

/**
 * Brings the templates up to date. Leaves one alone that is not ours or newer, and says so. Throws Unavailable while the cluster is,
 * and ConfigError for a template that the cluster refuses.
 */
export async function installTemplates(
  elasticsearch: Elasticsearch,
  templates: readonly IndexTemplate[],
  log: Logger,
): Promise<void> {
  for (const template of templates) {
    const found = await installedTemplate(elasticsearch, template.name);
    const { version } = template.body;
    if (found === undefined || (found.owner === OWNER && found.version < version)) {
      await put(elasticsearch, template, log);
      log.info({ template: template.name, version, replaced: found?.version }, 'index template installed');
    } else if (found.owner !== OWNER)
      log.warn(
        { template: template.name, owner: found.owner },
        'an index template of this name is not ours; it is left as it is and has to fit',
      );
    else if (found.version > version)
      log.warn({ template: template.name, version, found: found.version }, 'a newer index template is left as it is');
  }
}

interface Installed {
  readonly owner: string | undefined;
  readonly version: number;
}

async function installedTemplate(elasticsearch: Elasticsearch, name: string): Promise<Installed | undefined> {
  const { status, body } = await elasticsearch.request({ method: 'GET', path: `/_index_template/${name}` });
  if (status !== 200) return undefined;
  const { index_templates: templates } = body as {
    index_templates?: readonly {
      index_template: { version?: number; _meta?: { managed_by?: string } };
    }[];
  };
  const found = templates?.[0]?.index_template;
  return found === undefined ? undefined : { owner: found._meta?.managed_by, version: found.version ?? 0 };
}

/** Puts the template, made plainer where the cluster lacks something that Foghorn can do without. */
async function put(elasticsearch: Elasticsearch, template: IndexTemplate, log: Logger): Promise<void> {
  let { body }: { body: Readonly<Record<string, unknown>> } = template;
  for (let adaptations = 0; ; adaptations += 1) {
    const answer = await elasticsearch.request({ method: 'PUT', path: `/_index_template/${template.name}`, body });
    if (answer.status === 200) return;
    const refusal = JSON.stringify(answer.body);
    const plainer = adaptations < MAX_ADAPTATIONS ? adapt(body, refusal) : undefined;
    if (plainer === undefined)
      throw new ConfigError(
        `Elasticsearch refuses the index template ${template.name}: ${faultText(answer.body)}. Remove what is in its way, or install a template of your own and set indexer.installTemplates to false.`,
      );
    log.info(
      { template: template.name, lacking: plainer.lacking, instead: plainer.instead },
      'made the template plainer',
    );
    ({ body } = plainer);
  }
}

/** A plainer body for what a refusal says the cluster lacks; undefined when it says something else. */
export function adapt(
  body: Readonly<Record<string, unknown>>,
  refusal: string,
):
  | { readonly body: Readonly<Record<string, unknown>>; readonly lacking: string; readonly instead: string }
  | undefined {
  const lacking = /(?:mapper|handler for) type \[(\w+)\]/u.exec(refusal)?.[1] ?? '';
  const instead = PLAINER_TYPES[lacking];
  if (instead !== undefined) return { body: replaceType(body, lacking, instead), lacking, instead };
  const option = OPTIONS.find((name) => refusal.includes(name));
  return option === undefined ? undefined : { body: withoutKey(body, option), lacking: option, instead: 'nothing' };
}

/** Parts of a template that older clusters do not know. */
const OPTIONS = ['data_stream_options', 'ignore_missing_component_templates', 'ignore_dynamic_beyond_limit'];

type Json = Readonly<Record<string, unknown>>;

function replaceType(body: Json, type: string, instead: string): Json {
  return mapObjects(body, (value) => {
    if (value['type'] !== type) return value;
    // Parameters of one type mean nothing to another, except that strings of both kinds know how to skip what is too long.
    return instead === KEYWORD['type'] ? KEYWORD : { type: instead };
  });
}

function withoutKey(body: Json, key: string): Json {
  return mapObjects(body, (value) => Object.fromEntries(Object.entries(value).filter(([name]) => name !== key)));
}

function mapObjects(value: Json, change: (value: Json) => Json): Json {
  const changed = change(value);
  return Object.fromEntries(
    Object.entries(changed).map(([key, child]) => [
      key,
      typeof child === 'object' && child !== null && !Array.isArray(child) ? mapObjects(child as Json, change) : child,
    ]),
  );
}
