// The part of a receiver that policy needs.
import { channelTypeOf, type Receiver } from '../channels/receivers.ts';
import type { ReceiverTraits } from './route.ts';

/** Name and lowest severity of a receiver, with the traits of its kind. */
export function receiverTraitsOf(receiver: Receiver): ReceiverTraits {
  const { name, minSeverity } = receiver;
  const { followsChanges, editsInPlace, keepsEpisodes, resendMs } = channelTypeOf(receiver).traits;
  const resend = resendMs === undefined ? {} : { resendMs: resendMs(receiver) };
  return { name, minSeverity, followsChanges, editsInPlace, keepsEpisodes, ...resend };
}
