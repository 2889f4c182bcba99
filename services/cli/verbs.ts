// Finds the verb of `foghorn VERB …`, one file a verb in commands/, and runs it.
import { errorText } from '../../shared/runtime/errors.ts';
import { didYouMean } from '../../shared/runtime/nearest.ts';
import { type Command, type CommandIo, EXIT_USAGE, UsageError } from './command.ts';
import { catalogCommand } from './commands/catalog.ts';
import { configCommand } from './commands/config.ts';
import { deadLettersCommand } from './commands/deadletters.ts';
import { deliveriesCommand } from './commands/deliveries.ts';
import { incidentsCommand } from './commands/incidents.ts';
import { notifyCommand } from './commands/notify.ts';
import { routeCommand } from './commands/route.ts';
import { sendCommand } from './commands/send.ts';
import { silencesCommand } from './commands/silences.ts';
import { sourcesCommand } from './commands/sources.ts';
import { setupCommand } from './commands/setup.ts';
import { pick } from './words.ts';

const COMMANDS: Readonly<Record<string, Command>> = {
  send: sendCommand,
  catalog: catalogCommand,
  incidents: incidentsCommand,
  silences: silencesCommand,
  deliveries: deliveriesCommand,
  sources: sourcesCommand,
  notify: notifyCommand,
  setup: setupCommand,
  deadletters: deadLettersCommand,
  config: configCommand,
  route: routeCommand,
};

/**
 * Runs a verb with its arguments; gives the exit code. Whatever the verb throws is written to
 * `io.err`.
 */
export async function runVerb([verb, ...rest]: readonly string[], io: CommandIo): Promise<number> {
  if (verb === undefined || verb === 'help' || verb === '--help') {
    io.out(overview());
    return 0;
  }
  const command = pick(COMMANDS, verb);
  if (command === undefined) {
    io.err(`There is no verb ${verb}.${didYouMean(verb, Object.keys(COMMANDS))}\n${overview()}`);
    return EXIT_USAGE;
  }
  if (rest.includes('--help')) {
    io.out(command.usage);
    return 0;
  }
  return await runCommand(command, rest, io);
}

async function runCommand(command: Command, args: readonly string[], io: CommandIo): Promise<number> {
  try {
    return await command.run(args, io);
  } catch (error) {
    io.err(mistakeText(error, command));
    if (!isMisuse(error)) return 1;
    io.err(command.usage);
    return EXIT_USAGE;
  }
}

function isMisuse(error: unknown): boolean {
  return error instanceof UsageError || (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS') === true;
}

/** Every option is in the usage of its verb, so that the nearest one is found there. */
function mistakeText(error: unknown, { usage }: Command): string {
  const text = errorText(error);
  if ((error as NodeJS.ErrnoException).code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION') return text;
  const option = /'(?<option>-[^' ]+)'/u.exec(text)?.groups?.['option'];
  if (option === undefined) return text;
  return `There is no option ${option}.${didYouMean(option, [...new Set(usage.match(/--[a-z][a-z-]*/gu))])}`;
}

function overview(): string {
  const lines = Object.entries(COMMANDS).map(([verb, { summary }]) => `  ${verb.padEnd(11)} ${summary}`);
  return ['foghorn VERB …; each verb has --help', '', ...lines].join('\n');
}
