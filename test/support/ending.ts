// What is to be undone at an end: of a test, or of a program that uses the same support.

/** Takes what is to be done at the end, in the order of its adding; a test's context is one. */
export interface Ending {
  after(undo: () => void | Promise<void>): void;
}

/**
 * An ending for a program. `end` does everything, also what is added meanwhile, and rejects with
 * the first fault when all has been tried.
 */
export function createEnding(): Ending & { end(): Promise<void> } {
  const undoes: (() => void | Promise<void>)[] = [];
  return {
    after: (undo) => void undoes.push(undo),
    end: async () => {
      const faults: unknown[] = [];
      for (let undo = undoes.shift(); undo !== undefined; undo = undoes.shift())
        try {
          await undo();
        } catch (error) {
          faults.push(error);
        }
      if (faults.length > 0) throw faults[0];
    },
  };
}
