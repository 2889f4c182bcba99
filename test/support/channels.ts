// Every kind of channel with a receiver that can be made to fail, for the tests that all of them
// have to pass.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { createAlertmanagerChannel } from '../../services/notifier/channels/alertmanager.ts';
import type { Channel } from '../../services/notifier/channels/channel.ts';
import { createEmailChannel } from '../../services/notifier/channels/email/email.ts';
import { createLocalChannel } from '../../services/notifier/channels/local.ts';
import { createPagerdutyChannel } from '../../services/notifier/channels/pagerduty.ts';
import { createSlackChannel } from '../../services/notifier/channels/slack/slack.ts';
import { createSlackWebhookChannel } from '../../services/notifier/channels/slack/webhook.ts';
import { createTeamsChannel } from '../../services/notifier/channels/teams.ts';
import { createWebhookChannel } from '../../services/notifier/channels/webhook.ts';
import type { Kind } from '../../services/notifier/channels/receivers.ts';
import { type SlackBehaviour, startFakeSlack } from './fake-slack.ts';
import { type SmtpBehaviour, startFakeSmtp } from './fake-smtp.ts';
import { type Behaviour, startWebhookServer, type Thanks, type WebhookDelivery } from './webhook-server.ts';

/**
 * What a receiver may do: ask for less for three seconds, fail, never answer, take and hang up,
 * take and answer half, be something else that answers politely, refuse for good, not be there.
 */
export const CHANNEL_FAULTS = [
  'throttle',
  'error',
  'hang',
  'hang-up',
  'truncate',
  'stranger',
  'refuse',
  'away',
] as const;

/** One of them. */
export type ChannelFault = (typeof CHANNEL_FAULTS)[number];

/** A channel and its receiver. */
export interface ChannelSubject {
  readonly channel: Channel;
  /**
   * Each fault that cannot happen to this kind, with the reason; every other one is made to happen.
   */
  readonly impossible: Partial<Readonly<Record<ChannelFault, string>>>;
  behave(fault: ChannelFault | 'none'): Promise<void> | void;
  /** How many messages with this id arrived; repeats that the receiver recognises count once. */
  arrived(id: string): Promise<number> | number;
  /** Whether a message sent twice is one message. */
  readonly isRepeatHarmless: boolean;
}

// Longer than a busy machine takes for an answer: only a receiver that hangs may run into it.
const TIMEOUT_MS = 2000;
const POST = { timeoutMs: TIMEOUT_MS, allowPrivate: true };
const HTTP: Readonly<Record<Exclude<ChannelFault, 'away'> | 'none', Behaviour>> = {
  none: { kind: 'take' },
  throttle: { kind: 'answer', status: 429, headers: { 'retry-after': '3' } },
  error: { kind: 'answer', status: 503 },
  hang: { kind: 'hang' },
  'hang-up': { kind: 'hang-up' },
  truncate: { kind: 'truncate' },
  stranger: {
    kind: 'answer',
    status: 200,
    headers: { 'content-type': 'text/html' },
    body: '<html>please log in</html>',
  },
  refuse: { kind: 'answer', status: 400 },
};

/** A file is opened, written and closed, or it is not. */
const NO_SERVER: ChannelSubject['impossible'] = {
  throttle: 'a file asks for nothing',
  hang: 'a file has no peer that could hang',
  'hang-up': 'a file has no connection',
  truncate: 'a file gives no answer',
  stranger: 'a file gives no answer',
  refuse: 'what a file cannot take now it may take later',
  away: 'a file that is not there is made',
};

type Open = (t: TestContext) => Promise<ChannelSubject>;

/** All kinds; a new one without a subject does not compile. */
export const CHANNELS: Readonly<Record<Kind, Open>> = {
  local: async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'foghorn-channel-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, 'deeper', 'alerts.log');
    const good: Channel = createLocalChannel(file, undefined);
    // Below something that is no folder nothing can be made.
    const bad: Channel = createLocalChannel('/dev/null/alerts.log', undefined);
    let current = good;
    return await Promise.resolve({
      channel: { ...good, send: (rendered, signal) => current.send(rendered, signal) },
      impossible: NO_SERVER,
      behave: (fault) => {
        current = fault === 'none' ? good : bad;
      },
      arrived: (id) => readFileSync(file, 'utf8').split(`${id}\n`).length - 1,
      isRepeatHarmless: true,
    });
  },
  // Whatever answers 2xx has taken it: a webhook says no more than that.
  webhook: overHttp({
    thanks: { status: 200, body: 'ok' },
    isRepeatHarmless: true,
    impossible: { stranger: 'whatever answers 2xx is a webhook' },
    create: (url) => createWebhookChannel({ ...POST, receiver: 'hook', secret: 's', headers: {}, now: Date.now, url }),
  }),
  'slack-webhook': overHttp({
    thanks: { status: 200, body: 'ok' },
    create: (webhookUrl) => createSlackWebhookChannel({ ...POST, webhookUrl }),
  }),
  teams: overHttp({
    thanks: { status: 202, body: '' },
    create: (workflowUrl) => createTeamsChannel({ ...POST, workflowUrl }),
  }),
  pagerduty: overHttp({
    thanks: { status: 202, body: '{"status":"success"}' },
    isRepeatHarmless: true,
    create: (url) => createPagerdutyChannel({ ...POST, routingKey: 'k'.repeat(32), url }),
  }),
  alertmanager: overHttp({
    thanks: { status: 200, body: '' },
    isRepeatHarmless: true,
    create: (url) => createAlertmanagerChannel({ ...POST, headers: {}, firingForMs: 3_600_000, now: Date.now, url }),
  }),
  slack: openSlack,
  email: openEmail,
};

