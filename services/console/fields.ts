// Fields that several queries and bodies have.
import { z } from 'zod';

/** A whole number in a query; its description gets range and default. */
export function wholeNumber(
  { min, max, byDefault }: { readonly min: number; readonly max: number; readonly byDefault: number },
  description: string,
) {
  return z.coerce
    .number()
    .int()
    .min(min)
    .max(max)
    .default(byDefault)
    .meta({
      type: 'integer',
      minimum: min,
      maximum: max,
      default: byDefault,
      description: `${description}, ${min} to ${max}. Default: ${byDefault}.`,
    });
}

/** A date and time with its zone, ISO 8601. */
export function dateTime(description: string) {
  return z.iso.datetime({ offset: true, error: 'a date and time such as 2026-03-01T22:00:00Z' }).meta({ description });
}

/** The reason of a command. */
export const reason = z.string().trim().max(2000).default('').meta({ description: 'Why; kept with the change.' });
