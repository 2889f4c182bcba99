// Clicks on buttons in Slack and the commands they become. Pure.
// https://docs.slack.dev/reference/interaction-payloads/block_actions-payload/
import { z } from 'zod';
import { digestId } from '../../../shared/contracts/ids.ts';
import { SLACK_ACTIONS, SNOOZES } from '../../../shared/contracts/slack-actions.ts';
import { replaceUnprintableRuns } from '../../../shared/contracts/unprintable.ts';
import { Refusal } from '../../../shared/http/refusal.ts';
import type { CommandDraft } from '../change/command-sender.ts';

const INCIDENT_COMMANDS = new Map<string, 'acknowledge' | 'resolve'>([
  [SLACK_ACTIONS.acknowledge, 'acknowledge'],
  [SLACK_ACTIONS.resolve, 'resolve'],
]);
const GROUP_COMMANDS = new Map<string, 'acknowledge_group' | 'resolve_group'>([
  [SLACK_ACTIONS.acknowledgeGroup, 'acknowledge_group'],
  [SLACK_ACTIONS.resolveGroup, 'resolve_group'],
]);
const HOUR_MS = 60 * 60 * 1000;
/** By the schema of commands. */
const MAX_NOTE_CHARACTERS = 2000;

const payloadSchema = z.object({
  type: z.string(),
  team: z.object({ id: z.string() }).nullish(),
  user: z.object({
    id: z.string(),
    team_id: z.string().optional(),
    username: z.string().optional(),
    name: z.string().optional(),
  }),
  actions: z
    .array(
      z.object({
        action_id: z.string(),
        block_id: z.string().optional(),
        /** Null for a line in which nothing was typed. */
        value: z.string().nullish(),
        /** Of a menu. */
        selected_option: z.object({ value: z.string() }).nullish(),
        action_ts: z.string().optional(),
      }),
    )
    .default([]),
});

/** One click. The same click delivered twice has the same `key`. */
interface ButtonClick {
  readonly actor: string;
  readonly key: string;
  readonly draft: CommandDraft;
}

/**
 * The clicks on Foghorn's buttons in a form body; those of others, such as links, ask for nothing.
 * Throws Refusal 400 for what is no interaction, and 403 for a click in another workspace, or by
 * somebody of another, than `teamId` when it is not empty.
 */
export function clicksIn(rawBody: Buffer, nowMs: number, teamId = ''): readonly ButtonClick[] {
  const text = new URLSearchParams(rawBody.toString('utf8')).get('payload');
  let value: unknown;
  try {
    value = JSON.parse(text ?? '');
  } catch {
    throw new Refusal(400, 'invalid_payload', 'The form has no field payload with JSON.');
  }
  const parsed = payloadSchema.safeParse(value);
  if (!parsed.success)
    throw new Refusal(400, 'invalid_payload', `The payload is no interaction: ${parsed.error.message.slice(0, 300)}`);
  const { type, team, user, actions } = parsed.data;
  if (type !== 'block_actions') return [];
  refuseOtherTeam([team?.id, user.team_id ?? team?.id], teamId);
  const actor = actorOf(user);
  return actions.flatMap(({ action_id, block_id = '', value, selected_option: chosen, action_ts = '' }) => {
    const pressed = value ?? chosen?.value ?? '';
    const isNote = action_id === SLACK_ACTIONS.note;
    const key = digestId(['slack-press', user.id, action_id, pressed, action_ts, ...(isNote ? [block_id] : [])]);
    const draft = isNote ? noteDraft(block_id, pressed) : draftOf(action_id, pressed, { actor, key, nowMs });
    return draft === undefined ? [] : [{ actor, key, draft }];
  });
}

function refuseOtherTeam(found: readonly (string | undefined)[], teamId: string): void {
  if (teamId !== '' && found.some((id) => id !== teamId))
    throw new Refusal(403, 'other_workspace', 'The click comes from another workspace than console.slackTeamId.');
}

