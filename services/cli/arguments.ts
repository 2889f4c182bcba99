// The arguments of a verb: what its action would not look at is refused, not ignored.
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { UsageError } from './command.ts';

type Options = NonNullable<ParseArgsConfig['options']>;

/** What was read; the values by the names of the options. */
type Arguments<T extends Options> = ReturnType<
  typeof parseArgs<{ readonly args: string[]; readonly allowPositionals: true; readonly options: T }>
>;

/** The actions that take an option, by its name; one that is not here is for all of them. */
export type OptionActions = Readonly<Record<string, readonly string[]>>;

/**
 * Reads the arguments of a verb. The action is the first word. Throws UsageError for an option
 * whose value is given twice, or that is none of the action's; else as `parseArgs` does. The last
 * `--config` counts, so that an alias can be overridden.
 */
export function readArguments<const T extends Options>(
  args: readonly string[],
  options: T,
  optionActions: OptionActions = {},
): Arguments<T> {
  const { tokens, ...read } = parseArgs({ args: [...args], allowPositionals: true, options, tokens: true });
  const [action = ''] = read.positionals;
  const seen = new Set<string>();
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const { name, rawName } = token;
    if (seen.has(name) && hasOneValue(name, options[name]))
      throw new UsageError(`${rawName} is given twice, and only one would count.`);
    seen.add(name);
    const actions = Object.hasOwn(optionActions, name) ? optionActions[name] : undefined;
    if (action !== '' && actions !== undefined && !actions.includes(action))
      throw new UsageError(`${action} takes no ${rawName}; it is for ${actions.join(', ')}.`);
  }
  return read;
}

/** A flag that is given twice says the same. */
function hasOneValue(name: string, option: Options[string] | undefined): boolean {
  return option?.type === 'string' && option.multiple !== true && name !== 'config';
}

/** A whole number from `min` that was given to an option. Throws UsageError for anything else. */
export function wholeNumberOf(text: string, option: string, min: number): number {
  const number = Number(text);
  if (!/^\d+$/u.test(text) || !Number.isSafeInteger(number) || number < min)
    throw new UsageError(`${option} ${text}: say a whole number from ${min}.`);
  return number;
}
