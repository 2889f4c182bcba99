// The settings of the syslog input.
import { z } from 'zod';
import { listenerSettings } from '../../../../shared/http/settings.ts';
import { setting, wholeNumber } from '../../../../shared/runtime/settings.ts';
import { enabledSetting, senderSettings } from '../senders.ts';

const MIB = 1024 * 1024;

/** The section `collector.syslog`. */
export const syslogSettings = z
  .strictObject({
    enabled: enabledSetting(false),
    ...listenerSettings({ what: 'the syslog input', port: 5514, logIn: 'client certificates' }),
    ...senderSettings,
    messageTimeoutMs: wholeNumber(
      60_000,
      { min: 100, max: 3_600_000 },
      {
        description:
          'Timeout for the rest of a message that has begun to arrive; a connection without a message may stay.',
        unit: 'ms',
      },
    ),
    udp: setting(z.boolean().default(false), {
      description:
        'Take datagrams at the same port, too. Their sender does not learn that one was lost, and anybody can send in the name of an address.',
    }),
    udpReceiveBufferBytes: wholeNumber(
      4 * MIB,
      { min: 65_536, max: 1024 * MIB },
      {
        description:
          'The socket’s buffer for datagrams; Linux gives at most net.core.rmem_max. What does not fit is lost.',
        unit: 'bytes',
      },
    ),
  })
  .prefault({});

/** The settings of the syslog input, validated. */
export type SyslogConfig = z.infer<typeof syslogSettings>;
