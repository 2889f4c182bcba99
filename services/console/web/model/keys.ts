// Keys and what they do. Pure: a key press comes in, the name of an action goes out.

/** Where a key works. */
type Place = 'everywhere' | 'list' | 'incident';

/** The keys by the action's name; the list behind `?` shows them in this order. */
export const KEYS = {
  next: { keys: ['j'], text: 'Next row', place: 'list' },
  previous: { keys: ['k'], text: 'Previous row', place: 'list' },
  open: { keys: ['Enter', 'o'], text: 'Open the incident, or a group', place: 'list' },
  tick: { keys: ['x'], text: 'Tick the row', place: 'list' },
  tickRange: { keys: ['X'], text: 'Tick all from the last ticked row to this one', place: 'list' },
  selectAll: { keys: ['*'], text: 'Select all that match', place: 'list' },
  showNew: { keys: ['.'], text: 'Show what is new', place: 'list' },
  search: { keys: ['/'], text: 'Go to the filter', place: 'list' },
  facets: { keys: ['f'], text: 'Go to the facets', place: 'list' },
  acknowledge: { keys: ['a'], text: 'Acknowledge', place: 'incident' },
  assignMe: { keys: ['i'], text: 'Assign to me', place: 'incident' },
  assign: { keys: ['I'], text: 'Assign to somebody', place: 'incident' },
  note: { keys: ['n'], text: 'Add a note', place: 'incident' },
  snooze: { keys: ['z'], text: 'Snooze', place: 'incident' },
  resolve: { keys: ['e'], text: 'Resolve', place: 'incident' },
  silence: { keys: ['s'], text: 'Silence', place: 'incident' },
  undo: { keys: ['u'], text: 'Take the last change back', place: 'everywhere' },
  nextIncident: { keys: [']'], text: 'Next incident of the list', place: 'incident' },
  previousIncident: { keys: ['['], text: 'Previous incident of the list', place: 'incident' },
  back: { keys: ['Escape'], text: 'Close, or go back', place: 'everywhere' },
  live: { keys: ['l'], text: 'Pause or go on with live changes', place: 'everywhere' },
  copyLink: { keys: ['y'], text: 'Copy the link to this page', place: 'everywhere' },
  goInbox: { keys: ['g i'], text: 'Go to the incidents', place: 'everywhere' },
  goSilences: { keys: ['g s'], text: 'Go to the silences', place: 'everywhere' },
  goDeliveries: { keys: ['g d'], text: 'Go to what was not delivered', place: 'everywhere' },
  goCatalogue: { keys: ['g c'], text: 'Go to the catalogue', place: 'everywhere' },
  goSources: { keys: ['g o'], text: 'Go to the sources', place: 'everywhere' },
  goHandover: { keys: ['g t'], text: 'Go to the handover of the shift', place: 'everywhere' },
  goHost: { keys: ['g h'], text: 'Go to the host of the incident', place: 'incident' },
  palette: { keys: ['Ctrl+K'], text: 'Search for what to do', place: 'everywhere' },
  help: { keys: ['?'], text: 'List of keys', place: 'everywhere' },
} as const satisfies Readonly<
  Record<string, { readonly keys: readonly string[]; readonly text: string; readonly place: Place }>
>;

/** The name of what a key does. */
export type KeyAction = keyof typeof KEYS;

/** What a key press says. */
interface Press {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

const ACTIONS = new Map<string, KeyAction>(
  Object.entries(KEYS).flatMap(([action, { keys }]) => keys.map((key) => [key, action as KeyAction] as const)),
);
const FIRST_STROKES = new Set([...ACTIONS.keys()].flatMap((key) => (key.includes(' ') ? [key.split(' ')[0]] : [])));
const TOGETHER_MS = 1500;

/**
 * Reads key presses, `g` and what follows within 1.5 s included. `now` is in milliseconds; keys
 * with Ctrl, Meta or Alt are the browser's.
 */
export function createKeyReader(): (press: Press, now: number) => KeyAction | undefined {
  let first: { readonly key: string; readonly at: number } | undefined;
  return ({ key, ctrlKey, metaKey, altKey }, now) => {
    if (ctrlKey || metaKey || altKey) return undefined;
    const before = first !== undefined && now - first.at <= TOGETHER_MS ? first.key : undefined;
    first = undefined;
    const together = before === undefined ? undefined : ACTIONS.get(`${before} ${key}`);
    if (together !== undefined) return together;
    if (FIRST_STROKES.has(key)) first = { key, at: now };
    return ACTIONS.get(key);
  };
}
