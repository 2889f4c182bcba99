// Syslog by TCP, TLS and UDP, as relays (rsyslog, syslog-ng) and agents send Windows events in it.
// Source: RFC 5424, 3164, 6587, 5425, 5426.
import { isLoopback } from '../../../../shared/http/cross-site.ts';
import { ConfigError } from '../../../../shared/runtime/errors.ts';
import type { Running } from '../../../../shared/runtime/running.ts';
import { type ConnectionInput, startConnections } from '../connection-input.ts';
import type { InputParts, InputType } from '../input.ts';
import { Deliveries } from './deliveries.ts';
import { Session } from './session.ts';
import { type SyslogConfig, syslogSettings } from './settings.ts';
import { startUdp } from './udp.ts';

const KIND = 'syslog';

/** The syslog input. */
export const syslogInput: InputType<typeof KIND, typeof syslogSettings> = {
  kind: KIND,
  settings: syslogSettings,
  start,
};

async function start(settings: SyslogConfig, parts: InputParts): Promise<Running> {
  requireLoopbackForUdp(settings);
  const deliveries = new Deliveries(parts);
  const open: ConnectionInput['open'] = (connection, context) =>
    new Session(connection, { ...context, settings, deliveries });
  const connections = await startConnections({ kind: KIND, name: 'the syslog input', settings, open }, parts);
  const options = { input: KIND, settings, parts, deliveries };
  const datagrams = settings.udp
    ? await startUdp(connections.address.port, options).catch(async (error: unknown) => {
        await connections.stop(AbortSignal.abort());
        throw error;
      })
    : undefined;
  return {
    ready: connections.ready,
    stop: async (deadline) => {
      // Before the connections are cut: a sender has to notice that what it sent is lost.
      const giveUp = (): void => deliveries.giveUp();
      if (deadline.aborted) giveUp();
      else deadline.addEventListener('abort', giveUp, { once: true });
      await Promise.all([connections.stop(deadline), datagrams?.stop()]);
      await deliveries.settle();
      deadline.removeEventListener('abort', giveUp);
    },
  };
}

/** A datagram shows neither a certificate nor where it really comes from. */
function requireLoopbackForUdp({ host, udp, allowInsecure }: SyslogConfig): void {
  if (udp && !isLoopback(host) && !allowInsecure)
    throw new ConfigError(
      `collector.syslog.udp takes datagrams of anybody who can reach ${host}. Set it to false, or collector.syslog.allowInsecure = true if others guard the door.`,
    );
}