interface HttpSubject {
  readonly thanks: Thanks;
  /**
   * The receiver recognises a repeat: by an idempotency key, a dedup key, the labels of an alert.
   */
  readonly isRepeatHarmless?: boolean;
  readonly impossible?: ChannelSubject['impossible'];
  create(url: string): Channel;
}

function overHttp({ thanks, create, isRepeatHarmless = false, impossible = {} }: HttpSubject): Open {
  return async (t) => {
    const server = await startWebhookServer(t, thanks);
    const channel = create(server.url);
    const away = create(`http://127.0.0.1:${await deserted()}/hook`);
    let current = channel;
    t.after(async () => {
      await channel.close();
      await away.close();
    });
    let begun = 0;
    let last = '';
    return {
      // The deliveries are distinguished by their order: not every kind has the delivery's id in
      // its body.
      channel: {
        ...channel,
        send: async (rendered, signal) => {
          if (rendered.id !== last) begun = server.deliveries().length;
          last = rendered.id;
          return await current.send(rendered, signal);
        },
      },
      impossible,
      behave: (fault) => {
        current = fault === 'away' ? away : channel;
        if (fault !== 'away') server.behave(HTTP[fault]);
      },
      arrived: () => {
        const keys = server.deliveries().slice(begun).map(keyOf);
        return isRepeatHarmless ? new Set(keys).size : keys.length;
      },
      isRepeatHarmless,
    };
  };
}

/**
 * What a receiver would know a repeat by: the idempotency key, else PagerDuty's key, else the
 * labels of an alert.
 */
function keyOf({ idempotencyKey, text }: WebhookDelivery): string {
  if (idempotencyKey !== 'undefined') return idempotencyKey;
  const body = JSON.parse(text) as { readonly dedup_key?: string } | readonly { readonly labels: object }[];
  return 'length' in body ? JSON.stringify(body[0]?.labels) : (body.dedup_key ?? text);
}

/** An address where nothing listens. */
async function deserted(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  return port;
}

const SLACK: Readonly<Record<Exclude<ChannelFault, 'away'> | 'none', SlackBehaviour>> = {
  none: { kind: 'take' },
  throttle: { kind: 'throttle', seconds: 3 },
  error: { kind: 'status', status: 503 },
  hang: { kind: 'hang' },
  'hang-up': { kind: 'hang-up' },
  truncate: { kind: 'truncate' },
  stranger: { kind: 'html' },
  refuse: { kind: 'say', error: 'invalid_arguments' },
};

async function openSlack(t: TestContext): Promise<ChannelSubject> {
  const slack = await startFakeSlack(t);
  const settings = { token: 'xoxb-right', channel: 'C012345', timeoutMs: TIMEOUT_MS };
  const right: Channel = createSlackChannel({ ...settings, apiUrl: slack.apiUrl });
  const away = createSlackChannel({ ...settings, apiUrl: `http://127.0.0.1:${await deserted()}/api/` });
  let current = right;
  return {
    channel: { ...right, send: (rendered, signal) => current.send(rendered, signal) },
    impossible: {},
    behave: (fault) => {
      current = fault === 'away' ? away : right;
      if (fault !== 'away') slack.behave(SLACK[fault]);
    },
    arrived: (id) => slack.messages().filter(({ metadata }) => metadata?.event_payload.delivery === id).length,
    isRepeatHarmless: true,
  };
}

const SMTP: Readonly<Record<Exclude<ChannelFault, 'stranger' | 'away'> | 'none', SmtpBehaviour>> = {
  none: { kind: 'take' },
  throttle: { kind: 'answer', code: 451 },
  error: { kind: 'answer', code: 421 },
  hang: { kind: 'hang' },
  'hang-up': { kind: 'hang-up' },
  truncate: { kind: 'truncate' },
  refuse: { kind: 'answer', code: 550 },
};

async function openEmail(t: TestContext): Promise<ChannelSubject> {
  const smtp = await startFakeSmtp(t);
  const at = { host: '127.0.0.1', tls: 'starttls' as const, caFile: smtp.caFile, username: '', password: '' };
  const people = { from: 'foghorn@example.org', to: ['anna@example.org'], timeoutMs: 2 * TIMEOUT_MS };
  const right: Channel = createEmailChannel({ ...at, ...people, port: smtp.port });
  const away = createEmailChannel({ ...at, ...people, port: await deserted() });
  let current = right;
  return {
    channel: { ...right, send: (rendered, signal) => current.send(rendered, signal) },
    impossible: { stranger: 'nothing but SMTP is read as an answer' },
    behave: (fault) => {
      current = fault === 'away' ? away : right;
      if (fault !== 'away' && fault !== 'stranger') smtp.behave(SMTP[fault]);
    },
    arrived: async (id) => {
      const mails = await smtp.letters();
      return new Set(
        mails.filter(({ messageId }) => messageId === `<${id}@example.org>`).map(({ messageId }) => messageId),
      ).size;
    },
    isRepeatHarmless: true,
  };
}
