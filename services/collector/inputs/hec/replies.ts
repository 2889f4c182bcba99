// Answers as clients of HEC know them: a number and its text, and beside them what happened and
// what to do.
// Source:
// https://help.splunk.com/en/splunk-enterprise/get-data-in/collect-http-event-data/troubleshoot-http-event-collector
import type { Refusal } from '../../../../shared/http/refusal.ts';

/**
 * The number and the text of HEC for each code of ours; every other answer has its HTTP status as
 * number.
 */
const REPLIES: Readonly<Record<string, readonly [number, string]>> = {
  token_disabled: [1, 'Token disabled'],
  token_required: [2, 'Token is required'],
  invalid_authorization: [3, 'Invalid authorization'],
  invalid_token: [4, 'Invalid token'],
  empty: [5, 'No data'],
  invalid_data: [6, 'Invalid data format'],
  invalid_gzip: [6, 'Invalid data format'],
  invalid_deflate: [6, 'Invalid data format'],
  invalid_zstd: [6, 'Invalid data format'],
  internal: [8, 'Internal server error'],
  overloaded: [9, 'Server is busy'],
  unavailable: [9, 'Server is busy'],
  full: [9, 'Server is busy'],
  channel_missing: [10, 'Data channel is missing'],
  invalid_channel: [11, 'Invalid data channel'],
  event_required: [12, 'Event field is required'],
  event_blank: [13, 'Event field cannot be blank'],
  queues_full: [18, 'HEC is unhealthy, queues are full'],
};

/** The body of a refusal. */
export function refusalBody({ code, status, message, more }: Refusal): object {
  const [number, text] = REPLIES[code] ?? [status, message];
  return { text, code: number, ...more, detail: message };
}

/** The body for events that are stored. */
export function successBody(ackId: number | undefined): object {
  return { text: 'Success', code: 0, ...(ackId === undefined ? {} : { ackId }) };
}

/** The body for a load balancer that asks whether to send here. */
export const HEALTHY = { text: 'HEC is healthy', code: 17 };
