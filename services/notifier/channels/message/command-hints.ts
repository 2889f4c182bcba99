// Commands to copy, for readers without buttons. A value with a character that a shell interprets
// makes no command. Pure.
import type { Digest, Notification } from '../../../../shared/contracts/notification.ts';
import type { MessageStatus } from './status.ts';

/** A command of `foghorn` with its label. */
export interface CommandHint {
  readonly kind: 'acknowledge' | 'silence';
  readonly label: string;
  readonly command: string;
}

const PLAIN_ID = /^[\w-]{1,200}$/u;
/** A shell interprets none of these between single quotation marks. */
const PLAIN_VALUE = /^[\w.:@/+ -]{1,200}$/u;
const PLAIN_NAME = /^\w{1,100}$/u;
const MAX_LABELS = 8;

/**
 * The commands to acknowledge, until somebody has, and to silence for an hour. None for a resolved
 * incident or group, or a test.
 */
export function commandHintsOf(
  { incident, digest, reason }: Pick<Notification, 'incident' | 'digest' | 'reason'>,
  status: MessageStatus,
): readonly CommandHint[] {
  if (reason === 'test' || status === 'resolved') return [];
  const labels = Object.entries(digest?.groupLabels ?? { incident_id: incident.id });
  const acknowledge = digest === undefined ? ofIncident(incident.id) : ofGroup(digest);
  const isPlain = labels.every(([name, value]) => PLAIN_NAME.test(name) && PLAIN_VALUE.test(value));
  const matchers = labels.map(([name, value]) => `'${name}="${value}"'`);
  const canSilence = isPlain && labels.length > 0 && labels.length <= MAX_LABELS;
  return [
    ...(acknowledge === undefined || status !== 'firing'
      ? []
      : [{ kind: 'acknowledge', label: 'Acknowledge', command: acknowledge } as const]),
    ...(canSilence
      ? [
          {
            kind: 'silence',
            label: 'Silence for an hour',
            command: `foghorn silences add ${matchers.join(' ')} --for 1h --comment 'seen'`,
          } as const,
        ]
      : []),
  ];
}

function ofIncident(id: string): string | undefined {
  if (!PLAIN_ID.test(id)) return undefined;
  return `foghorn incidents ack ${id.startsWith('-') ? '-- ' : ''}${id}`;
}

/** All incidents of the message by its group, and none that came later. */
function ofGroup({ id, episode, revision }: Digest): string | undefined {
  return PLAIN_ID.test(id) ? `foghorn incidents ack --group=${id}:${episode}:${revision}` : undefined;
}
