// The list of keys.
import type { JSX } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { KEYS } from './model/keys.ts';
import { useKeys } from './ui/keys.ts';
import { preference, setPreference } from './preferences.ts';

const PLACES = { list: 'In the list', incident: 'With incidents', everywhere: 'Everywhere' } as const;

/** The dialog; the browser closes it on Escape. */
export function Help({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const [isOn, setOn] = useState(() => preference('keys'));
  useLayoutEffect(() => dialog.current?.showModal(), []);
  useKeys({ back: () => dialog.current?.close() });
  return (
    <dialog ref={dialog} class="help" aria-labelledby="help" onClose={onClose}>
      <h2 id="help" tabIndex={-1} autofocus>
        Keys
      </h2>
      <div class="help-lists">
        {Object.entries(PLACES).map(([place, title]) => (
          <section key={place}>
            <h3>{title}</h3>
            <dl>
              {Object.entries(KEYS)
                .filter(([, key]) => key.place === place)
                .map(([action, { keys, text }]) => (
                  <div key={action}>
                    <dt>
                      {keys.map((key) => (
                        <kbd key={key}>{key}</kbd>
                      ))}
                    </dt>
                    <dd>{text}</dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
      </div>
      <label class="line">
        <input
          type="checkbox"
          checked={isOn}
          onChange={({ currentTarget: { checked } }) => {
            setPreference('keys', checked);
            setOn(checked);
          }}
        />
        Keys are on (Escape always is)
      </label>
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </dialog>
  );
}
