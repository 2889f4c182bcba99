// What a schema cannot say of one entry: its texts, parameters, fields and evidence have to fit
// together.
import { isQuoted } from './filler.ts';
import { insertsOf, placeholdersOf, type Place, placesOf, withoutPlaceholders } from './placeholder.ts';
import { readValue } from './parameter-value.ts';
import { MAX_KEY_STEPS } from '../contracts/remediation.ts';
import type { CatalogEntry, CatalogParameter } from './schema.ts';

/** Something wrong in an entry; `path` leads to the field. */
export interface EntryProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

const TEXT_SECTIONS = [
  'title',
  'summary',
  'explanation',
  'causes',
  'remediation',
  'verification',
  'notes',
  'clearedBy',
  'related',
] as const;
const TEXT_KEYS = new Set(['text', 'check', 'command', 'title', 'when', 'where', 'privilege', 'risk', 'undo']);
/** Field sets that the document's writer fills from the event itself or from the match. */
const RESERVED_FIELD_SETS = new Set(['agent', 'ecs', 'event', 'foghorn', 'host', 'log', 'rule', 'winlog']);
const RAW_INSERT = /%\d/u;

/** Everything wrong in one entry that passed the schema; empty when it is sound. */
export function lintEntry(entry: CatalogEntry): readonly EntryProblem[] {
  return [
    ...lintIdentity(entry),
    ...lintParameters(entry),
    ...lintTexts(entry),
    ...lintCommands(entry),
    ...lintMessage(entry),
    ...lintFields(entry),
    ...lintUses(entry),
    ...lintKeys(entry),
  ];
}

/** What is allowed in an entry that passed the schema, and is probably not meant. */
export function warningsOf(entry: CatalogEntry): readonly EntryProblem[] {
  return stepLists(entry)
    .filter(({ steps }) => steps.length > MAX_KEY_STEPS && !steps.some(({ key }) => key))
    .map(({ path, steps }) => ({
      path,
      message: `a short message shows the first ${MAX_KEY_STEPS} of ${steps.length} steps; mark those that matter most with key: true`,
    }));
}

function lintIdentity({ eventIds, when }: CatalogEntry): readonly EntryProblem[] {
  const isKnown =
    eventIds.length > 0 || (when.length > 0 && when.every(({ messageStarts }) => messageStarts !== undefined));
  return isKnown
    ? []
    : [{ path: ['eventIds'], message: 'an entry without an event id needs messageStarts in each of its conditions' }];
}

function lintParameters(entry: CatalogEntry): readonly EntryProblem[] {
  const problems: EntryProblem[] = [];
  // Every object has a constructor, which is no value of an event.
  const names = new Set(['host', 'constructor']);
  const inserts = new Set<number>();
  for (const [index, parameter] of entry.parameters.entries()) {
    const path = ['parameters', index];
    if (names.has(parameter.name))
      problems.push({
        path: [...path, 'name'],
        message: `"${parameter.name}" is taken; names are unique and host is built in`,
      });
    if (parameter.insert !== undefined && inserts.has(parameter.insert))
      problems.push({
        path: [...path, 'insert'],
        message: `another parameter already takes insert ${parameter.insert}`,
      });
    names.add(parameter.name);
    if (parameter.insert !== undefined) inserts.add(parameter.insert);
    problems.push(...lintPart(parameter, path), ...lintProse(parameter, path));
  }
  return problems;
}

type Path = readonly (string | number)[];

function lintPart({ part, insert, type }: CatalogParameter, path: Path): readonly EntryProblem[] {
  if (part === undefined) return [];
  const problems: EntryProblem[] = [];
  if (insert !== undefined)
    problems.push({
      path: [...path, 'insert'],
      message: 'a part is no whole insert; take it from dataNames, e.g. param1',
    });
  if (type !== (part === 'port' ? 'port' : 'path'))
    problems.push({
      path: [...path, 'part'],
      message: 'the part port needs the type port, the part folder the type path',
    });
  return problems;
}

function lintProse({ prose }: CatalogParameter, path: Path): readonly EntryProblem[] {
  const problems: EntryProblem[] = [];
  if (prose.known.split('{value}').length !== 2 || hasLeftovers(prose.known.replace('{value}', '')))
    problems.push({ path: [...path, 'prose', 'known'], message: 'has to hold {value} once and no other placeholder' });
  if (hasLeftovers(prose.unknown))
    problems.push({ path: [...path, 'prose', 'unknown'], message: 'has to be plain words without placeholders' });
  return problems;
}

