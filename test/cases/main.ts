// `npm run cases [-- FOLDER] [--out FOLDER] [--url URL]`: posts every case of a folder to a whole
// Foghorn and prints a table of what became of each. Ends with 0 if all is as expected.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Tools } from '../../deploy/local/servers.ts';
import { createElasticsearch, elasticsearchSettings } from '../../shared/elasticsearch/client.ts';
import { indexNames } from '../../shared/elasticsearch/names.ts';
import { createKafka, kafkaSettings } from '../../shared/kafka/client.ts';
import { errorText } from '../../shared/runtime/errors.ts';
import { onOwnServers } from '../support/own-stack.ts';
import { requiredEnv } from '../support/servers.ts';
import { quietLog } from '../support/log.ts';
import { findIn, startTarget } from './own-target.ts';
import { type CaseRow, runCases, type Target } from './live.ts';
import { type Case, CASES_FOLDER, readCases } from './read-cases.ts';
import { tableOf } from './table.ts';

const LIMIT_MS = 15 * 60_000;
const USAGE = `npm run cases                      the cases of ${CASES_FOLDER}, on servers and services of their own
npm run cases -- FOLDER            other cases: NAME.json or NAME.xml, with NAME.expect.json or NAME.expect.md beside it
npm run cases -- --out FOLDER      writes what was found, a file a case
npm run cases -- --url URL         posts to the collector at URL, e.g. http://127.0.0.1:8309/v1/events. KAFKA_BROKERS and ELASTICSEARCH_URL
                                   say where it writes; FOGHORN_KAFKA_TOPIC_PREFIX, FOGHORN_ELASTICSEARCH_NAMESPACE and FOGHORN_TOKEN as it has them
`;

/** Runs the cases and prints the table. Gives the exit code. */
export async function main({ args, ...tools }: { readonly args: readonly string[] } & Tools): Promise<number> {
  const asked = readArguments(args);
  if (asked === undefined) return 1;
  const { cases, out, url } = asked;
  if (cases.length === 0) {
    say('There is no NAME.json or NAME.xml in that folder.');
    return 1;
  }
  if (url !== undefined) return report(await onRunning(url, cases), out);
  return await onOwnServers({ tools, name: 'cases', limitMs: LIMIT_MS, say }, async (ending) => {
    say(`${cases.length} cases …`);
    return report(await runCases(await startTarget(ending), cases), out);
  });
}

interface Asked {
  readonly cases: readonly Case[];
  readonly out: string | undefined;
  readonly url: string | undefined;
}

function readArguments(args: readonly string[]): Asked | undefined {
  try {
    const { positionals, values } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { out: { type: 'string' }, url: { type: 'string' } },
    });
    if (positionals.length > 1) throw new Error(`one folder at a time, not ${positionals.length}`);
    return { cases: readCases(positionals[0] ?? CASES_FOLDER), out: values.out, url: values.url };
  } catch (error) {
    process.stderr.write(`foghorn  ${errorText(error)}\n${USAGE}`);
    return undefined;
  }
}

/** On a Foghorn that runs already, with what it has of the environment. */
async function onRunning(eventsUrl: string, cases: readonly Case[]): Promise<readonly CaseRow[]> {
  const { FOGHORN_KAFKA_TOPIC_PREFIX: topicPrefix, FOGHORN_ELASTICSEARCH_NAMESPACE: namespace } = process.env;
  const token = process.env['FOGHORN_TOKEN'];
  const settings = kafkaSettings.parse({ brokers: requiredEnv('KAFKA_BROKERS').split(','), topicPrefix });
  const kafka = createKafka(settings, quietLog);
  const search = elasticsearchSettings.parse({ nodes: [requiredEnv('ELASTICSEARCH_URL')], namespace });
  const elasticsearch = createElasticsearch(search);
  const target: Target = {
    eventsUrl,
    ...(token === undefined ? {} : { token }),
    kafka: { kafka, settings },
    find: async (ids) => await findIn(elasticsearch, indexNames(search).events, ids),
  };
  try {
    return await runCases(target, cases);
  } finally {
    await elasticsearch.close();
    kafka.end();
  }
}

function report(rows: readonly CaseRow[], out: string | undefined): number {
  process.stdout.write(tableOf(rows));
  if (out !== undefined) {
    mkdirSync(out, { recursive: true });
    for (const { name, outcomes, faults } of rows)
      writeFileSync(join(out, `${name}.found.json`), `${JSON.stringify({ faults, outcomes }, null, 2)}\n`);
  }
  const checked = rows.filter(({ faults }) => faults !== undefined);
  const good = checked.filter(({ faults }) => faults?.length === 0);
  const others = rows.length === checked.length ? '' : `, ${rows.length - checked.length} for people to decide`;
  say(`${good.length} of ${checked.length} as expected${others}`);
  return good.length === checked.length ? 0 : 1;
}

function say(line: string): void {
  process.stdout.write(`foghorn  ${line}\n`);
}
