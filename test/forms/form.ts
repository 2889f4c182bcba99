// A form: what a sender makes of an event, and what the event loses on that way.
import type { EventForm } from '../../shared/contracts/windows-event.ts';
import type { MadeEvent } from './made-event.ts';

/**
 * Something that a form does not carry. `take` gives the event without it: what is left has to
 * arrive.
 */
export interface Loss {
  readonly why: string;
  readonly take: (event: MadeEvent) => MadeEvent;
}

/**
 * Fields of the document that differ from those that event XML gives, though the event is the same.
 */
export interface Difference {
  readonly fields: RegExp;
  readonly why: string;
}

/** An event as it arrives. */
export type Written = string | Buffer;

/** A form. */
export interface Form {
  /** The sender, with the version of which the shape is. */
  readonly name: string;
  /** By what name Foghorn knows it. */
  readonly form: EventForm;
  readonly write: (event: MadeEvent) => Written | Promise<Written>;
  readonly losses?: readonly Loss[];
  readonly differences?: readonly Difference[];
}

/** What of an event a form carries. */
export function carriedBy({ losses = [] }: Pick<Form, 'losses'>, event: MadeEvent): MadeEvent {
  return losses.reduce((left, loss) => loss.take(left), event);
}
