// Names for addresses, as the browser keeps them. Pure.

/** A view that somebody has named. */
export interface SavedView {
  readonly name: string;
  /** Path and query. */
  readonly address: string;
}

const MAX_VIEWS = 50;

/** Reads what is kept; what is none is left out. */
export function savedViewsIn(kept: string | null): readonly SavedView[] {
  try {
    const views: unknown = JSON.parse(kept ?? '[]');
    return Array.isArray(views) ? views.filter(isSavedView).slice(0, MAX_VIEWS) : [];
  } catch {
    return [];
  }
}

/** An address of this console and no other, whatever is kept. */
function isSavedView(view: unknown): view is SavedView {
  const { name, address } = (view ?? {}) as Partial<Record<keyof SavedView, unknown>>;
  return typeof name === 'string' && typeof address === 'string' && /^\/(?![/\\])/u.test(address);
}

/** With a view more, by name; one of the same name gets the new address. */
export function withView(views: readonly SavedView[], view: SavedView): readonly SavedView[] {
  return [...withoutView(views, view.name), view]
    .toSorted((left, right) => left.name.localeCompare(right.name))
    .slice(0, MAX_VIEWS);
}

/** Without the view of this name. */
export function withoutView(views: readonly SavedView[], name: string): readonly SavedView[] {
  return views.filter((view) => view.name !== name);
}
