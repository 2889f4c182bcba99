// The keyboard: the latest part of the page that takes an action gets it.
import { useLayoutEffect, useRef } from 'preact/hooks';
import { createKeyReader, type KeyAction } from '../model/keys.ts';
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
    const isEscape = event.key === 'Escape';
    if (!isEscape && (!preference('keys') || isTaken(event))) return;
    const action = read(event, performance.now());
    if (action === undefined) return;
    for (const { current } of parts.toReversed()) {
      const handler = current.handlers[action];
      if (handler === undefined || handler() === false) continue;
      event.preventDefault();
      return;
    }
  });
}

/** Text fields take every key; what can be pressed takes Enter and space. */
function isTaken({ target, key }: KeyboardEvent): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.matches('input:not([type=checkbox]):not([type=radio]), textarea, select'))
    return true;
  return (key === 'Enter' || key === ' ') && target.closest('a, button, input, summary, [role=button]') !== null;
}
