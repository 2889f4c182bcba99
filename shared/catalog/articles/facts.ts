// The facts of an article, gathered line by line: what a label names, and a message or a cell that
// goes on below. Pure.
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
  #isOfOneEvent = false;

  /** By label; none is empty. */
  get values(): ReadonlyMap<string, string> {
    return new Map([...this.#values].filter(([, value]) => value !== ''));
  }

  /**
   * The facts are of one event, copied from Event Viewer, and the message holds that event's
   * values.
   */
  get isOfOneEvent(): boolean {
    return this.#isOfOneEvent;
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

  /** Takes a line that names a fact. `isLoose`: also where only the name is evidence of one. */
  take(text: string, isLoose: boolean): boolean {
    const fact = factOf(text, isLoose && !this.has('message'));
    if (fact === undefined || this.#isPartOfMessage(fact) || isProse(fact, isLoose)) return false;
    const before = fact.label === 'severity' ? undefined : this.#values.get(fact.label);
    if (before !== undefined && fact.label !== 'id') return false;
    // A second id is kept beside the first, so that nobody takes either for the article's.
    const isSame = before === undefined || before === fact.value;
    this.#values.set(fact.label, isSame ? fact.value : `${before} and ${fact.value}`);
    this.#isOfOneEvent ||= fact.isOfViewer;
    this.#open = goesOn(fact) ? { label: fact.label, isCell: fact.isOpen } : undefined;
    return true;
  }

  /**
   * Takes a line as more of the fact before: its value, where the label stood alone, or a further
   * line of the message.
   */
  takeMore(text: string, isMessage: boolean): boolean {
    const open = this.#open;
    const before = open === undefined ? undefined : (this.#values.get(open.label) ?? '');
    if (open === undefined || (before !== '' && !(open.label === 'message' && isMessage))) return false;
    const value = text.replace(/\s*\|$/u, '');
    this.#values.set(open.label, before === '' ? value : `${before ?? ''}\n${value}`);
    if (open.label !== 'message' || text.endsWith('|')) this.#open = undefined;
    return true;
  }

  #isPartOfMessage({ label, value, isOfViewer }: LabelledFact): boolean {
    return this.message.isOpen && (isOfViewer || this.has(label) || /%\d/u.test(value));
  }
}

/** `Time:` and the like are everyday words until the details have begun. */
function isProse({ label, isOfViewer }: LabelledFact, isAmongDetails: boolean): boolean {
  return isOfViewer && !isAmongDetails && label !== 'channel';
}

function goesOn({ label, value, isClosed }: LabelledFact): boolean {
  return value === '' || (label === 'message' && !isClosed);
}
