// The output `logstash` of Beats and Elastic Agent: Lumberjack version 2 over TCP or TLS.
import { type ConnectionInput, startConnections } from '../connection-input.ts';
import type { InputType } from '../input.ts';
import { Session } from './session.ts';
import { lumberjackSettings } from './settings.ts';

const KIND = 'lumberjack';

/** The Lumberjack input. */
export const lumberjackInput: InputType<typeof KIND, typeof lumberjackSettings> = {
  kind: KIND,
  settings: lumberjackSettings,
  start: async (settings, parts) => {
    const open: ConnectionInput['open'] = (connection, context) => new Session(connection, { ...context, settings });
    return await startConnections({ kind: KIND, name: 'the Lumberjack input', settings, open }, parts);
  },
};
