// `foghorn config check`: validates the configuration of all services as their start would, routes,
// receivers and files included.
import { z } from 'zod';
import { type ConfigSource, examineConfig, readConfigSource } from '../../../shared/runtime/config.ts';
import { consoleUrlOf } from '../../../shared/http/console-address.ts';
import { ConfigError } from '../../../shared/runtime/errors.ts';
import { logSettings } from '../../../shared/runtime/logger.ts';
import { collectorSchema } from '../../collector/config.ts';
import { consoleSchema } from '../../console/config.ts';
import { loadCatalogFolders } from '../../../shared/runtime/catalog-files.ts';
import { enricherSchema } from '../../enricher/config.ts';
import { indexerSchema } from '../../indexer/config.ts';
import { channelTypeOf } from '../../notifier/channels/receivers.ts';
import { checkNotifier } from '../../notifier/check.ts';
import { notifierSchema } from '../../notifier/config.ts';
import { receiverTraitsOf } from '../../notifier/policy/receiver-traits.ts';
import { createPolicy, showRoutes } from '../../notifier/policy/policy.ts';
import { readArguments } from '../arguments.ts';
import { type Command, type CommandIo, UsageError } from '../command.ts';
import { sendTest } from '../notify/send-test.ts';

/** The verb. */
export const configCommand: Command = {
  summary: 'check the configuration, its routes, receivers and files included',
  usage: [
    'foghorn config [--config FILE] check [--send]',
    '',
    '  check           names every problem with its place and ends with 1, or shows receivers and routes and ends with 0; a warning alone',
    '                  is no problem',
    '  --send          sends each receiver a message that says that it is a test, and ends with 1 when one did not take it',
    '  --config FILE   the configuration (./foghorn.yaml, or FOGHORN_CONFIG); environment variables count too',
  ].join('\n'),
  run: async (args, io) => {
    const { values, positionals } = readArguments(args, {
      config: { type: 'string', short: 'c' },
      send: { type: 'boolean', default: false },
    });
    if (positionals.join(' ') !== 'check') throw new UsageError('Say config check.');
    return await check(readConfigSource(values.config), io, values.send);
  },
};

/** All sections at once, so that each problem is reported once. */
const schema = z.strictObject({
  ...collectorSchema.shape,
  ...enricherSchema.shape,
  ...indexerSchema.shape,
  ...notifierSchema.shape,
  ...consoleSchema.shape,
  log: logSettings,
});

type AllSettings = z.infer<typeof schema>;

async function check(source: ConfigSource, io: CommandIo, isSent: boolean): Promise<number> {
  if (source.file === undefined)
    io.err(
      'No file was read: ./foghorn.yaml is not there, and --config and FOGHORN_CONFIG name none. Checked are defaults and environment.',
    );
  else io.out(`read ${source.file.name}`);
  const report = examineConfig(schema, source, { areFilesChecked: true, check: checkNotifier });
  for (const warning of report.warnings) io.err(`warning: ${warning}`);
  const { config } = report;
  const problems = [...report.problems, ...(config === undefined ? [] : await problemsInside(config, io))];
  for (const problem of problems) io.err(problem);
  if (problems.length > 0 || config === undefined) return 1;
  return !isSent || (await sendToAll(config, io)) ? 0 : 1;
}

/** Problems found when receivers and routes are made of the settings; shows both. */
async function problemsInside(config: AllSettings, io: CommandIo): Promise<readonly string[]> {
  const { notifier, enricher } = config;
  const problems = [...(await problemsIn(async () => void (await loadCatalogFolders(enricher.catalogFolders))))];
  for (const receiver of notifier.receivers)
    problems.push(
      ...(
        await problemsIn(async () => {
          const { proxy } = notifier;
          await channelTypeOf(receiver).create(receiver, { now: Date.now, proxy }).close();
          io.out(`receiver ${receiver.name}: ${receiver.kind}, from severity ${receiver.minSeverity}`);
        })
      ).map((problem) => `The receiver ${receiver.name} cannot be used: ${problem}`),
    );
  const routing = await problemsIn(async () => {
    const { root } = createPolicy(notifier, notifier.receivers.map(receiverTraitsOf));
    for (const line of showRoutes(root)) io.out(line);
  });
  return [...problems, ...routing];
}

/** Sends to every receiver, also after one has failed. */
async function sendToAll({ notifier: { receivers, proxy }, console }: AllSettings, io: CommandIo): Promise<boolean> {
  const consoleUrl = consoleUrlOf(console);
  let areTaken = true;
  for (const receiver of receivers) areTaken = (await sendTest(receiver, io, { proxy, consoleUrl })) && areTaken;
  return areTaken;
}

async function problemsIn(work: () => Promise<void>): Promise<readonly string[]> {
  try {
    await work();
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message.split('\n');
  }
}
