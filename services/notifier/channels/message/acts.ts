// What a reader without buttons can do: commands to copy. No value in them has a character that a shell acts on; where one has, there is no command. Pure.
import type { Digest, Notification } from '../../../../shared/contracts/notification.ts';
import type { MessageStatus } from './status.ts';

/** A command of `foghorn` and what it does. */
export interface Act {
  readonly kind: 'acknowledge' | 'silence';
  readonly label: string;
  readonly command: string;
}

const PLAIN_ID = /^[\w-]{1,200}$/u;
/** Between single quotation marks nothing of this means anything to a shell. */
const PLAIN_VALUE = /^[\w.:@/+ -]{1,200}$/u;
const PLAIN_NAME = /^\w{1,100}$/u;
const MAX_LABELS = 8;

/** The commands: to take it, as long as nobody has, and to be told nothing of it for an hour. None for what is over, or a test. */
export function actsOf(
  { incident, digest, reason }: Pick<Notification, 'incident' | 'digest' | 'reason'>,
  status: MessageStatus,
): readonly Act[] {
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

/** All that the message is about, by its group: however many incidents there are, and none that came later. */
function ofGroup({ id, episode, revision }: Digest): string | undefined {
  return PLAIN_ID.test(id) ? `foghorn incidents ack --group=${id}:${episode}:${revision}` : undefined;
}
