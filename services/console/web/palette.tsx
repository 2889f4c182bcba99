// The palette: what can be done on this page, pages and saved views, found by their words. A
// combobox in a dialog. https://www.w3.org/WAI/ARIA/apg/patterns/combobox/
import type { JSX, TargetedKeyboardEvent } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { savedViews } from './inbox/saved-views.tsx';
import type { KeyAction } from './model/keys.ts';
import { type Offer, offersFor } from './model/palette.ts';
import { navigate } from './router.ts';
import { perform, useKeys } from './ui/keys.ts';

interface PaletteProps {
  /** What the page could do when it was opened. */
  readonly actions: readonly KeyAction[];
  onClose(): void;
}

/** The dialog; the browser closes it on Escape. */
export function Palette({ actions, onClose }: PaletteProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const [typed, setTyped] = useState('');
  const [place, setPlace] = useState(0);
  const [views] = useState(savedViews);
  useLayoutEffect(() => dialog.current?.showModal(), []);
  useLayoutEffect(() => dialog.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' }));
  useKeys({ back: () => dialog.current?.close() });
  const offers = offersFor(typed, { actions, views });
  const choose = (offer: Offer | undefined): void => {
    if (offer === undefined) return;
    dialog.current?.close();
    // What the dialog covers has the focus and the keys again.
    setTimeout(() => (offer.kind === 'action' ? perform(offer.action) : navigate(offer.address)));
  };
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLInputElement>): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) setPlace((place + step + offers.length) % Math.max(1, offers.length));
    else if (event.key === 'Enter') choose(offers[place]);
    else return;
    event.preventDefault();
  };
  return (
    <dialog ref={dialog} class="palette" aria-label="What to do" onClose={onClose}>
      <input
        type="text"
        role="combobox"
        autofocus
        aria-label="What to do, where to go, or what to filter by"
        aria-autocomplete="list"
        aria-expanded={offers.length > 0}
        aria-controls="offers"
        aria-activedescendant={offers.length > 0 ? `offer-${place}` : undefined}
        placeholder="What to do, where to go, or what to filter by"
        autocomplete="off"
        spellcheck={false}
        value={typed}
        onInput={({ currentTarget }) => {
          setTyped(currentTarget.value);
          setPlace(0);
        }}
        onKeyDown={onKeyDown}
      />
      <ul id="offers" role="listbox" aria-label="Offers">
        {offers.map((offer, index) => (
          <li
            key={`${offer.kind} ${offer.text}`}
            id={`offer-${index}`}
            role="option"
            aria-selected={index === place}
            onClick={() => choose(offer)}
          >
            <span>{offer.text}</span>
            {offer.kind === 'action' ? <kbd>{offer.detail}</kbd> : <span class="muted">{offer.detail}</span>}
          </li>
        ))}
      </ul>
    </dialog>
  );
}
