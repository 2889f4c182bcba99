// Every form that Foghorn reads and somebody can write.
import { CARRIER_FORMS } from './carriers.ts';
import { CONVERTER_FORMS } from './converters.ts';
import { DOTNET_FORMS } from './dotnet.ts';
import { FLUENT_BIT_FORMS } from './fluent-bit.ts';
import type { Form } from './form.ts';
import { LOG_FILE_FORMS } from './log-files.ts';
import { NXLOG_FORMS } from './nxlog.ts';
import { OTEL_FORMS } from './otel.ts';
import { TELEGRAF_FORMS } from './telegraf.ts';
import { VECTOR_FORMS } from './vector.ts';
import { WINLOGBEAT_FORMS } from './winlogbeat.ts';
import { XML_FORMS } from './xml.ts';

/** The forms. */
export const FORMS: readonly Form[] = [
  ...XML_FORMS,
  ...CARRIER_FORMS,
  ...CONVERTER_FORMS,
  ...LOG_FILE_FORMS,
  ...WINLOGBEAT_FORMS,
  ...FLUENT_BIT_FORMS,
  ...NXLOG_FORMS,
  ...OTEL_FORMS,
  ...VECTOR_FORMS,
  ...DOTNET_FORMS,
  ...TELEGRAF_FORMS,
];
