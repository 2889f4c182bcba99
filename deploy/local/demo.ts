// `npm start`: the servers, the services, the sample events on their way, then the addresses to look at; until Ctrl-C.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { packagePath } from '../../shared/runtime/package-root.ts';
import { followSamples, StageFailed } from './follow.ts';
import { createLifetime } from './lifetime.ts';
import { choosePort } from './ports.ts';
import { type Child, type Children, createChildren } from './process.ts';
import { readSamples } from './samples.ts';
import { type ServerAddresses, startServers, type Tools } from './servers.ts';
import { markStart, runningStart, START_FOLDER, STATE_FOLDER } from './state.ts';

/** What consumes first, what accepts last. */
const SERVICES = [
  { name: 'notifier', adminPort: 9312 },
  { name: 'indexer', adminPort: 9311 },
  { name: 'enricher', adminPort: 9310 },
  { name: 'console', adminPort: 9313 },
  { name: 'collector', adminPort: 9309 },
] as const;

const HTTP_PORT = 8309;
const CONSOLE_PORT = 3090;
const READY_LIMIT_MS = 60_000;
const EXIT_FAILED = 1;

interface Started {
  readonly child: Child;
  readonly adminPort: number;
}

/** Gives the exit code: 0 after Ctrl-C or, with --once, when the sample was delivered and can be found; 1 with the stage that failed otherwise. */
export async function main({ args, ...tools }: { readonly args: readonly string[] } & Tools): Promise<number> {
  const other = runningStart();
  if (other !== undefined) {
    say(`npm start of this checkout is running already (process ${other}).`);
    return EXIT_FAILED;
  }
  const unmark = markStart();
  const lifetime = createLifetime(tools.parents);
  const children = createChildren();
  try {
    const options = {
      ...tools,
      stateFolder: STATE_FOLDER,
      dataFolder: START_FOLDER,
      ports: 'fixed',
      env: process.env,
      children,
      signal: lifetime.signal,
      progress: say,
    } as const;
    const addresses = await startServers(options);
    const running = await startServices(children, addresses, lifetime.signal);
    await follow(running.eventsUrl, addresses);
    if (args.includes('--once')) return 0;
    printAddresses(running, addresses);
    await untilEnd(running.started, lifetime.signal);
    return 0;
  } catch (error) {
    if (lifetime.signal.aborted) return 0;
    say(
      error instanceof StageFailed
        ? `FAILED at ${error.message}`
        : `FAILED: ${error instanceof Error ? error.message : String(error)}`,
    );
    say(`The logs are in ${join(START_FOLDER, 'logs')}.`);
    return EXIT_FAILED;
  } finally {
    say('stopping …');
    await children.stopAll();
    unmark();
    lifetime.release();
    say('stopped');
  }
}

/** The services that run, and where they are asked. */
interface RunningServices {
  readonly eventsUrl: string;
  readonly consoleUrl: string;
  readonly started: readonly Started[];
}

async function startServices(
  children: Children,
  addresses: ServerAddresses,
  signal: AbortSignal,
): Promise<RunningServices> {
  const httpPort = await choosePort(HTTP_PORT);
  const consolePort = await choosePort(CONSOLE_PORT);
  const started: Started[] = [];
  for (const { name, adminPort: preferred } of SERVICES) {
    const adminPort = await choosePort(preferred);
    started.push({ child: startService(children, { name, adminPort, httpPort, consolePort, addresses }), adminPort });
  }
  await Promise.all(started.map(async (service) => await untilReady(service, signal)));
  say('the services are ready');
  return {
    eventsUrl: `http://127.0.0.1:${httpPort}/v1/events`,
    consoleUrl: `http://127.0.0.1:${consolePort}`,
    started,
  };
}

interface ServiceStart {
  readonly name: string;
  readonly adminPort: number;
  readonly httpPort: number;
  readonly consolePort: number;
  readonly addresses: ServerAddresses;
}

