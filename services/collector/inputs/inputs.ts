// The inputs there are: one line each. Settings, start, `npm start` and the contract suites follow
// from the list.
import { bulkInput } from './bulk/bulk.ts';
import { hecInput } from './hec/hec.ts';
import { httpInput } from './http/http.ts';
import { kafkaInput } from './kafka/kafka.ts';
import { lumberjackInput } from './lumberjack/lumberjack.ts';
import { otlpInput } from './otlp/otlp.ts';
import { syslogInput } from './syslog/syslog.ts';

/** The inputs that agents connect to. */
export const LISTENING_INPUTS = [httpInput, lumberjackInput, hecInput, bulkInput, otlpInput, syslogInput] as const;

/** Their kinds. */
export type ListeningKind = (typeof LISTENING_INPUTS)[number]['kind'];

/** All inputs. */
export const INPUTS = [...LISTENING_INPUTS, kafkaInput] as const;

type AnyInput = (typeof INPUTS)[number];

/** The kinds of inputs. */
export type InputKind = AnyInput['kind'];

/** The section of each kind. */
export const inputSettings = Object.fromEntries(INPUTS.map(({ kind, settings }) => [kind, settings])) as {
  readonly [Input in AnyInput as Input['kind']]: Input['settings'];
};
