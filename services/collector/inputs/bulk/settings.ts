// The settings of the Elasticsearch _bulk input.
import { z } from 'zod';
import { requestSettings } from '../http/settings.ts';

/** As much as may come out of a compressed one: agents that compress nothing send megabytes. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** The section `collector.bulk`. */
export const bulkSettings = z
  .strictObject(
    requestSettings({
      isOn: false,
      name: 'the Elasticsearch _bulk input',
      what: 'the input for agents that send to Elasticsearch (_bulk)',
      // 9200 is Elasticsearch's own.
      port: 9201,
      maxBodyBytes: MAX_BODY_BYTES,
      token: 'token (password of Basic, key of ApiKey, or bearer token)',
    }),
  )
  .prefault({});

/** The settings of the Elasticsearch _bulk input, validated. */
export type BulkConfig = z.infer<typeof bulkSettings>;
