// Ids for tests, in the form that Foghorn's own have.
import { digestId } from '../../shared/contracts/ids.ts';

/** The same for the same name. */
export function anId(name: string): string {
  return digestId(['test', name]);
}
