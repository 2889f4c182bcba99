// What every part of the page has at hand.
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Acts } from './acts.ts';
import type { Live } from './live.ts';
import type { Zone } from './model/time-text.ts';

/** Who uses the page. */
export interface Person {
  readonly actor: string;
  readonly mayOperate: boolean;
  /** Logged in here, so that one can log out. */
  readonly isInSession: boolean;
}

/** See above. */
export interface Page {
  readonly person: Person;
  readonly zone: Zone;
  /** Epoch milliseconds; goes on every few seconds. */
  readonly now: number;
  readonly live: Live;
  readonly acts: Acts;
}

/** The context of the page. */
export const PageContext = createContext<Page | undefined>(undefined);

/** What is at hand. Throws outside of the page. */
export function usePage(): Page {
  const page = useContext(PageContext);
  if (page === undefined) throw new Error('There is no page around this part.');
  return page;
}
