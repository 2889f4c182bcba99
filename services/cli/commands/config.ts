// `foghorn config check`: validates the configuration of all services as their start would, routes and receivers included.
import { parseArgs } from 'node:util';
import { type ConfigSource, loadConfig, readConfigSource } from '../../../shared/runtime/config.ts';
import { logSettings } from '../../../shared/runtime/logger.ts';
import { ConfigError } from '../../../shared/runtime/errors.ts';
import { collectorSchema } from '../../collector/config.ts';
import { consoleSchema } from '../../console/config.ts';
import { enricherSchema } from '../../enricher/config.ts';
import { indexerSchema } from '../../indexer/config.ts';
import { createChannel } from '../../notifier/channels/receivers.ts';
import { type NotifierConfig, notifierSchema } from '../../notifier/config.ts';
import { candidateOf } from '../../notifier/policy/candidate.ts';
import { createPolicy, showRoutes } from '../../notifier/policy/policy.ts';
import { type Command, type CommandIo, UsageError } from '../command.ts';
import { sendTest } from '../notify/send-test.ts';

/** The verb. */
export const configCommand: Command = {
  summary: 'check the configuration, its routes and receivers included',
  usage: [
    'foghorn config [--config FILE] check [--send]',
    '',
    '  check           names every fault and ends with 1, or shows routes and receivers and ends with 0',
    '  --send          sends each receiver a message that says that it is a test, and ends with 1 when one did not take it',
    '  --config FILE   the configuration (./foghorn.yaml, or FOGHORN_CONFIG); environment variables count too',
  ].join('\n'),
  run: async (args, io) => {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { config: { type: 'string', short: 'c' }, send: { type: 'boolean', default: false } },
    });
    if (positionals.join(' ') !== 'check') throw new UsageError('Say config check.');
    return await check(readConfigSource(values.config), io, values.send);
  },
};

async function check(source: ConfigSource, io: CommandIo, isSent: boolean): Promise<number> {
  const faults = [
    ...faultsOf(() => loadConfig(collectorSchema.extend({ log: logSettings }), source)),
    ...faultsOf(() => loadConfig(enricherSchema.extend({ log: logSettings }), source)),
    ...faultsOf(() => loadConfig(indexerSchema.extend({ log: logSettings }), source)),
    ...faultsOf(() => loadConfig(consoleSchema.extend({ log: logSettings }), source)),
    ...(await notifierFaults(source, io)),
  ];
  for (const fault of new Set(faults)) io.err(fault);
  if (faults.length > 0) return 1;
  return !isSent || (await sendToAll(source, io)) ? 0 : 1;
}

/** To everybody, also after one that did not take it. */
async function sendToAll(source: ConfigSource, io: CommandIo): Promise<boolean> {
  let areTaken = true;
  const { receivers, proxy } = loadConfig(notifierSchema, source).notifier;
  for (const receiver of receivers) areTaken = (await sendTest(receiver, io, proxy)) && areTaken;
  return areTaken;
}

/** Shows what the notifier would do, as far as there is no fault. */
async function notifierFaults(source: ConfigSource, io: CommandIo): Promise<readonly string[]> {
  let config: NotifierConfig | undefined;
  const faults = [
    ...faultsOf(() => {
      config = loadConfig(notifierSchema.extend({ log: logSettings }), source);
    }),
  ];
  if (config === undefined) return faults;
  const { notifier } = config;
  for (const receiver of notifier.receivers) {
    try {
      await createChannel(receiver, Date.now, { proxy: notifier.proxy }).close();
      io.out(`receiver ${receiver.name}: ${receiver.kind}, from severity ${receiver.minSeverity}`);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      faults.push(`The receiver ${receiver.name} cannot be used: ${error.message}`);
    }
  }
  const routing = faultsOf(() => {
    for (const line of showRoutes(createPolicy(notifier, notifier.receivers.map(candidateOf)).root)) io.out(line);
  });
  return [...faults, ...routing];
}

function faultsOf(work: () => unknown): readonly string[] {
  try {
    work();
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message.split('\n');
  }
}
