// The facts of an article, gathered line by line: what a label names, and a message or a cell that goes on below. Pure.
import { factOf, type LabelledFact } from './labels.ts';

interface OpenFact {
  readonly label: string;
  /** The value stands in a cell of a table, which ends with a bar. */
  readonly isCell: boolean;
}

/** Gathers facts. */
export class Facts {
  readonly #values = new Map<string, string>();
  #open: OpenFact | undefined;

  /** By label; none is empty. */
  get values(): ReadonlyMap<string, string> {
    return new Map([...this.#values].filter(([, value]) => value !== ''));
  }

  has(label: string): boolean {
    return this.#values.has(label);
  }

  set(label: string, value: string): void {
    this.#values.set(label, value);
  }

  /** Nothing goes on: another part of the article has begun. */
  close(): void {
    this.#open = undefined;
  }

  /** What the message says so far, and whether its cell has not ended. */
  get message(): { readonly text: string; readonly isOpen: boolean; readonly isCell: boolean } {
    const isOpen = this.#open?.label === 'message';
    return { text: this.#values.get('message') ?? '', isOpen, isCell: isOpen && this.#open?.isCell === true };
  }

  /** Takes a line that names a fact. `isLoose`: also where nothing but the name tells so. */
  take(text: string, isLoose: boolean): boolean {
    const fact = factOf(text, isLoose && !this.has('message'));
    if (fact === undefined || this.#isPartOfMessage(fact)) return false;
    const isKnown = this.has(fact.label) && fact.label !== 'severity';
    if (isKnown && fact.label !== 'id') return false;
    // A second id is kept beside the first, so that nobody takes either for the article's.
    const before = isKnown && this.#values.get('id') !== fact.value ? `${this.#values.get('id') ?? ''} and ` : '';
    this.#values.set(fact.label, `${before}${fact.value}`);
    this.#open = goesOn(fact) ? { label: fact.label, isCell: fact.isOpen } : undefined;
    return true;
  }

  /** Takes a line as more of the fact before: its value, where the label stood alone, or a further line of the message. */
  takeMore(text: string, isMessage: boolean): boolean {
    const open = this.#open;
    const before = open === undefined ? undefined : (this.#values.get(open.label) ?? '');
    if (open === undefined || (before !== '' && !(open.label === 'message' && isMessage))) return false;
    const value = text.replace(/\s*\|$/u, '');
    this.#values.set(open.label, before === '' ? value : `${before ?? ''}\n${value}`);
    if (open.label !== 'message' || text.endsWith('|')) this.#open = undefined;
    return true;
  }

  #isPartOfMessage({ label, value }: LabelledFact): boolean {
    return this.message.isOpen && (this.has(label) || /%\d/u.test(value));
  }
}

function goesOn({ label, value, isClosed }: LabelledFact): boolean {
  return value === '' || (label === 'message' && !isClosed);
}
