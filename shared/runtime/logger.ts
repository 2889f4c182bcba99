// pino, once: JSON lines, pretty on a terminal; a line per life-cycle step and change of state,
// none per event.
import { type DestinationStream, type Logger, pino } from 'pino';
import pretty from 'pino-pretty';
import { z } from 'zod';
import { setting } from './settings.ts';

export type { Logger } from 'pino';

/** The section `log`. */
export const logSettings = z
  .strictObject({
    level: setting(z.enum(['debug', 'info', 'warn', 'error']).default('info'), {
      description: 'The lowest level that is logged.',
    }),
    format: setting(z.enum(['auto', 'json', 'pretty']).default('auto'), {
      description: 'auto: pretty on a terminal, JSON elsewhere.',
    }),
  })
  .prefault({});

/** A logger for `service`, writing to standard output, or to `destination`. */
export function createLogger(
  service: string,
  settings: z.infer<typeof logSettings>,
  destination?: DestinationStream,
): Logger {
  const isPretty = settings.format === 'pretty' || (settings.format === 'auto' && process.stdout.isTTY);
  const stream =
    destination ??
    (isPretty
      ? pretty({ colorize: true, ignore: 'pid,hostname', singleLine: true, sync: true })
      : pino.destination({ sync: true }));
  return pino({ name: service, level: settings.level, base: { service } }, stream);
}
