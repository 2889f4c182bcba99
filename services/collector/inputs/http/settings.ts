// The settings of the HTTP input.
import { z } from 'zod';
import { httpSettings } from '../../../../shared/http/settings.ts';
import { secret, setting, wholeNumber } from '../../../../shared/runtime/settings.ts';
import { enabledSetting, hostPatterns, senderSettings } from '../senders.ts';

const MIB = 1024 * 1024;

const token = secret(z.string().min(16));

const tokenSettings = z.union([
  token,
  z.strictObject({
    token,
    hosts: hostPatterns.optional(),
    expires: z.iso.datetime({ offset: true }).optional(),
  }),
]);

/** The settings of an input whose requests bring events, `name` at `what` on `port` by default. */
export function requestSettings({
  isOn,
  maxBodyBytes,
  token: shownAs,
  ...listener
}: {
  readonly isOn: boolean;
  readonly name: string;
  readonly what: string;
  readonly port: number;
  readonly maxBodyBytes: number;
  /** How a token is shown, for its description. */
  readonly token: string;
}) {
  return {
    enabled: enabledSetting(isOn),
    ...httpSettings({ ...listener, logIn: 'tokens or client certificates' }),
    tokens: setting(z.record(z.string().regex(/^[\w.-]{1,100}$/u), tokenSettings).default({}), {
      description: `Who may send: name → ${shownAs} of at least 16 characters, or an object of token, hosts (patterns of the hosts it may send events of; * for any characters) and expires (RFC 3339). None, and no clientCaFile: everybody.`,
      secret: true,
    }),
    ...senderSettings,
    maxBodyBytes: wholeNumber(
      maxBodyBytes,
      { min: 1024, max: 256 * MIB },
      { description: 'The largest request body, as sent.', unit: 'bytes' },
    ),
    maxDecodedBytes: wholeNumber(
      16 * MIB,
      { min: 1024, max: 256 * MIB },
      { description: 'The largest request body after decompression.', unit: 'bytes' },
    ),
    maxEvents: wholeNumber(20_000, { min: 1, max: 1_000_000 }, { description: 'The most events in one request.' }),
    bodyTimeoutMs: wholeNumber(
      60_000,
      { min: 100, max: 3_600_000 },
      { description: 'Timeout for the arrival of a request.', unit: 'ms' },
    ),
    bodyStallMs: wholeNumber(
      10_000,
      { min: 100, max: 3_600_000 },
      { description: 'Timeout for each further KiB of a body.', unit: 'ms' },
    ),
  };
}

/** The section `collector.http`. */
export const httpInputSettings = z
  .strictObject(
    requestSettings({
      isOn: true,
      name: 'the collector',
      what: 'POST /v1/events',
      port: 8309,
      maxBodyBytes: 8 * MIB,
      token: 'bearer token',
    }),
  )
  .prefault({});

/** The settings of the HTTP input, validated. */
export type HttpConfig = z.infer<typeof httpInputSettings>;
