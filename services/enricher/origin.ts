// How and by whom an event came, as its document says it. Pure.
import type { EcsDocument } from '../../shared/contracts/enriched-event.ts';
import type { RawEvent } from '../../shared/contracts/raw-event.ts';
import type { WindowsEvent } from '../../shared/contracts/windows-event.ts';

/** The tag of an event that names another computer than the certificate of its sender. */
export const OTHER_HOST_TAG = 'foghorn_sender_is_other_host';

/** The fields below `foghorn`. */
export function originFields({ input, sender, senderKind, senderAddress, agent, place }: RawEvent): EcsDocument {
  const fields: EcsDocument = { input, sender };
  if (senderKind !== undefined) fields['sender_kind'] = senderKind;
  if (senderAddress !== undefined) fields['sender_address'] = senderAddress;
  if (agent !== undefined) fields['agent'] = agent;
  if (place !== undefined) fields['place'] = place;
  return fields;
}

/**
 * Whether the event names another computer than the certificate that its sender showed. Not where
 * the settings say which hosts that certificate may send for.
 */
export function isOfOtherHost(
  { sender, senderKind, senderHosts }: Pick<RawEvent, 'sender' | 'senderKind' | 'senderHosts'>,
  { computer }: Pick<WindowsEvent, 'computer'>,
): boolean {
  if (senderKind !== 'certificate' || senderHosts !== undefined || computer === undefined) return false;
  const [own, named] = [sender.toLowerCase(), computer.toLowerCase()];
  // A name without its domain is the same host.
  return own !== named && !own.startsWith(`${named}.`) && !named.startsWith(`${own}.`);
}
