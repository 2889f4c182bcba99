// `npm start`: the servers, the services, the sample events on their way, then the addresses to
// look at; until Ctrl-C.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RUNNING_START_FILE, type RunningStart } from '../../services/cli/running-start.ts';
import { indexNames } from '../../shared/elasticsearch/names.ts';
import { readConfigSource } from '../../shared/runtime/config.ts';
import { ConfigError } from '../../shared/runtime/errors.ts';
import { type AllSettings, readAllSettings } from './all-settings.ts';
import { followSamples } from './follow.ts';
import { createLifetime, EXIT_INTERRUPTED } from './lifetime.ts';
import { createChildren } from './process.ts';
import { passwordFile } from './redis.ts';
import { readSamples } from './samples.ts';
import { withoutPassword } from './server.ts';
import { type ServerAddresses, startServers, type Tools } from './servers.ts';
import { ALERTS_FILE, type RunningServices, startServices, untilEnd } from './services.ts';
import { StageFailed } from './stage-failed.ts';
import { START_FOLDER, STATE_FOLDER, tryMarkRun } from './state.ts';

const EXIT_FAILED = 1;

/**
 * Gives the exit code: 0 after Ctrl-C or, with --once, when the sample was delivered and can be
 * found; 1 with the stage that failed otherwise, and 130 with the stage that was reached when
 * --once is stopped before.
 */
export async function main({ args, ...tools }: { readonly args: readonly string[] } & Tools): Promise<number> {
  const unmark = tryMarkRun(START_FOLDER);
  if (typeof unmark === 'number') {
    say(`npm start of this checkout is running already (process ${unmark}): stop it first, or use a clone of its own.`);
    return EXIT_FAILED;
  }
  const lifetime = createLifetime(tools.parents);
  const children = createChildren();
  const isOnce = args.includes('--once');
  let reached = 'nothing yet';
  const progress = (line: string): void => {
    reached = line;
    say(line);
  };
  try {
    const settings = readAllSettings(readConfigSource(undefined));
    const { signal } = lifetime;
    const folders = { stateFolder: STATE_FOLDER, dataFolder: START_FOLDER };
    const options = { ...tools, ...folders, ports: 'fixed', env: process.env, children, signal, progress } as const;
    const addresses = await startServers(options);
    const running = await startServices({ children, settings, addresses, signal, progress });
    progress('the services are ready');
    await follow({ settings, addresses, running, signal, progress });
    if (isOnce) return 0;
    noteRunning({ settings, addresses, running });
    printAddresses({ settings, addresses, running });
    await untilEnd(running, signal);
    return 0;
  } catch (error) {
    if (!lifetime.signal.aborted) {
      sayError(error);
      return EXIT_FAILED;
    }
    if (!isOnce) return 0;
    say(`STOPPED before the sample was delivered and found. The last that was reached: ${reached.trim()}`);
    return EXIT_INTERRUPTED;
  } finally {
    say('stopping …');
    rmSync(RUNNING_START_FILE, { force: true });
    await children.stopAll();
    unmark();
    lifetime.release();
    say('stopped');
  }
}

interface Demo {
  readonly settings: AllSettings;
  readonly addresses: ServerAddresses;
  readonly running: RunningServices;
}

interface DemoFollowed extends Demo {
  readonly signal: AbortSignal;
  progress(line: string): void;
}

async function follow({ settings, addresses, running, signal, progress }: DemoFollowed): Promise<void> {
  const now = new Date();
  const recordId = Math.floor(now.getTime() / 1000);
  progress('shipping the sample events …');
  const [entry] = Object.values(settings.collector.http.tokens);
  await followSamples(readSamples(now, recordId), {
    eventsUrl: running.eventsUrl,
    token: typeof entry === 'string' ? entry : entry?.token,
    topicPrefix: settings.kafka.topicPrefix,
    elasticsearch: { ...settings.elasticsearch, nodes: addresses.ELASTICSEARCH_URL.split(',') },
    recordId,
    signal,
    say: (stage, text) => progress(`  ${stage.padEnd(17)} ${text}`),
  });
}

/** For the command line: `foghorn` of this checkout asks what runs here. */
function noteRunning({ settings, addresses, running: { eventsUrl, consoleUrl } }: Demo): void {
  const { kafka, elasticsearch, redis } = settings;
  const start: RunningStart = {
    pid: process.pid,
    eventsUrl,
    settings: {
      'kafka.brokers': addresses.KAFKA_BROKERS.split(','),
      'kafka.topicPrefix': kafka.topicPrefix,
      'elasticsearch.nodes': addresses.ELASTICSEARCH_URL.split(','),
      'elasticsearch.namespace': elasticsearch.namespace,
      'redis.url': addresses.REDIS_URL,
      'redis.keyPrefix': redis.keyPrefix,
      'console.url': consoleUrl,
    },
  };
  writeFileSync(RUNNING_START_FILE, JSON.stringify(start), { mode: 0o600 });
}

function sayError(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  say(`FAILED${error instanceof StageFailed ? ' at ' : ': '}${message}`);
  if (!(error instanceof ConfigError)) say(`The logs are in ${join(START_FOLDER, 'logs')}.`);
}

function printAddresses({ settings, addresses, running }: Demo): void {
  const { eventsUrl, otherInputs, consoleUrl, started } = running;
  const admin = started.map(({ child, adminUrl }) => `${child.name} ${adminUrl}`);
  const elasticsearch = addresses.ELASTICSEARCH_URL.split(',')[0] ?? '';
  const lines = [
    '',
    `console           ${consoleUrl}`,
    `send events       POST ${eventsUrl}`,
    ...otherInputs.map(({ kind, address }) => `${kind.padEnd(17)} ${address}`),
    `search            ${elasticsearch}/${indexNames(settings.elasticsearch).events}/_search?q=event.code:309`,
    `alerts            ${ALERTS_FILE}`,
    `health, metrics   /healthz /readyz /metrics of ${admin.join(', ')}`,
    `Kafka             ${addresses.KAFKA_BROKERS}`,
    `Redis             ${withoutPassword(addresses.REDIS_URL)}, the password is in ${passwordFile(join(START_FOLDER, 'data'))}`,
    `logs              ${join(START_FOLDER, 'logs')}`,
    '',
    'Ctrl-C stops everything. npm run reset deletes the data.',
  ];
  for (const line of lines) say(line);
}

function say(line: string): void {
  process.stdout.write(`foghorn  ${line}\n`);
}
