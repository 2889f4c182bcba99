// The settings of the OTLP input.
import { z } from 'zod';
import { requestSettings } from '../http/settings.ts';

/** As much as may come out of a compressed one: an exporter need not compress. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** The section `collector.otlp`. */
export const otlpSettings = z
  .strictObject(
    requestSettings({
      isOn: false,
      name: 'the OTLP input',
      what: 'the OpenTelemetry input (OTLP over HTTP, POST /v1/logs)',
      port: 4318,
      maxBodyBytes: MAX_BODY_BYTES,
      token: 'bearer token',
    }),
  )
  .prefault({});

/** The settings of the OTLP input, validated. */
export type OtlpConfig = z.infer<typeof otlpSettings>;
