// `foghorn setup …`: prepares Elasticsearch, Kafka, Redis and Kibana.
import { didYouMean } from '../../../shared/runtime/nearest.ts';
import { type Command, type CommandIo, UsageError } from '../command.ts';
import { setupElasticsearch } from '../setup/elasticsearch.ts';
import { setupKafka } from '../setup/kafka.ts';
import { setupKibana } from '../setup/kibana.ts';
import { setupRedis } from '../setup/redis.ts';
import { pick } from '../words.ts';

/** The verb. */
export const setupCommand: Command = {
  summary: 'prepare Elasticsearch, Kafka, Redis and Kibana, or bring them up to date',
  usage: [
    'foghorn setup elasticsearch [--dry-run | --diff] [--api-key] [--catalog FOLDER]… [--config FILE]',
    'foghorn setup elasticsearch --export FOLDER',
    'foghorn setup kibana --url URL [--space SPACE] [--console URL] [--api-key-file FILE | --username USER --password-file FILE] [--config FILE]',
    'foghorn setup kafka [--apply] [--principal-prefix PREFIX] [--config FILE]',
    'foghorn setup redis [--user USER] [--config FILE]',
    '',
    '  Lifecycles, templates, data streams, the incident index, the catalogue’s lookup index, and roles. Run again, it changes nothing;',
    '  after an upgrade it brings all of it up to date. What is not marked as Foghorn’s own, or is of a later version, is left as it is.',
    '',
    '  --dry-run   says what would change',
    '  --diff      says it field by field',
    '  --api-key   also makes an API key for the indexer and shows it',
    '  --catalog   entries of your own beside the built-in ones',
    '  --export    writes the requests to files instead; needs no cluster',
    '  --config    the configuration (./foghorn.yaml, or FOGHORN_CONFIG)',
    '',
    '  Kafka: prints the least rights of each service as calls of kafka-acls.sh. They log in as foghorn-collector, foghorn-enricher and so on;',
    '  foghorn-operator is for foghorn deadletters.',
    '  --apply     makes the topics and grants the rights, with the credentials of the configuration, which must be an administrator’s',
    '  --principal-prefix: what comes before the service’s name (default: User:foghorn-)',
    '',
    '  Redis: prints the ACL rule of the notifier’s user: its commands and its keys (redis.keyPrefix), and no others.',
    '',
    '  Kibana, 8.19 or later, gets data views, lists and dashboards; what an earlier import made is replaced.',
    '  --space     the space to import into, which must be there (default: default)',
    '  --console   where incidents link to: the console’s address (default: the setting console.url), or any with {incident} in it',
    '  --api-key-file, --username and --password-file: how to log in; over plain http to another machine only with --allow-insecure',
    '  A certificate authority of your own: NODE_EXTRA_CA_CERTS.',
  ].join('\n'),
  run: async ([what, ...args], io) => {
    const run = pick(SUBJECTS, what ?? '');
    if (run === undefined)
      throw new UsageError(
        `setup ${what ?? ''}: say ${Object.keys(SUBJECTS).join(' or ')}.${didYouMean(what ?? '', Object.keys(SUBJECTS))}`,
      );
    return await run(args, io);
  },
};

const SUBJECTS: Readonly<Record<string, (args: readonly string[], io: CommandIo) => Promise<number>>> = {
  elasticsearch: setupElasticsearch,
  kafka: setupKafka,
  kibana: setupKibana,
  redis: setupRedis,
};