function hasLeftovers(text: string): boolean {
  return /[{}]/u.test(text) || RAW_INSERT.test(text);
}

interface Text {
  readonly path: readonly (string | number)[];
  readonly text: string;
  readonly isCommand: boolean;
}

function lintTexts(entry: CatalogEntry): readonly EntryProblem[] {
  const known = ['host', ...entry.parameters.map((parameter) => parameter.name)];
  return TEXT_SECTIONS.flatMap((section) =>
    [...textsIn(entry[section], [section])].flatMap((text) =>
      textProblems(text, known).map((message) => ({ path: text.path, message })),
    ),
  );
}

function textProblems({ text, isCommand }: Text, known: readonly string[]): readonly string[] {
  const all = known.map((name) => `{${name}}`).join(', ');
  const problems = [...new Set(placeholdersOf(text))]
    .filter((name) => !known.includes(name))
    .map((name) => `unknown placeholder {${name}}; there are ${all}`);
  if (RAW_INSERT.test(text)) problems.push('holds an insertion mark such as %1; name the parameter, e.g. {port}');
  // PowerShell has braces of its own.
  if (!isCommand && /[{}]/u.test(withoutPlaceholders(text)))
    problems.push(`holds a brace that belongs to no placeholder; there are ${all}`);
  return problems;
}

/**
 * A value that may hold blanks stands between double quotation marks, which both cmd and PowerShell
 * read as one value, and names no other computer.
 */
function lintCommands(entry: CatalogEntry): readonly EntryProblem[] {
  const isNumber = ({ type }: CatalogParameter): boolean => type === 'port' || type === 'integer';
  const names = new Set(['host', ...entry.parameters.filter((it) => !isNumber(it)).map(({ name }) => name)]);
  return TEXT_SECTIONS.flatMap((section) => [...textsIn(entry[section], [section])])
    .filter(({ path, isCommand }) => isCommand || path.at(-1) === 'undo')
    .flatMap(({ path, text, isCommand }) =>
      placesOf(text)
        .filter(({ name }) => names.has(name))
        .flatMap((place) => commandProblems(place, isCommand).map((message) => ({ path, message }))),
    );
}

function commandProblems({ name, before, after }: Place, isCommand: boolean): readonly string[] {
  const isInside = isQuoted(before) && after.includes('"');
  if (isCommand && !isInside) return [`{${name}} may hold blanks; put it between double quotation marks: "{${name}}"`];
  // An undo is prose with a command in it: a path of its own in front of an option is part of that
  // command.
  if (!isInside && COMMAND_BEFORE.test(before))
    return [`{${name}} belongs to a command; put it between double quotation marks: "{${name}}"`];
  const isNetworkPath = isInside && NETWORK_BEFORE.test(before);
  return isNetworkPath ? [`{${name}} would name another computer; a command leads to none that an event names`] : [];
}

/**
 * The beginning of a name on another computer: `\\\\`, `//` or `file://` in front of the first
 * separator.
 */
