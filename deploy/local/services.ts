// Foghorn's services as `npm start` runs them: on the servers that are there, at their own ports or
// free ones, with alerts into a file.
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { LISTENING_INPUTS } from '../../services/collector/inputs/inputs.ts';
import { listenerUrl } from '../../shared/http/settings.ts';
import { packagePath } from '../../shared/runtime/package-root.ts';
import { envNameOf } from '../../shared/runtime/settings.ts';
import type { AllSettings } from './all-settings.ts';
import { preferredPort } from './ports.ts';
import type { Child, Children } from './process.ts';
import type { ServerAddresses } from './servers.ts';
import { StageFailed } from './stage-failed.ts';
import { START_FOLDER } from './state.ts';

/** Consumers first, the collector last. */
const SERVICES = ['notifier', 'indexer', 'enricher', 'console', 'collector'] as const;

const READY_LIMIT_MS = 60_000;

/** What node is started with for a service, before its file. */
export function nodeArgs(name: string): readonly string[] {
  // From Node 22 on V8 lets the young generation grow with the machine's memory. A small one keeps
  // each service at 250 MB, for a tenth of its CPU time; the indexer takes no more with the
  // smallest (docs/measured.md).
  return ['--enable-source-maps', `--max-semi-space-size=${name === 'indexer' ? 1 : 4}`];
}

/** Where the alerts go. */
export const ALERTS_FILE = join(START_FOLDER, 'alerts.log');

/** A service that runs. */
export interface StartedService {
  readonly child: Child;
  /** The address that answers /healthz, /readyz and /metrics. */
  readonly adminUrl: string;
}

/** The services that run, and where they are asked. */
export interface RunningServices {
  readonly eventsUrl: string;
  /** Where the inputs beside HTTP listen: kind and `host:port`. */
  readonly otherInputs: readonly { readonly kind: string; readonly address: string }[];
  readonly consoleUrl: string;
  readonly started: readonly StartedService[];
}

/** The options of the services. */
export interface ServicesOptions {
  readonly children: Children;
  readonly settings: AllSettings;
  readonly addresses: ServerAddresses;
  readonly signal: AbortSignal;
  progress(line: string): void;
}

/** Starts all; resolves when all are ready. Throws StageFailed with the one that is not. */
export async function startServices(options: ServicesOptions): Promise<RunningServices> {
  const { children, settings, addresses, signal, progress } = options;
  const { collector, console, notifier } = settings;
  mkdirSync(START_FOLDER, { recursive: true });
  const httpPort = await preferredPort('the collector', collector.http.port, progress);
  const consolePort = await preferredPort('the console', console.http.port, progress);
  const consoleUrl = listenerUrl({ ...console.http, port: consolePort });
  const inputs = await otherInputs(collector, progress);
  const linkKeys = console.linkKeys.length > 0 ? {} : { FOGHORN_CONSOLE_LINK_KEYS: randomBytes(32).toString('hex') };
  const own: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    collector: {
      FOGHORN_COLLECTOR_HTTP_ENABLED: 'true',
      FOGHORN_COLLECTOR_HTTP_PORT: String(httpPort),
      ...Object.assign({}, ...inputs.map(({ env }) => env)),
    },
    console: { FOGHORN_CONSOLE_HTTP_PORT: String(consolePort), ...linkKeys },
    notifier: { FOGHORN_CONSOLE_URL: consoleUrl, ...linkKeys, ...notifierEnv(notifier) },
  };
  const started: StartedService[] = [];
  for (const name of SERVICES) {
    const { host, port } = settings[name].admin;
    const adminPort = await preferredPort(`the ${name}'s health`, port, progress);
    const child = children.start({
      name,
      command: process.execPath,
      args: [...nodeArgs(name), packagePath('dist', 'services', name, 'main.js')],
      cwd: packagePath(),
      env: {
        ...addresses,
        [`FOGHORN_${name.toUpperCase()}_ADMIN_PORT`]: String(adminPort),
        FOGHORN_LOG_FORMAT: 'json',
        ...own[name],
      },
      logFile: logOf(name),
    });
    started.push({ child, adminUrl: listenerUrl({ host, port: adminPort, tlsCert: '' }) });
  }
  await Promise.all(started.map((service) => untilReady(service, signal)));
  return {
    eventsUrl: `${listenerUrl({ ...collector.http, port: httpPort })}/v1/events`,
    otherInputs: inputs.map(({ kind, address }) => ({ kind, address })),
    consoleUrl,
    started,
  };
}

/**
 * Waits for the signal, or for a service that ends by itself, which the demonstration must show.
 */
export async function untilEnd({ started }: RunningServices, signal: AbortSignal): Promise<void> {
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

/** Samples page nobody, whatever receivers foghorn.yaml has. */
function notifierEnv({ route }: AllSettings['notifier']): Readonly<Record<string, string>> {
  const atOnce = { group_by: ['...'], group_wait: '0s', repeat_interval: '0s' };
  return {
    FOGHORN_NOTIFIER_RECEIVERS: JSON.stringify([{ name: 'local', kind: 'local', file: ALERTS_FILE }]),
    // The routes of a foghorn.yaml name its own receivers; without any a storm is one digest.
    ...(route === undefined ? {} : { FOGHORN_NOTIFIER_ROUTE: JSON.stringify(atOnce) }),
  };
}

/** Every input that agents connect to is switched on, so that any agent can be tried. */
async function otherInputs(collector: AllSettings['collector'], progress: (line: string) => void) {
  const inputs = [];
  for (const { kind } of LISTENING_INPUTS) {
    if (kind === 'http') continue;
    const { host, port: preferred } = collector[kind];
    const port = await preferredPort(`the input ${kind}`, preferred, progress);
    const env = {
      [envNameOf(['collector', kind, 'enabled'])]: 'true',
      [envNameOf(['collector', kind, 'port'])]: String(port),
    };
    inputs.push({ kind, address: new URL(listenerUrl({ host, port, tlsCert: '' })).host, env });
  }
  return inputs;
}

async function untilReady({ child, adminUrl }: StartedService, signal: AbortSignal): Promise<void> {
  const end = Date.now() + READY_LIMIT_MS;
  let code: number | null | undefined;
  void child.exited.then((value) => {
    code = value;
  });
  let missing = 'it does not answer';
  while (Date.now() < end) {
    signal.throwIfAborted();
    if (code !== undefined)
      throw new StageFailed(`start of the ${child.name}: it ended (exit code ${code}): ${lastLines(child.name)}`);
    try {
      const response = await fetch(`${adminUrl}/readyz`, { signal });
      missing = await response.text();
      if (response.ok) return;
    } catch {
      missing = 'it does not answer';
    }
    await delay(100);
  }
  throw new StageFailed(`start of the ${child.name}: ${missing}`);
}

function logOf(name: string): string {
  return join(START_FOLDER, 'logs', `${name}.log`);
}

function lastLines(name: string): string {
  return readFileSync(logOf(name), 'utf8').split('\n').slice(-6).join('\n');
}
