// Whether a request comes from Slack: its signature over the raw body.
// https://docs.slack.dev/authentication/verifying-requests-from-slack/
import { createHmac, timingSafeEqual } from 'node:crypto';

/** An older request may be a recorded one that is played again. */
const MAX_AGE_MS = 5 * 60 * 1000;

/**
 * A request as it came; `timestamp` and `signature` are the headers X-Slack-Request-Timestamp and
 * X-Slack-Signature.
 */
interface SignedRequest {
  readonly timestamp: string | undefined;
  readonly signature: string | undefined;
  readonly rawBody: Buffer;
}

/** Why the request is not trusted; undefined when Slack signed it within the last five minutes. */
export function signatureProblem(
  { timestamp, signature, rawBody }: SignedRequest,
  signingSecret: string,
  nowMs: number,
): string | undefined {
  if (timestamp === undefined || signature === undefined) return 'the request is not signed';
  if (!/^\d{1,12}$/u.test(timestamp)) return 'the time stamp is none';
  if (Math.abs(nowMs - Number(timestamp) * 1000) > MAX_AGE_MS)
    return 'the time stamp is more than five minutes off; check the clock of this machine';
  const mac = createHmac('sha256', signingSecret).update(`v0:${timestamp}:`).update(rawBody).digest('hex');
  const expected = Buffer.from(`v0=${mac}`);
  const given = Buffer.from(signature);
  const isSigned = given.length === expected.length && timingSafeEqual(given, expected);
  return isSigned ? undefined : 'the signature is not that of console.slackSigningSecret';
}