const NETWORK_BEFORE = /(?:(?:^|[\s"'=(,])|file:)[\\/]{2}[^\\/"]*$/iu;

/** An undo that begins as a command does. */
const COMMAND_BEFORE =
  /^(?:icacls|cacls|takeown|attrib|net|netsh|sc|reg|del|rd|rmdir|move|ren|copy|[A-Z][a-z]+-[A-Z][A-Za-z]+)(?:\.exe)? [^{]*$/u;

function* textsIn(value: unknown, path: readonly (string | number)[]): Generator<Text> {
  if (typeof value === 'string') yield { path, text: value, isCommand: path.at(-1) === 'command' };
  else if (Array.isArray(value)) for (const [index, item] of value.entries()) yield* textsIn(item, [...path, index]);
  else if (typeof value === 'object' && value !== null)
    for (const [key, item] of Object.entries(value))
      if (key === 'steps' || (TEXT_KEYS.has(key) && typeof item === 'string')) yield* textsIn(item, [...path, key]);
}

function lintMessage(entry: CatalogEntry): readonly EntryProblem[] {
  const inserts = new Set(entry.parameters.map((parameter) => parameter.insert));
  return [...new Set(insertsOf(entry.message ?? ''))]
    .filter((position) => !inserts.has(position))
    .map((position) => ({
      path: ['message'],
      message: `%${position} belongs to no parameter; add one with insert: ${position}`,
    }));
}

function lintFields(entry: CatalogEntry): readonly EntryProblem[] {
  const problems: EntryProblem[] = [];
  const claims = [
    ...entry.parameters.flatMap(({ ecs, type }, index) =>
      ecs === undefined
        ? []
        : [{ field: ecs, isNumber: type === 'port' || type === 'integer', path: ['parameters', index, 'ecs'] }],
    ),
    ...Object.entries(entry.fields).map(([field, value]) => ({
      field,
      isNumber: typeof value === 'number',
      path: ['fields', field],
    })),
  ];
  for (const [index, { field, isNumber, path }] of claims.entries()) {
    if (RESERVED_FIELD_SETS.has(field.split('.', 1)[0] ?? ''))
      problems.push({ path, message: `"${field}" is filled from the event itself; use another ECS field` });
    if (field.endsWith('.port') && !isNumber) problems.push({ path, message: `"${field}" is a number in ECS` });
    const rival = claims.slice(0, index).find((other) => isSameOrNested(field, other.field));
    if (rival !== undefined) problems.push({ path, message: `"${field}" and "${rival.field}" set the same field` });
  }
  return problems;
}

function isSameOrNested(one: string, other: string): boolean {
  return one === other || one.startsWith(`${other}.`) || other.startsWith(`${one}.`);
}

function lintUses(entry: CatalogEntry): readonly EntryProblem[] {
  const types = new Map(entry.parameters.map((parameter) => [parameter.name, parameter.type]));
  const unknown = ({ name, path }: Use): readonly EntryProblem[] =>
    types.has(name) ? [] : [{ path, message: `unknown parameter "${name}"` }];
  const limits = LIMITED.flatMap((section) => limitsIn(entry, section));
  return [
    ...[...limits, ...evidenceUses(entry)].flatMap(unknown),
    ...limits.flatMap(({ name, values, path }) => {
      const type = types.get(name);
      const isSound = type === undefined || values.every((value) => readValue(type, value) !== undefined);
      return isSound ? [] : [{ path, message: `a value is no ${type}` }];
    }),
    ...entry.remediation.flatMap(({ id }, index, options) =>
      options.findIndex((option) => option.id === id) === index
        ? []
        : [{ path: ['remediation', index, 'id'], message: `option "${id}" is there twice` }],
    ),
  ];
}

interface Use {
  readonly name: string;
  readonly path: readonly (string | number)[];
}

interface Limit extends Use {
  readonly values: readonly (string | number)[];
}

/** The sections whose items may be limited to values. */
const LIMITED = ['causes', 'remediation', 'related'] as const;

function limitsIn(entry: CatalogEntry, section: (typeof LIMITED)[number]): readonly Limit[] {
  return entry[section].flatMap(({ onlyFor = {} }, index) =>
    Object.entries(onlyFor).map(([name, values]) => ({ name, values, path: [section, index, 'onlyFor', name] })),
  );
}

function evidenceUses(entry: CatalogEntry): readonly Use[] {
  return entry.clearedBy.flatMap((evidence, index) => {
    if (evidence.kind === 'event')
      return evidence.sameParameters.map((name) => ({ name, path: ['clearedBy', index, 'sameParameters'] }));
    return evidence.kind === 'probe' ? [{ name: evidence.parameter, path: ['clearedBy', index, 'parameter'] }] : [];
  });
}

function lintKeys(entry: CatalogEntry): readonly EntryProblem[] {
  return stepLists(entry)
    .filter(({ steps }) => steps.filter(({ key }) => key).length > MAX_KEY_STEPS)
    .map(({ path }) => ({
      path,
      message: `a short message shows ${MAX_KEY_STEPS} steps; mark no more of them with key`,
    }));
}

interface StepList {
  readonly path: Path;
  readonly steps: CatalogEntry['verification'];
}

function stepLists({ remediation, verification }: CatalogEntry): readonly StepList[] {
  return [
    ...remediation.map(({ steps }, index) => ({ path: ['remediation', index, 'steps'], steps })),
    { path: ['verification'], steps: verification },
  ];
}
