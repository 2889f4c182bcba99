// The link in a message that acknowledges without a log-in. Opening it changes nothing, since
// programs that scan mail open links, too: the button does. The notifier executes the command of a
// link once.
import type { Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import {
  type AcknowledgeClaims,
  readAcknowledgeLink,
  reasonOfLink,
} from '../../../shared/contracts/acknowledge-link.ts';
import { replaceUnprintableRuns } from '../../../shared/contracts/unprintable.ts';
import { Refusal } from '../../../shared/http/refusal.ts';
import { Unavailable } from '../../../shared/runtime/errors.ts';
import type { Api, ApiEnv } from '../api/application.ts';
import { type CommandDraft, type CommandSender, namedActor } from '../change/command-sender.ts';
import type { Reader } from '../read/reader.ts';
import type { IncidentView } from '../read/views.ts';
import {
  ACKNOWLEDGE_HEADERS,
  acknowledgePage,
  type AcknowledgePage,
  MAX_NAME_CHARACTERS,
  timeText,
} from './acknowledge-page.ts';

/** What the link needs. */
export interface AcknowledgeParts {
  readonly reader: Pick<Reader, 'find' | 'timeline'>;
  readonly sender: Pick<CommandSender, 'submit'>;
  /** See `console.linkKeys`. */
  readonly linkKeys: readonly string[];
  /** Epoch milliseconds. */
  readonly now: () => number;
}

const PATH = '/acknowledge/:link';
const MAX_BODY_BYTES = 4096;
const WAIT_MS = 10_000;
const MAX_ENTRIES = 500;

type Answer = AcknowledgePage & { readonly status: 200 | 202 | 403 | 409 | 410 | 503 };

/** Adds the page and its button. */
export function addAcknowledgeLink(api: Api, parts: AcknowledgeParts): void {
  const withLink = async (c: Context<ApiEnv, typeof PATH>, use: (claims: AcknowledgeClaims) => Promise<Answer>) => {
    c.set('operationId', 'acknowledgeLink');
    const link = readAcknowledgeLink(c.req.param('link'), parts.linkKeys, parts.now());
    const { status, ...page } = link.kind === 'valid' ? await use(link.claims) : refused(link);
    return c.html(acknowledgePage(page), status, ACKNOWLEDGE_HEADERS);
  };
  api.get(PATH, (c) =>
    withLink(c, async (claims) => {
      const standing = await standingOf(parts, claims, c.env.signal);
      const nothing = nothingToDo(claims, standing);
      return nothing === undefined ? question(claims, standing) : { ...nothing, status: 200 };
    }),
  );
  api.post(PATH, bodyLimit({ maxSize: MAX_BODY_BYTES, onError: tooLarge }), (c) =>
    withLink(c, async (claims) => {
      const name = new URLSearchParams(await c.req.text()).get('name') ?? '';
      return await press(parts, claims, { name, signal: c.env.signal });
    }),
  );
}

function tooLarge(): never {
  throw new Refusal(413, 'too_large', `The form has more than ${MAX_BODY_BYTES} bytes.`);
}

/** The incident and the use of the link, as far as Elasticsearch has them. */
interface Standing {
  readonly incident: IncidentView | undefined;
  readonly used: { readonly at: string; readonly actor: string } | undefined;
  readonly isKnown: boolean;
}

async function standingOf(
  { reader }: AcknowledgeParts,
  claims: AcknowledgeClaims,
  signal: AbortSignal,
): Promise<Standing> {
  const { incidentId } = claims;
  const reason = reasonOfLink(claims);
  try {
    const [found, { items }] = await Promise.all([
      reader.find(incidentId, signal),
      reader.timeline(incidentId, MAX_ENTRIES, signal),
    ]);
    const used = items.find((entry) => entry.type === 'acknowledged' && entry.reason === reason);
    return { incident: found?.incident, used, isKnown: true };
  } catch (error) {
    if (error instanceof Unavailable) return { incident: undefined, used: undefined, isKnown: false };
    throw error;
  }
}

async function press(
  parts: AcknowledgeParts,
  claims: AcknowledgeClaims,
  { name, signal }: { readonly name: string; readonly signal: AbortSignal },
): Promise<Answer> {
  const before = await standingOf(parts, claims, signal);
  const nothing = nothingToDo(claims, before);
  if (nothing !== undefined) return { ...nothing, status: 409 };
  const about = { incident: before.incident, page: pageOf(claims) };
  const requester = {
    actor: `link of ${claims.receiver}`,
    // Of whatever is typed, the link stays the same command.
    name: replaceUnprintableRuns(name, '').trim().slice(0, MAX_NAME_CHARACTERS),
    key: claims.deliveryId,
  };
  let refusal = '';
  try {
    const result = await parts.sender.submit(draftOf(claims), requester, { waitMs: WAIT_MS, signal });
    const recorded = `It is recorded as done by ${namedActor(requester)}. Reminders and escalation end.`;
    if (result.status === 'done') return { ...about, status: 200, title: 'Acknowledged', lines: [recorded] };
  } catch (error) {
    if (error instanceof Unavailable)
      return {
        ...about,
        status: 503,
        title: 'Not acknowledged',
        lines: [`${error.message}. Press again in a minute.`],
      };
    if (!(error instanceof Refusal)) throw error;
    refusal = error.message;
  }
  // A command that was executed before has no outcome.
  const after = nothingToDo(claims, await standingOf(parts, claims, signal));
  if (after !== undefined) return { ...after, status: 409 };
  if (refusal !== '') return { ...about, status: 409, title: 'Not acknowledged', lines: [`${sentence(refusal)}.`] };
  const waiting = 'It will be done, or refused, as soon as the notifier gets to it. The console shows it then.';
  return { ...about, status: 202, title: 'On its way', lines: [waiting] };
}

function draftOf(claims: AcknowledgeClaims): CommandDraft {
  const { incidentId, episode, group } = claims;
  const reason = reasonOfLink(claims);
  if (group === undefined) return { kind: 'acknowledge', incidentId, episode, reason };
  return { kind: 'acknowledge_group', groupId: group.id, episode, revision: group.revision, reason };
}

function refused(link: Exclude<ReturnType<typeof readAcknowledgeLink>, { readonly kind: 'valid' }>): Answer {
  if (link.kind === 'unknown')
    return {
      status: 403,
      title: 'This link is not valid',
      lines: [
        'It is incomplete, or was made with a key that is no longer in use. Nothing was changed. Use the link of a later message, or the console.',
      ],
    };
  return {
    status: 410,
    title: 'This link has expired',
    lines: [`It was valid until ${timeText(link.claims.endsAtMs)}. Nothing was changed.`],
    page: pageOf(link.claims),
  };
}

function question(claims: AcknowledgeClaims, { incident, isKnown }: Standing): Answer {
  const what = claims.group === undefined ? 'it' : 'all incidents that the message listed';
  const unknown = 'How it stands cannot be shown now: Elasticsearch cannot be reached. The button works.';
  return {
    status: 200,
    title: claims.group === undefined ? 'Acknowledge this incident?' : 'Acknowledge these incidents?',
    lines: [
      `You take care of ${what}: reminders and escalation end for everybody. It is recorded as done by the link of ${claims.receiver}, with the name that you give.`,
      ...(isKnown ? [] : [unknown]),
    ],
    incident,
    page: pageOf(claims),
    button: claims.group === undefined ? 'Acknowledge' : 'Acknowledge all',
  };
}

/** Why there is nothing to press any more; undefined while there is. */
function nothingToDo(
  claims: AcknowledgeClaims,
  { incident, used }: Standing,
): Omit<AcknowledgePage, 'button'> | undefined {
  const about = { incident, page: pageOf(claims) };
  if (used !== undefined)
    return {
      ...about,
      title: 'This link was used already',
      lines: [
        `The incident was acknowledged by ${used.actor} at ${timeText(used.at)}.`,
        ...(incident === undefined || incident.acknowledgedBy === used.actor ? [] : [nowText(incident)]),
      ],
    };
  // A group has more incidents than the one that is read here.
  if (incident === undefined || claims.group !== undefined) return undefined;
  const { state, episode } = incident;
  if (episode > claims.episode)
    return {
      ...about,
      title: 'This message is out of date',
      lines: [`It was about episode ${claims.episode}, and episode ${episode} has begun since. ${nowText(incident)}`],
    };
  if (state === 'open' || episode < claims.episode) return undefined;
  return { ...about, title: `It is ${state} already`, lines: [nowText(incident)] };
}

function nowText({ state, acknowledged, acknowledgedBy, resolved, resolvedBy, resolution }: IncidentView): string {
  const at = (time = ''): string => (time === '' ? '' : ` at ${timeText(time)}`);
  if (state === 'open') return 'The incident is open again.';
  if (state === 'acknowledged')
    return `The incident was acknowledged by ${acknowledgedBy ?? 'somebody'}${at(acknowledged)}.`;
  const why = resolution === undefined ? '.' : `: ${resolution}`;
  return `The incident was resolved${by(resolvedBy)}${at(resolved)}${why}`;
}

function by(actor: string | undefined): string {
  return actor === undefined || actor === 'system' ? '' : ` by ${actor}`;
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

function pageOf({ incidentId, group }: AcknowledgeClaims): string {
  return group === undefined ? `/incidents/${encodeURIComponent(incidentId)}` : `/g/${encodeURIComponent(group.id)}`;
}
