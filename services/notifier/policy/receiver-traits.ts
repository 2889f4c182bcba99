// What policy knows of a receiver.
import type { Receiver } from '../channels/receivers.ts';
import type { ReceiverTraits } from './route.ts';

/** A receiver as far as policy is concerned. */
export function receiverTraitsOf(receiver: Receiver): ReceiverTraits {
  const { name, minSeverity, kind } = receiver;
  const editsInPlace = kind === 'slack';
  const followsChanges = kind === 'slack' || kind === 'pagerduty';
  // Message-ID, dedup key and, in Alertmanager, a label name the episode.
  const keepsEpisodes = followsChanges || kind === 'email' || kind === 'alertmanager';
  // An Alertmanager takes for resolved what is not sent again.
  const resend = kind === 'alertmanager' ? { resendMs: Math.floor(receiver.firingForMs / 3) } : {};
  return { name, minSeverity, followsChanges, editsInPlace, keepsEpisodes, ...resend };
}
