// The operation for clicks on buttons in Slack, authenticated by Slack's signature.
import { z } from '@hono/zod-openapi';
import { Refusal } from '../../../shared/http/refusal.ts';
import type { CommandSender } from '../change/command-sender.ts';
import { clicksIn } from '../slack/interaction.ts';
import { signatureProblem } from '../slack/signature.ts';
import type { Api } from './application.ts';
import { operation } from './operation.ts';
import { problem } from './shapes.ts';

/** What the operation uses. */
export interface SlackParts {
  readonly sender: CommandSender;
  /** Empty: clicks are not served. */
  readonly signingSecret: string;
  /** The workspace whose people may click; empty for any. */
  readonly slackTeamId?: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

const interactions = operation({
  method: 'post',
  path: '/slack/interactions',
  operationId: 'slackInteractions',
  summary: "Takes what people press and type in Foghorn's messages in Slack: the app's Interactivity Request URL",
  scope: 'none',
  hasRawBody: true,
  answers: { 200: z.object({}), 400: problem, 401: problem, 403: problem },
});

/** Adds the operation. */
export function addSlackOperation(api: Api, { sender, signingSecret, slackTeamId, now }: SlackParts): void {
  api.openapi(interactions, async (c) => {
    if (signingSecret === '')
      throw new Refusal(404, 'no_slack', 'Buttons in Slack are not served: set console.slackSigningSecret.');
    const rawBody = Buffer.from(await c.req.arrayBuffer());
    const [timestamp, signature] = [c.req.header('x-slack-request-timestamp'), c.req.header('x-slack-signature')];
    const refused = signatureProblem({ timestamp, signature, rawBody }, signingSecret, now());
    if (refused !== undefined) throw new Refusal(401, 'not_from_slack', `Not done: ${refused}.`);
    for (const { actor, key, draft } of clicksIn(rawBody, now(), slackTeamId))
      await sender.submit(draft, { actor, key }, { waitMs: 0, signal: c.env.signal });
    return c.json({});
  });
}