function startService(children: Children, { name, adminPort, httpPort, consolePort, addresses }: ServiceStart): Child {
  const alerts = join(START_FOLDER, 'alerts.log');
  mkdirSync(START_FOLDER, { recursive: true });
  const own: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    collector: { FOGHORN_COLLECTOR_HTTP_PORT: String(httpPort) },
    console: { FOGHORN_CONSOLE_HTTP_PORT: String(consolePort) },
    notifier: { FOGHORN_NOTIFIER_RECEIVERS: JSON.stringify([{ name: 'local', kind: 'local', file: alerts }]) },
  };
  return children.start({
    name,
    command: process.execPath,
    args: ['--enable-source-maps', packagePath('dist', 'services', name, 'main.js')],
    cwd: packagePath(),
    env: {
      ...addresses,
      [`FOGHORN_${name.toUpperCase()}_ADMIN_PORT`]: String(adminPort),
      FOGHORN_LOG_FORMAT: 'json',
      ...own[name],
    },
    logFile: join(START_FOLDER, 'logs', `${name}.log`),
  });
}

async function untilReady({ child, adminPort }: Started, signal: AbortSignal): Promise<void> {
  const end = Date.now() + READY_LIMIT_MS;
  let code: number | null | undefined;
  void child.exited.then((value) => {
    code = value;
  });
  let missing = 'it does not answer';
  while (Date.now() < end) {
    if (signal.aborted) throw new Error('the start was stopped');
    if (code !== undefined)
      throw new StageFailed(`start of the ${child.name}: it ended (exit code ${code}): ${lastLines(child.name)}`);
    try {
      const response = await fetch(`http://127.0.0.1:${adminPort}/readyz`);
      missing = await response.text();
      if (response.ok) return;
    } catch {
      missing = 'it does not answer';
    }
    await delay(100);
  }
  throw new StageFailed(`start of the ${child.name}: ${missing}`);
}

function lastLines(name: string): string {
  return readFileSync(join(START_FOLDER, 'logs', `${name}.log`), 'utf8')
    .split('\n')
    .slice(-6)
    .join('\n');
}

async function follow(eventsUrl: string, addresses: ServerAddresses): Promise<void> {
  const now = new Date();
  const recordId = Math.floor(now.getTime() / 1000);
  say('shipping the sample events …');
  await followSamples(
    readSamples(now, recordId),
    { eventsUrl, elasticsearchUrl: addresses.ELASTICSEARCH_URL.split(',')[0] ?? '', recordId },
    (stage, text) => say(`  ${stage.padEnd(17)} ${text}`),
  );
}

function printAddresses({ eventsUrl, consoleUrl, started }: RunningServices, addresses: ServerAddresses): void {
  const admin = started.map(({ child, adminPort }) => `${child.name} :${adminPort}`).join('  ');
  const lines = [
    '',
    `send events       POST ${eventsUrl}`,
    `search            ${addresses.ELASTICSEARCH_URL}/logs-windows.forwarded.foghorn-default/_search?q=event.code:309`,
    `incidents         ${consoleUrl}/api/v1/incidents`,
    `alerts            ${join(START_FOLDER, 'alerts.log')}`,
    `health, metrics   /healthz /readyz /metrics on 127.0.0.1  ${admin}`,
    `Kafka, Redis      ${addresses.KAFKA_BROKERS}  ${addresses.REDIS_URL}`,
    `logs              ${join(START_FOLDER, 'logs')}`,
    '',
    'Ctrl-C stops everything. npm run reset forgets the data.',
  ];
  for (const line of lines) say(line);
}

/** Until the lifetime ends, or one of the services does, which a demo should not hide. */
async function untilEnd(started: readonly Started[], signal: AbortSignal): Promise<void> {
  const asked = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
    if (signal.aborted) resolve();
  });
  const ended = started.map(async ({ child }) => {
    const code = await child.exited;
    if (!signal.aborted)
      throw new StageFailed(`${child.name}: it ended by itself (exit code ${code}): ${lastLines(child.name)}`);
  });
  await Promise.race([asked, ...ended]);
}

function say(line: string): void {
  process.stdout.write(`foghorn  ${line}\n`);
}
