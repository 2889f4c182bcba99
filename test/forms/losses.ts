// What forms do not carry, each with its reason.
import type { Loss } from './form.ts';
import type { Item, MadeEvent, Node, Rendering } from './made-event.ts';
import { firstNamedOf, firstPairsOf, nameOf } from './tree.ts';

type Optional = { [K in keyof MadeEvent]-?: undefined extends MadeEvent[K] ? K : never }[keyof MadeEvent];

function without(why: string, ...keys: readonly Optional[]): Loss {
  return {
    why,
    take: (event) => {
      const left: { -readonly [K in keyof MadeEvent]: MadeEvent[K] } = { ...event };
      for (const key of keys) delete left[key];
      return left;
    },
  };
}

const withRendering = (event: MadeEvent, change: Partial<Rendering>): MadeEvent =>
  event.rendering === undefined ? event : { ...event, rendering: { ...event.rendering, ...change } };

export const NO_RENDERING = without('a log file holds no texts of message tables', 'rendering');
export const NO_USER_DATA = without('the sender reads EventData only', 'userData');
export const NO_GUID = without('the sender leaves the provider’s GUID out', 'guid');
export const NO_ACTIVITY = without('the sender leaves the correlation out', 'activity', 'related');
export const NO_RELATED = without('the sender leaves the related activity out', 'related');
export const NO_ACCOUNT = without('the sender leaves the account out', 'sid');
export const NO_QUALIFIERS = without('the sender leaves the qualifiers out', 'qualifiers');

/** A loss of digits behind the seconds. */
export function fraction(digits: number, why: string): Loss {
  return {
    why,
    take: (event) => ({
      ...event,
      time: event.time.replace(/\.(\d+)Z$/u, (_, all: string) => fractionOf(all, digits)),
    }),
  };
}

function fractionOf(all: string, digits: number): string {
  return digits === 0 ? 'Z' : `.${all.slice(0, digits)}Z`;
}

export const MILLISECONDS = fraction(3, 'the sender writes milliseconds');
export const WHOLE_SECONDS = fraction(0, 'the sender writes whole seconds');

/** Of the rendering only the message. */
export const MESSAGE_ONLY: Loss = {
  why: 'of the rendering the sender has the message only',
  take: (event) => withRendering(event, { level: '', task: '', opcode: '', keywords: [] }),
};
export const NO_KEYWORD_NAMES: Loss = {
  why: 'the sender has the mask and not the names of its bits',
  take: (event) => withRendering(event, { keywords: [] }),
};
export const NO_OPCODE_NAME: Loss = {
  why: 'the sender has the opcode’s number only',
  take: (event) => withRendering(event, { opcode: '' }),
};
export const NO_LEVEL_NAME: Loss = {
  why: 'the sender has the level’s number only',
  take: (event) => withRendering(event, { level: '' }),
};
export const NO_TASK_NAME: Loss = {
  why: 'the sender has the task’s number only',
  take: (event) => withRendering(event, { task: '' }),
};

export const AUDITS_BY_NAME: Loss = {
  why: 'the names of keywords stand in the mask’s place, and those of the audit bits only English machines write',
  take: (event) => {
    const names = event.rendering?.keywords ?? [];
    if (names.length === 0) return event;
    const has = (name: string, bit: bigint): bigint => (names.includes(name) ? bit : 0n);
    return { ...event, keywords: has('Audit Success', 1n << 53n) | has('Audit Failure', 1n << 52n) };
  },
};

/** Names lost: each value by its position. */
export const NO_NAMES: Loss = {
  why: 'the sender has values without their names',
  take: ({ data, ...event }) =>
    data === undefined ? event : { ...event, data: data.map(({ value }) => ({ element: 'Data', value })) },
};

/**
 * A JSON object holds one value of a name; the first counts. Those behind it keep their positions.
 */
export const FIRST_OF_NAME: Loss = {
  why: 'an object holds a name once, and the sender keeps the first',
  take: withData((data) => {
    const first = new Set(firstPairsOf({ data }).map(([, item]) => item));
    return data.map((item) => (first.has(item) ? item : { ...item, value: { kind: 'text', text: '' } }));
  }),
};

/** Values without a name are a list of their own, and of the others each name is there once. */
export const NAMED_APART: Loss = {
  why: 'values without a name are a list apart, numbered among themselves, and an object holds a name once',
  take: withData((data) => [...data.filter((item) => nameOf(item) === undefined), ...firstNamedOf({ data })]),
};

/** The position of unnamed values survives only while nothing before them goes. */
export const EMPTY_LEFT_OUT: Loss = {
  why: 'the sender leaves empty values out',
  take: withData((data) => data.filter(({ value }) => value.text !== '')),
};

/** Elements of one name become one list at the place of the first. */
export const GROUPED: Loss = {
  why: 'an object groups elements of one name, so that their order among others is lost',
  take: (event) => ({
    ...withData((data) => grouped(data, ({ element }) => element))(event),
    ...(event.userData === undefined ? {} : { userData: groupedNode(event.userData) }),
  }),
};

function groupedNode(node: Node): Node {
  return { ...node, children: grouped(node.children, ({ name }) => name).map(groupedNode) };
}

/** In the order in which names come first. */
function grouped<T>(items: readonly T[], nameOfItem: (item: T) => string): readonly T[] {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(nameOfItem(item), [...(groups.get(nameOfItem(item)) ?? []), item]);
  return [...groups.values()].flat();
}

function withData(change: (data: readonly Item[]) => readonly Item[]): Loss['take'] {
  return (event) => (event.data === undefined ? event : { ...event, data: change(event.data) });
}
