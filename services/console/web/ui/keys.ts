// The keyboard: the latest part of the page that takes an action gets it.
import { useLayoutEffect, useRef } from 'preact/hooks';
import { createKeyReader, type KeyAction, KEYS } from '../model/keys.ts';
import { preference } from '../preferences.ts';

/** What a part does at an action; false passes it on to the part around it. */
export type KeyHandlers = Partial<Readonly<Record<KeyAction, () => void | boolean>>>;

const parts: { readonly current: { handlers: KeyHandlers } }[] = [];

/** Takes actions while the component is there and `isOn`. */
export function useKeys(handlers: KeyHandlers, isOn = true): void {
  const own = useRef({ handlers });
  own.current.handlers = handlers;
  useLayoutEffect(() => {
    if (!isOn) return undefined;
    parts.push(own);
    return () => void parts.splice(parts.indexOf(own), 1);
  }, [isOn]);
}

const read = createKeyReader();

/** Listens to the keyboard for as long as the page is open. */
export function listenToKeys(): void {
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    // What a dialog covers takes no keys.
    const isCovered = document.querySelector('dialog:modal') !== null;
    if (isOfPalette(event)) {
      event.preventDefault();
      if (!isCovered) perform('palette');
      return;
    }
    const isEscape = event.key === 'Escape';
    if (!isEscape && (!preference('keys') || isTaken(event))) return;
    const action = read(event, performance.now());
    if (action === undefined || (isCovered && action !== 'back')) return;
    if (perform(action)) event.preventDefault();
  });
}

/** Does an action as its key does. Gives whether a part of the page has taken it. */
export function perform(action: KeyAction): boolean {
  return parts.toReversed().some(({ current: { handlers } }) => {
    const handler = handlers[action];
    return handler !== undefined && handler() !== false;
  });
}

/** What the page as it is can do. */
export function actionsNow(): readonly KeyAction[] {
  const known = new Set(parts.flatMap(({ current }) => Object.keys(current.handlers)));
  return (Object.keys(KEYS) as KeyAction[]).filter((action) => known.has(action));
}

/** It works in text fields too, and with the other keys off. */
function isOfPalette({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent): boolean {
  return (ctrlKey || metaKey) && !altKey && !shiftKey && key.toLowerCase() === 'k';
}

/** Text fields take every key; what can be pressed takes Enter and space. */
function isTaken({ target, key }: KeyboardEvent): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.matches('input:not([type=checkbox]):not([type=radio]), textarea, select'))
    return true;
  return (key === 'Enter' || key === ' ') && target.closest('a, button, input, summary, [role=button]') !== null;
}
