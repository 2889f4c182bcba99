// The scripts that Redis runs atomically: one .lua file each in lua/, whose keys and arguments have
// names, loaded, checked and run in one way.
import { readFileSync } from 'node:fs';
import { packagePath } from '../../../shared/runtime/package-root.ts';
import { pipeline, type RedisClient, type RedisPipeline } from './client.ts';
import { StateLost } from './state-lost.ts';

/** An argument as a script takes it. */
type ScriptValue = string | number;

/**
 * A script. The names of its keys and arguments are local variables of its text; an argument
 * `names[]` is a table there.
 */
interface Script<Key extends string, Arg extends string> {
  /** Its file in lua/, without the ending. */
  readonly name: string;
  readonly keys: readonly Key[];
  readonly args: readonly Arg[];
  /** The text that Redis gets. */
  readonly lua: string;
}

type NameOf<Arg extends string> = Arg extends `${infer Name}[]` ? Name : Arg;

/** What one run of a script takes: a value for each name. */
type ScriptCall<Key extends string, Arg extends string> = Readonly<Record<Key, string>> & {
  readonly [Each in Arg as NameOf<Each>]: Each extends `${string}[]` ? readonly ScriptValue[] : ScriptValue;
};

/** The answer of a script that found Redis without its marker of completeness. */
const LOST = 'lost';

const FOLDER = packagePath('services', 'notifier', 'redis', 'lua');

/** How a text reads its arguments, in their order. */
const READ_ARGUMENTS = `local position = 0
local function nextValue() position = position + 1 return ARGV[position] end
local function nextList()
  local items = {}
  for index = 1, tonumber(nextValue()) do items[index] = nextValue() end
  return items
end`;

/**
 * Loads `lua/<name>.lua`. Its first lines say what it does, then `-- keys:` and `-- args:` list the
 * names in the order given here, and `-- include:` names texts of lua/shared that go before it.
 * Throws when the file says otherwise than the program, or uses a name that nobody gives it.
 */
export function defineScript<const Key extends string, const Arg extends string>(
  name: string,
  { keys, args }: { readonly keys: readonly Key[]; readonly args: readonly Arg[] },
): Script<Key, Arg> {
  const text = readFileSync(`${FOLDER}/${name}.lua`, 'utf8');
  const included = listIn(text, 'include').map((each) => readFileSync(`${FOLDER}/shared/${each}.lua`, 'utf8'));
  const problems = problemsIn([text, ...included].join('\n'), keys, args);
  if (problems.length > 0) throw new Error(`services/notifier/redis/lua/${name}.lua: ${problems.join('; ')}.`);
  const names = [
    ...keys.map((key, index) => `local ${key} = KEYS[${index + 1}]`),
    ...args.map((arg) =>
      arg.endsWith('[]') ? `local ${arg.slice(0, -2)} = nextList()` : `local ${arg} = nextValue()`,
    ),
  ];
  return { name, keys, args, lua: [READ_ARGUMENTS, ...names, ...included, text].join('\n') };
}

/** Runs a script. Throws Unavailable, and StateLost when Redis is not complete. */
export async function runScript<Key extends string, Arg extends string>(
  client: RedisClient,
  script: Script<Key, Arg>,
  call: ScriptCall<Key, Arg>,
): Promise<unknown> {
  const [answer] = await runScripts(client, script, [call]);
  return answer;
}

/** More in one round trip could keep Redis busy for longer than a command may take. */
const CALLS_AT_A_TIME = 5000;

/**
 * Runs a script many times in one round trip, or in few; one answer each. Throws Unavailable, and
 * StateLost when Redis is not complete.
 */
export async function runScripts<Key extends string, Arg extends string>(
  client: RedisClient,
  script: Script<Key, Arg>,
  calls: readonly ScriptCall<Key, Arg>[],
): Promise<readonly unknown[]> {
  if (calls.length === 0) return [];
  const command = commandOf(client, script);
  const answers: unknown[] = [];
  for (let from = 0; from < calls.length; from += CALLS_AT_A_TIME) {
    const some = await pipeline(client, (commands) => {
      for (const call of calls.slice(from, from + CALLS_AT_A_TIME))
        (commands as Scripted)[command]?.(...valuesOf(script, call));
    });
    answers.push(...some);
  }
  if (answers.includes(LOST)) throw new StateLost('Redis lost its contents.');
  return answers;
}

/**
 * A pipeline with the commands that ioredis adds to it: the hash of the text is sent, and the text
 * itself where Redis does not have it yet.
 */
type Scripted = RedisPipeline & Readonly<Record<string, ((...values: readonly ScriptValue[]) => unknown) | undefined>>;

const defined = new WeakMap<RedisClient['redis'], Set<string>>();

function commandOf({ redis }: RedisClient, { name, keys, lua }: Script<string, string>): string {
  const command = `foghorn-${name}`;
  const known = defined.get(redis) ?? new Set();
  if (!known.has(name)) redis.defineCommand(command, { numberOfKeys: keys.length, lua });
  defined.set(redis, known.add(name));
  return command;
}

function valuesOf<Key extends string, Arg extends string>(
  { keys, args }: Script<Key, Arg>,
  call: ScriptCall<Key, Arg>,
): readonly ScriptValue[] {
  const values = call as Readonly<Record<string, ScriptValue | readonly ScriptValue[]>>;
  return [
    ...keys.map((key) => values[key] as string),
    ...args.flatMap((arg) => {
      const value = values[arg.replace('[]', '')] as ScriptValue | readonly ScriptValue[];
      return typeof value === 'object' ? [value.length, ...value] : [value];
    }),
  ];
}

function listIn(text: string, field: string): readonly string[] {
  const line = new RegExp(`^-- ${field}: (?<list>.*)$`, 'mu').exec(text)?.groups?.['list'] ?? '';
  return line === '' ? [] : line.split(', ');
}

function problemsIn(text: string, keys: readonly string[], args: readonly string[]): readonly string[] {
  const names = [...keys, ...args].map((each) => each.replace('[]', ''));
  const code = text.replaceAll(/--.*$/gmu, '');
  const isUsed = (each: string): boolean => new RegExp(`\\b${each}\\b`, 'u').test(code);
  return [
    ...(listIn(text, 'keys').join() === keys.join() ? [] : [`its keys are not ${keys.join(', ')}`]),
    ...(listIn(text, 'args').join() === args.join() ? [] : [`its arguments are not ${args.join(', ')}`]),
    ...(new Set(names).size === names.length ? [] : ['a name is given twice']),
    ...(/\b(?:KEYS|ARGV)\b/u.test(code) ? ['it uses KEYS or ARGV and not the names'] : []),
    ...names.filter((each) => !isUsed(each)).map((each) => `it does not use ${each}`),
  ];
}
