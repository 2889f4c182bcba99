// What the palette offers for what is typed. Pure.
import { hostPath } from '../routes.ts';
import { problemsIn } from './filter.ts';
import { type KeyAction, KEYS } from './keys.ts';
import type { SavedView } from './saved-views.ts';

/** One thing to choose: an action of the page, or an address. */
export type Offer =
  | { readonly kind: 'action'; readonly action: KeyAction; readonly text: string; readonly detail: string }
  | { readonly kind: 'address'; readonly address: string; readonly text: string; readonly detail: string };

const MAX_OFFERS = 12;
/** Those that need no words of their own. */
const LEFT_OUT: ReadonlySet<KeyAction> = new Set(['palette', 'next', 'previous', 'back']);

/** The offers whose texts have all words, then where else the words may lead. */
export function offersFor(
  typed: string,
  { actions, views }: { readonly actions: readonly KeyAction[]; readonly views: readonly SavedView[] },
): readonly Offer[] {
  const words = typed.trim().toLowerCase().split(/\s+/u);
  const known: readonly Offer[] = [
    ...actions
      .filter((action) => !LEFT_OUT.has(action))
      .map((action) => ({ kind: 'action', action, text: KEYS[action].text, detail: KEYS[action].keys[0] }) as const),
    ...views.map(({ name, address }) => ({ kind: 'address', address, text: name, detail: 'view' }) as const),
  ];
  const found = known.filter(({ text }) => words.every((word) => text.toLowerCase().includes(word)));
  return [...found.slice(0, MAX_OFFERS), ...elsewhere(typed.trim())];
}

function elsewhere(typed: string): readonly Offer[] {
  if (typed === '' || problemsIn(typed).length > 0) return [];
  const filter = `/incidents?q=${encodeURIComponent(typed)}`;
  const offers: Offer[] = [{ kind: 'address', address: filter, text: `Incidents: ${typed}`, detail: 'filter' }];
  if (/^[\w.-]+$/u.test(typed))
    offers.push({ kind: 'address', address: hostPath(typed), text: `Host ${typed}`, detail: 'page' });
  return offers;
}