/**
 * Who clicked, by the id that nobody can choose or change; the name behind it is for reading alone.
 */
function actorOf({ id, username, name }: z.infer<typeof payloadSchema>['user']): string {
  const [ownId, ownName] = [id, username ?? name ?? ''].map((text) =>
    replaceUnprintableRuns(text, '').trim().slice(0, 100),
  );
  return ownName === '' ? `slack:${ownId}` : `slack:${ownId} (${ownName})`;
}

function draftOf(
  actionId: string,
  value: string,
  { actor, key, nowMs }: { readonly actor: string; readonly key: string; readonly nowMs: number },
): CommandDraft | undefined {
  const click = { actor, key, nowMs };
  if (actionId === SLACK_ACTIONS.silenceGroup) {
    const matchers = matchersIn(value);
    return matchers === undefined ? undefined : silenceDraft(matchers, click);
  }
  if (actionId === SLACK_ACTIONS.snooze) return snoozeDraft(value, nowMs);
  const found = /^(?<id>[\w-]{1,200}):(?<episode>\d{1,9})(?::(?<revision>\d{1,9}))?$/u.exec(value)?.groups;
  if (found === undefined) return undefined;
  const { id = '', episode = '', revision } = found;
  const common = { episode: Number(episode), reason: 'a button in Slack' };
  if (revision !== undefined) {
    const kind = GROUP_COMMANDS.get(actionId);
    return kind === undefined ? undefined : { kind, groupId: id, ...common, revision: Number(revision) };
  }
  if (actionId === SLACK_ACTIONS.assignToMe) return { kind: 'assign', incidentId: id, ...common, assignee: actor };
  const kind = INCIDENT_COMMANDS.get(actionId);
  return kind === undefined ? undefined : { kind, incidentId: id, ...common };
}

function noteDraft(blockId: string, typed: string): CommandDraft | undefined {
  const { id, episode = '' } = /^(?<id>[\w-]{1,200}):(?<episode>\d{1,9}):\d{1,16}$/u.exec(blockId)?.groups ?? {};
  const text = replaceUnprintableRuns(typed, '').trim().slice(0, MAX_NOTE_CHARACTERS);
  if (id === undefined || text === '') return undefined;
  return { kind: 'note', incidentId: id, episode: Number(episode), reason: 'typed in Slack', text };
}

function snoozeDraft(value: string, nowMs: number): CommandDraft | undefined {
  const {
    id = '',
    episode = '',
    length = '',
  } = /^(?<id>[\w-]{1,200}):(?<episode>\d{1,9}):(?<length>\w+)$/u.exec(value)?.groups ?? {};
  if (!Object.hasOwn(SNOOZES, length)) return undefined;
  const untilMs = snoozeEnd(length as keyof typeof SNOOZES, nowMs);
  return { kind: 'snooze', incidentId: id, episode: Number(episode), reason: 'a menu in Slack', untilMs };
}

function snoozeEnd(length: keyof typeof SNOOZES, nowMs: number): number {
  if (length !== 'tomorrow') return nowMs + (length === '1h' ? 1 : 4) * HOUR_MS;
  const today = new Date(nowMs);
  return Date.UTC(today.getUTCFullYear(), today.getUTCMonth(), today.getUTCDate() + 1, 8);
}

const matchersSchema = z.array(z.string().min(1).max(2000)).min(1).max(50);

function matchersIn(value: string): readonly string[] | undefined {
  try {
    return matchersSchema.safeParse(JSON.parse(value)).data;
  } catch {
    return undefined;
  }
}

function silenceDraft(
  matchers: readonly string[],
  { actor, key, nowMs }: { readonly actor: string; readonly key: string; readonly nowMs: number },
): CommandDraft {
  return {
    kind: 'silence',
    reason: 'a button in Slack',
    silence: {
      id: key,
      matchers,
      author: actor,
      comment: 'one hour, by a button in Slack',
      startsAtMs: nowMs,
      endsAtMs: nowMs + HOUR_MS,
    },
  };
}
