// Sends one test message to a configured receiver.
import { randomUUID } from 'node:crypto';
import type { ProxySettings } from '../../notifier/channels/proxy.ts';
import { channelTypeOf, type Receiver } from '../../notifier/channels/receivers.ts';
import type { CommandIo } from '../command.ts';
import { sampleNotification } from './samples.ts';

/**
 * True when every recipient took it; prints the outcome. Throws ConfigError when the receiver names
 * a file that cannot be read.
 */
export async function sendTest(
  receiver: Receiver,
  io: CommandIo,
  { proxy, consoleUrl }: { readonly proxy: ProxySettings; readonly consoleUrl: string },
): Promise<boolean> {
  const { name, kind } = receiver;
  const notification = await sampleNotification('test', {
    receiver: name,
    id: `test-${randomUUID()}`,
    nowMs: Date.now(),
    consoleUrl,
  });
  const channel = channelTypeOf(receiver).create(receiver, { now: Date.now, proxy });
  try {
    const outcome = await channel.send(channel.render(notification), io.signal);
    const who = `${name} (${kind})`;
    if (outcome.kind === 'sent') {
      io.out(`${who} has taken the test${outcome.reference === '' ? '' : `: ${outcome.reference}`}`);
      if (outcome.refused !== undefined) io.err(`${who} has not reached all recipients: ${outcome.refused}`);
      return outcome.refused === undefined;
    }
    const what = { retry: 'has not taken it now', refused: 'refused it', unknown: 'may or may not have taken it' };
    io.err(`${who} ${what[outcome.kind]}: ${outcome.detail}`);
    return false;
  } finally {
    await channel.close();
  }
}
