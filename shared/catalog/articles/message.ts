// The message of an article: its inserts brought to the form `%1`, and the parameters they make.
// Pure.

/** A parameter of a draft, as an entry has it. */
interface DraftParameter {
  readonly name: string;
  readonly type: 'port' | 'integer' | 'text';
  readonly meaning: string;
  readonly insert: number;
  readonly discriminator?: true;
  readonly ecs?: string;
  readonly prose: { readonly unknown: string };
}

/**
 * A message with its inserts as `%1`, its parameters, and whether the inserts had to be numbered
 * here.
 */
export interface Message {
  readonly text: string;
  readonly parameters: readonly DraftParameter[];
  readonly isNumberedHere: boolean;
}

/** As C and SQL Server write them: `%d`, `%ls`, `%.*ls`, `%S_MSG`. */
const FORMAT =
  /%(?:S_[A-Z]+|[-+#0]*\d*(?:\.(?:\d+|\*))?(?:hh?|ll?|I64|I32|w)?(?<kind>[diouxXeEfgGcsSp]))(?![A-Za-z_])/gu;

/** Reads a message as the article writes it. */
export function readMessage(raw: string): Message {
  // Of a message file: `%n` breaks the line, `%0` ends it, `%1!s!` gives the format of the first
  // insert.
  const plain = raw
    .replaceAll(/%(\d{1,2})![^!\n]{1,20}!/gu, '%$1')
    .replaceAll(/[ \t]*%n[ \t]*/gu, '\n')
    .replaceAll(/%0(?!\d)|%r(?!\w)/gu, '')
    .replaceAll(/\n\s*\n/gu, '\n')
    .trim();
  const integers = new Set<number>();
  const isNumberedHere = !/%[1-9]/u.test(plain) && plain.search(FORMAT) !== -1;
  let count = 0;
  const text = isNumberedHere
    ? plain.replace(FORMAT, (_, kind: string | undefined) => {
        count += 1;
        if (kind !== undefined && 'diu'.includes(kind)) integers.add(count);
        return `%${count}`;
      })
    : plain;
  return { text, parameters: parametersOf(text, integers), isNumberedHere };
}

/** A parameter for each insertion string; only a port is recognised, by the word in front of it. */
function parametersOf(message: string, integers: ReadonlySet<number>): readonly DraftParameter[] {
  const found = new Map<number, DraftParameter>();
  for (const { 1: before = '', 2: digits = '' } of message.matchAll(/(port(?: number)?|\w+)?\W*%(\d{1,2})/giu)) {
    const insert = Number(digits);
    const isPort = /^port(?: number)?$/iu.test(before);
    const isFirst = isPort && ![...found.values()].some(({ name }) => name === 'port');
    if (insert === 0 || found.has(insert)) continue;
    found.set(insert, {
      name: isFirst ? 'port' : `insert_${insert}`,
      type: isPort ? 'port' : integers.has(insert) ? 'integer' : 'text',
      meaning: `Insertion string ${insert} of the message`,
      insert,
      ...(isFirst ? { discriminator: true, ecs: 'server.port', ecsSource: 'foghorn.port_source' } : {}),
      prose: { unknown: isPort ? 'of unknown number' : 'an unknown value' },
    });
  }
  return [...found.values()];
}

/**
 * A text of the article as a text of an entry: inserts by the names of their parameters, and no
 * brace that could be taken for one.
 */
export function proseOf(text: string, parameters: readonly DraftParameter[]): string {
  const unbraced = text.replaceAll('{', '(').replaceAll('}', ')');
  return unbraced.replaceAll(/%(\d{1,2})/gu, (_, digits: string) => {
    const parameter = parameters.find(({ insert }) => insert === Number(digits));
    return parameter === undefined ? `insert ${digits}` : `{${parameter.name}}`;
  });
}
