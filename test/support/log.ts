// A logger that says nothing, for tests that look at results and not at lines.
import { pino } from 'pino';

/** Silent. */
export const quietLog = pino({ level: 'silent' });
