// Views that this browser keeps: a name for the address of the page.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { type SavedView, savedViewsIn, withoutView, withView } from '../model/saved-views.ts';
import { fieldsOf } from '../ui/form.ts';

const KEY = 'foghorn.views';

/** Those that are kept; none in a browser that keeps nothing. */
export function savedViews(): readonly SavedView[] {
  try {
    return savedViewsIn(localStorage.getItem(KEY));
  } catch {
    return [];
  }
}

/** The list, and a field that keeps the page as it is. */
export function SavedViews(): JSX.Element {
  const [views, setViews] = useState(savedViews);
  const keep = (next: readonly SavedView[]): void => {
    setViews(next);
    try {
      localStorage.setItem(KEY, JSON.stringify(next));
    } catch {
      // Then they are there until the page is closed.
    }
  };
  const save = (form: HTMLFormElement): void => {
    const name = fieldsOf(form)('name').trim();
    if (name !== '') keep(withView(views, { name, address: location.pathname + location.search }));
    form.reset();
  };
  return (
    <>
      <li class="heading">Views, kept in this browser</li>
      {views.map(({ name, address }) => (
        <li key={name} class="saved-view">
          <a href={address}>{name}</a>
          <button
            type="button"
            class="copy"
            aria-label={`Remove the view ${name}`}
            onClick={() => keep(withoutView(views, name))}
          >
            ✕
          </button>
        </li>
      ))}
      <li>
        <form
          class="saved-view"
          onSubmit={(event) => {
            event.preventDefault();
            save(event.currentTarget);
          }}
        >
          <input name="name" aria-label="Name of this view" placeholder="Name of this view" required maxLength={60} />
          <button type="submit">Save</button>
        </form>
      </li>
    </>
  );
}
