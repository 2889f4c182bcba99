// Words such as `Note` that stand alone, and what below them is the note. Pure.
import type { Paragraph } from './paragraph.ts';

/** Follows the paragraphs of a section. */
export class NoteWords {
  #word = '';
  #hasText = false;

  /** Nothing below belongs to a note any more. The word that has found none. */
  close(): readonly string[] {
    const lost = this.#word === '' || this.#hasText ? [] : [this.#word];
    this.#word = '';
    this.#hasText = false;
    return lost;
  }

  /** A word without a text: the note is below. */
  open(word: string): readonly string[] {
    const lost = this.close();
    this.#word = word;
    return lost;
  }

  /**
   * The line below the word is the note, and below a plural a whole list; a numbered step goes on
   * with the list before.
   */
  isNote({ kind }: Paragraph): boolean {
    if (this.#word === '' || (this.#hasText ? kind !== 'bullet' : kind === 'numbered')) return false;
    this.#hasText = true;
    if (!/^\w+s\b/iu.test(this.#word) || kind !== 'bullet') this.close();
    return true;
  }
}
