// `foghorn setup elasticsearch`: shows what a cluster has and lacks, and brings it up to date.
import { z } from 'zod';
import {
  createElasticsearch,
  type Elasticsearch,
  type ElasticsearchSettings,
  elasticsearchSettings,
  reasonText,
} from '../../../shared/elasticsearch/client.ts';
import { lacksApi } from '../../../shared/elasticsearch/lacks-api.ts';
import { loadConfig } from '../../../shared/runtime/config.ts';
import { asObject } from '../../indexer/setup/resource.ts';
import { apiKeyRequest } from '../../indexer/setup/roles.ts';
import type { Finding, Step } from '../../indexer/setup/step.ts';
import { readArguments } from '../arguments.ts';
import { type CommandIo, UsageError } from '../command.ts';
import { isReadableOnTheWay } from '../plain-http.ts';
import { catalogDocuments } from './catalog-documents.ts';
import { exportDefinitions } from './export.ts';
import { planSetup } from './plan.ts';
import { cliConfigSource } from '../running-start.ts';

const schema = z.strictObject({ elasticsearch: elasticsearchSettings });

/** The words for what was found, before and after it was done. */
const WORDS: Readonly<Record<Finding, { readonly plan: string; readonly done: string }>> = {
  create: { plan: 'would create', done: 'created' },
  update: { plan: 'would update', done: 'updated' },
  same: { plan: 'up to date', done: 'up to date' },
  newer: { plan: 'newer, left', done: 'newer, left' },
  foreign: { plan: 'not ours, left', done: 'not ours, left' },
  unsupported: { plan: 'not available', done: 'not available' },
};

/**
 * Runs it; 0 when the cluster is as it should be or, with --dry-run or --diff, has been shown.
 * Throws UsageError, ConfigError and Unavailable.
 */
export async function setupElasticsearch(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = readArguments(args, {
    'dry-run': { type: 'boolean', default: false },
    diff: { type: 'boolean', default: false },
    'api-key': { type: 'boolean', default: false },
    export: { type: 'string' },
    catalog: { type: 'string', multiple: true },
    config: { type: 'string', short: 'c' },
  });
  if (positionals.length > 0) throw new UsageError(`setup elasticsearch takes no ${positionals.join(' ')}.`);
  const { elasticsearch: settings } = loadConfig(schema, cliConfigSource(values.config));
  if (values.export !== undefined) return await exportDefinitions(settings, values.export, io);
  warnOfPlainHttp(settings, io);
  const elasticsearch = createElasticsearch(settings);
  try {
    const steps = await planSetup(elasticsearch, settings, await catalogDocuments(values.catalog ?? []));
    if (values['dry-run'] || values.diff) show(steps, values.diff, io);
    else await carryOut(steps, io);
    if (values['api-key'] && !values['dry-run'] && !values.diff) await makeApiKey(elasticsearch, settings, io);
    return 0;
  } finally {
    await elasticsearch.close();
  }
}

/** The services log in with the same settings, so this is only a note. */
function warnOfPlainHttp({ nodes, apiKey, password }: ElasticsearchSettings, io: CommandIo): void {
  const [readable] = nodes.filter(isReadableOnTheWay);
  if (readable !== undefined && (apiKey !== '' || password !== ''))
    io.err(
      `Warning: the API key or password goes to ${new URL(readable).origin} readable to everybody on the way; use https:// in elasticsearch.nodes.`,
    );
}

function show(steps: readonly Step[], withChanges: boolean, io: CommandIo): void {
  for (const { title, finding, changes, note } of steps) {
    io.out(line(WORDS[finding].plan, title, note));
    if (withChanges) for (const change of changes) io.out(`    ${change}`);
  }
  const waiting = steps.filter(({ apply }) => apply !== undefined).length;
  io.out(waiting === 0 ? 'Nothing to change.' : `${waiting} of ${steps.length} would change; nothing was changed.`);
}

async function carryOut(steps: readonly Step[], io: CommandIo): Promise<void> {
  let changed = 0;
  for (const { title, finding, note, apply } of steps) {
    const notes = apply === undefined ? [] : await apply();
    if (apply !== undefined) changed += 1;
    io.out(line(WORDS[finding].done, title, [note, ...notes].filter((text) => text !== undefined).join('; ')));
  }
  io.out(changed === 0 ? 'Nothing to change.' : `${changed} of ${steps.length} changed.`);
}

function line(word: string, title: string, note: string | undefined): string {
  return `${word.padEnd(15)} ${title}${note === undefined || note === '' ? '' : `: ${note}`}`;
}

/** A new key each time: Elasticsearch shows the secret of one only once. */
async function makeApiKey(elasticsearch: Elasticsearch, settings: ElasticsearchSettings, io: CommandIo): Promise<void> {
  const { body } = apiKeyRequest(settings);
  const answer = await elasticsearch.request({ method: 'POST', path: '/_security/api_key', body });
  if (lacksApi(answer)) {
    io.err('No API key: the cluster has no security.');
    return;
  }
  const { encoded } = asObject(answer.body);
  if (typeof encoded !== 'string') throw new UsageError(`Elasticsearch makes no API key: ${reasonText(answer.body)}.`);
  io.err('The API key of the indexer, shown this once; set it as elasticsearch.apiKey:');
  io.out(encoded);
}
