// Writes what setup would put into a cluster as files, for clusters that only their own
// administrators may change.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ElasticsearchSettings } from '../../../shared/elasticsearch/client.ts';
import { indexNames } from '../../../shared/elasticsearch/names.ts';
import { catalogIndexBody } from '../../indexer/setup/catalog-index.ts';
import { apiKeyRequest } from '../../indexer/setup/roles.ts';
import type { CommandIo } from '../command.ts';
import { setupResources } from './plan.ts';

/** A file with one request's body; its name says where it is put. */
interface DefinitionFile {
  readonly name: string;
  readonly text: string;
}

/** The files, in no need of a cluster; lifecycles by policy, as most clusters have it. */
export function definitionFiles(settings: ElasticsearchSettings): readonly DefinitionFile[] {
  const files = setupResources(settings, 'policy').map(({ kind, name, body }) => ({
    name: `${kind.title.replaceAll(' ', '-')}.${name}.json`,
    text: asText({ request: `PUT ${kind.path(name)}`, body }),
  }));
  const { body } = apiKeyRequest(settings);
  const { catalog } = indexNames(settings);
  return [
    ...files,
    { name: `lookup-index.${catalog}.json`, text: asText({ request: `PUT /${catalog}`, body: catalogIndexBody() }) },
    { name: `api-key.${String(body['name'])}.json`, text: asText({ request: 'POST /_security/api_key', body }) },
  ];
}

/** Writes them to a folder, which is made. */
export async function exportDefinitions(
  settings: ElasticsearchSettings,
  folder: string,
  io: CommandIo,
): Promise<number> {
  await mkdir(folder, { recursive: true });
  const files = definitionFiles(settings);
  for (const { name, text } of files) await writeFile(join(folder, name), text);
  io.out(`${files.length} definitions written to ${folder}`);
  return 0;
}

function asText(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
