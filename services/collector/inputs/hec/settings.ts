// The settings of the Splunk HEC input.
import { z } from 'zod';
import { requestSettings } from '../http/settings.ts';

/** Vector's sink sends up to 10 MB in a body that is not compressed. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** The section `collector.hec`. */
export const hecSettings = z
  .strictObject(
    requestSettings({
      isOn: false,
      name: 'the Splunk HEC input',
      what: 'the Splunk HTTP Event Collector (HEC) input',
      port: 8088,
      maxBodyBytes: MAX_BODY_BYTES,
      token: 'HEC token',
    }),
  )
  .prefault({});

/** The settings of the Splunk HEC input, validated. */
export type HecConfig = z.infer<typeof hecSettings>;
