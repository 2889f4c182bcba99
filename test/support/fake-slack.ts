// A Slack with faults: chat.postMessage, chat.update, conversations.history and
// conversations.replies as its documentation describes them, strict about the form of messages.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { parse } from 'node:querystring';
import type { Ending } from './ending.ts';
import { readBody, startHttpServer } from './http-server.ts';

/** What the server does with a call that would change something; reading always works. */
export type SlackBehaviour =
  | { readonly kind: 'take' }
  | { readonly kind: 'throttle'; readonly seconds: number }
  /** Takes so many a second and throttles what is more. */
  | { readonly kind: 'limit'; readonly perSecond: number }
  | { readonly kind: 'status'; readonly status: number }
  /** 200 with `ok: false`. */
  | { readonly kind: 'say'; readonly error: string }
  /** Takes words and no blocks. */
  | { readonly kind: 'no-blocks' }
  /** 200 with a page. */
  | { readonly kind: 'html' }
  | { readonly kind: 'hang' }
  /** Posts and closes without an answer. */
  | { readonly kind: 'hang-up' }
  /** The same with one post in so many; answers the others. */
  | { readonly kind: 'withhold'; readonly oneIn: number }
  /** Posts and answers half. */
  | { readonly kind: 'truncate' };

/** A message as it stands in the conversation. */
export interface SlackPosted {
  readonly channel: string;
  readonly ts: string;
  readonly thread_ts: string | undefined;
  readonly text: string;
  readonly blocks: readonly SlackBlock[];
  readonly metadata: { readonly event_type: string; readonly event_payload: { readonly delivery: string } } | undefined;
  readonly isBroadcast: boolean;
  readonly edits: number;
}

/** A block, loosely. */
export interface SlackBlock {
  readonly type: string;
  readonly text?: SlackText;
  readonly elements?: readonly SlackBlock[];
  readonly block_id?: string;
  readonly action_id?: string;
  readonly value?: string;
  /** Of a line to type in. */
  readonly label?: { readonly type: string; readonly text: string };
  readonly element?: { readonly type: string; readonly action_id: string; readonly max_length: number };
  readonly url?: string;
  /** Of a time. */
  readonly timestamp?: number;
  readonly fallback?: string;
  /** Of a menu. */
  readonly placeholder?: { readonly type: string; readonly text: string };
  readonly options?: readonly { readonly text: { readonly text: string }; readonly value: string }[];
  readonly confirm?: Readonly<
    Record<'title' | 'text' | 'confirm' | 'deny', { readonly type: string; readonly text: string }>
  >;
}

type SlackText = string | { readonly type: string; readonly text: string };

/** A running Slack. */
export interface FakeSlack {
  readonly apiUrl: string;
  /** From now on, for all methods that change something or for one of them. */
  behave(behaviour: SlackBehaviour, method?: string): void;
  /** All messages, replies included, in the order of their posting. */
  messages(): readonly SlackPosted[];
  parents(): readonly SlackPosted[];
  replies(ts: string): readonly SlackPosted[];
  /** Others write so many messages. */
  chatter(count: number): void;
  /** Takes a message away, as a person may. */
  remove(ts: string): void;
  calls(): readonly string[];
  /** Of each 429: how many calls that post came before its Retry-After was over. */
  impatience(): readonly number[];
}

const MAX_BLOCKS = 50;
const MAX_CHARACTERS = 13_000;

/** Listens on a free loopback port until the test ends. */
export async function startFakeSlack(t: Ending): Promise<FakeSlack> {
  let messages: SlackPosted[] = [];
  const calls: string[] = [];
  const posts: PostCall[] = [];
  let behaviour: SlackBehaviour = { kind: 'take' };
  let affected = 'chat.';
  // Later than all that tests mention.
  let clock = 1_900_000_000;

  const post = (args: Args): Answer => {
    const fault = formFault(args);
    if (fault !== undefined) return { ok: false, error: fault };
    const ts = `${(clock += 1)}.000100`;
    messages.push({ ...readMessage(args), ts, edits: 0 });
    return { ok: true, channel: args['channel'], ts };
  };
  const update = (args: Args): Answer => {
    const old = messages.find(({ ts }) => ts === args['ts']);
    const fault = old === undefined ? 'message_not_found' : formFault(args);
    if (old === undefined || fault !== undefined) return { ok: false, error: fault ?? '' };
    const { text, blocks } = readMessage(args);
    messages = messages.map((message) => (message === old ? { ...old, text, blocks, edits: old.edits + 1 } : message));
    return { ok: true, channel: old.channel, ts: old.ts };
  };
  const read = (args: Args, isThread: boolean): Answer => {
    const inPlace = messages.filter(({ thread_ts, isBroadcast }) =>
      isThread ? thread_ts === args['ts'] : thread_ts === undefined || isBroadcast,
    );
    const after = (isThread ? inPlace : inPlace.toReversed()).filter(({ ts }) => Number(ts) > Number(args['oldest']));
    const from = Number(args['cursor'] ?? 0);
    const to = from + Number(args['limit']);
    return {
      ok: true,
      messages: after
        .slice(from, to)
        .map(({ metadata, ...message }) =>
          args['include_all_metadata'] === 'true' ? { ...message, metadata } : message,
        ),
      has_more: to < after.length,
      response_metadata: { next_cursor: to < after.length ? String(to) : '' },
    };
  };
  const work: Readonly<Record<string, (args: Args) => Answer>> = {
    'chat.postMessage': post,
    'chat.update': update,
    'conversations.history': (args) => read(args, false),
    'conversations.replies': (args) => read(args, true),
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const method = (request.url ?? '').split('/').at(-1) ?? '';
    calls.push(method);
    const body = await readBody(request);
    if (body === undefined) return;
    const args = parse(body) as Args;
    const now = method.startsWith(affected) ? decide(behaviour, posts) : ({ kind: 'take' } as const);
    if (request.headers.authorization !== 'Bearer xoxb-right')
      return answer(response, { ok: false, error: 'invalid_auth' });
    if (fails(now, args, response)) return;
    finish(now, response, work[method]?.(args) ?? { ok: false, error: 'unknown_method' });
  };
  const origin = await startHttpServer(t, (request, response) => void handle(request, response));
  return {
    apiUrl: `${origin}/api/`,
    behave: (next, method = 'chat.') => {
      behaviour = next;
      affected = method;
    },
    messages: () => messages,
    parents: () => messages.filter(({ thread_ts }) => thread_ts === undefined),
    replies: (of) => messages.filter(({ thread_ts }) => thread_ts === of),
    chatter: (count) => {
      for (let index = 0; index < count; index += 1) post({ channel: 'C012345', text: 'hello' });
    },
    remove: (of) => {
      messages = messages.filter(({ ts, thread_ts }) => ts !== of && thread_ts !== of);
    },
    calls: () => calls,
    impatience: () =>
      posts
        .filter(({ pauseMs }) => pauseMs > 0)
        .map(({ atMs, pauseMs }) => posts.filter((other) => other.atMs > atMs && other.atMs < atMs + pauseMs).length),
  };
}

type Args = Readonly<Record<string, string | undefined>>;
type Answer = Readonly<Record<string, unknown>>;

interface PostCall {
  readonly atMs: number;
  /** How long the caller was asked to wait; 0 when it was let through. */
  readonly pauseMs: number;
}

/** What becomes of this post under a limit, and notes it down. */
function decide(behaviour: SlackBehaviour, posts: PostCall[]): SlackBehaviour {
  const atMs = Date.now();
  const recent = posts.filter((post) => post.pauseMs === 0 && post.atMs > atMs - 1000).length;
  const isOver = behaviour.kind === 'limit' && recent >= behaviour.perSecond;
  const isWithheld = behaviour.kind === 'withhold' && posts.length % behaviour.oneIn === 0;
  const answered = isWithheld ? ({ kind: 'hang-up' } as const) : behaviour;
  const now = isOver ? ({ kind: 'throttle', seconds: 1 } as const) : answered;
  posts.push({ atMs, pauseMs: now.kind === 'throttle' ? now.seconds * 1000 : 0 });
  return now;
}

/** Whether the behaviour lets nothing be done. */
function fails(behaviour: SlackBehaviour, args: Args, response: ServerResponse): boolean {
  switch (behaviour.kind) {
    case 'throttle':
      response.writeHead(429, { 'retry-after': String(behaviour.seconds) }).end();
      return true;
    case 'status':
      response.writeHead(behaviour.status, { 'content-type': 'text/html' }).end('<html>sorry</html>');
      return true;
    case 'say':
      answer(response, { ok: false, error: behaviour.error });
      return true;
    case 'html':
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>please log in</html>');
      return true;
    case 'no-blocks':
      if ((args['blocks'] ?? '[]') === '[]') return false;
      answer(response, { ok: false, error: 'invalid_blocks' });
      return true;
    default:
      return false;
  }
}

/** The work is done; whether anybody is notified of it is another matter. */
function finish({ kind }: SlackBehaviour, response: ServerResponse, result: Answer): void {
  if (kind === 'hang-up') response.destroy();
  else if (kind === 'truncate') {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': 500 });
    response.write('{"ok":tr');
    setTimeout(() => response.destroy(), 20);
  } else if (kind !== 'hang') answer(response, result);
}

function answer(response: ServerResponse, value: Answer): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

function readMessage(args: Args): Omit<SlackPosted, 'ts' | 'edits'> {
  return {
    channel: args['channel'] ?? '',
    thread_ts: args['thread_ts'],
    text: args['text'] ?? '',
    blocks: JSON.parse(args['blocks'] ?? '[]') as SlackPosted['blocks'],
    metadata: args['metadata'] === undefined ? undefined : (JSON.parse(args['metadata']) as SlackPosted['metadata']),
    isBroadcast: args['reply_broadcast'] === 'true',
  };
}

/**
 * Slack's word for what is wrong with a message's form, by the limits of
 * https://docs.slack.dev/reference/block-kit/blocks.
 */
function formFault(args: Args): string | undefined {
  const { text, blocks } = readMessage(args);
  if (text === '' && blocks.length === 0) return 'no_text';
  if (text.length > 40_000) return 'msg_too_long';
  return blocksFault(blocks);
}

/** What Slack says of blocks that it does not take. */
export function blocksFault(blocks: readonly SlackBlock[]): string | undefined {
  if (JSON.stringify(blocks).length > MAX_CHARACTERS) return 'msg_blocks_too_long';
  const actionIds = blocks.flatMap(({ elements = [] }) => elements.map(({ action_id }) => action_id)).filter(Boolean);
  const isFine =
    blocks.length <= MAX_BLOCKS && new Set(actionIds).size === actionIds.length && blocks.every(isFineBlock);
  return isFine ? undefined : 'invalid_blocks';
}

const BLOCK_LIMITS: Readonly<Record<string, readonly [characters: number, elements: number]>> = {
  header: [150, 0],
  section: [3000, 0],
  context: [2000, 10],
  actions: [75, 25],
  rich_text: [3000, 100],
};

function isFineBlock(block: SlackBlock): boolean {
  const { type, text, elements = [] } = block;
  if (type === 'input') return isFineInput(block);
  const [characters, count] = BLOCK_LIMITS[type] ?? [0, 0];
  const texts = [
    text,
    ...elements.map((element) => (type === 'context' ? (element as unknown as SlackText) : element.text)),
  ];
  const lengths = texts.filter((one) => one !== undefined).map(lengthOf);
  const isActionsFine = elements.every(
    ({ value = '', url = '', action_id = '', placeholder, options = [], confirm }) =>
      value.length <= 2000 &&
      url.length <= 3000 &&
      action_id.length <= 255 &&
      isFineMenu(placeholder, options) &&
      (confirm === undefined || isFineConfirmation(confirm)),
  );
  const isRichFine = type !== 'rich_text' || runsOf(elements).every((run) => run !== '');
  const sum = runsOf(elements).join('').length;
  return (
    elements.length <= count &&
    lengths.every((length) => length >= 1 && length <= characters) &&
    isActionsFine &&
    isRichFine &&
    (type !== 'rich_text' || sum <= characters)
  );
}

/** https://docs.slack.dev/reference/block-kit/blocks/input-block */
function isFineInput({ label, element, block_id = '' }: SlackBlock): boolean {
  const isFineLabel = label?.type === 'plain_text' && label.text.length >= 1 && label.text.length <= 2000;
  const isFineElement = element?.type === 'plain_text_input' && element.max_length >= 1 && element.max_length <= 3000;
  return isFineLabel && isFineElement && element.action_id.length <= 255 && block_id.length <= 255;
}

/** https://docs.slack.dev/reference/block-kit/composition-objects/option-object */
function isFineMenu(placeholder: SlackBlock['placeholder'], options: NonNullable<SlackBlock['options']>): boolean {
  if (placeholder === undefined) return options.length === 0;
  const isFineOption = options.every(({ text, value }) => text.text.length <= 75 && value.length <= 150);
  return placeholder.text.length <= 150 && options.length >= 1 && options.length <= 100 && isFineOption;
}

function isFineConfirmation({ title, text, confirm, deny }: NonNullable<SlackBlock['confirm']>): boolean {
  const limits = [
    [title, 100],
    [text, 300],
    [confirm, 30],
    [deny, 30],
  ] as const;
  return limits.every(([one, most]) => one.type === 'plain_text' && one.text.length >= 1 && one.text.length <= most);
}

function lengthOf(text: SlackText): number {
  return typeof text === 'string' ? text.length : text.text.length;
}

/** The texts of rich text, depth first; of a time what stands in for it. */
export function runsOf(elements: readonly SlackBlock[]): readonly string[] {
  return elements.flatMap(({ type, text, fallback = '', elements: inner = [] }) => {
    if (type === 'date') return [fallback];
    return (type === 'text' || type === 'link') && typeof text === 'string' ? [text] : runsOf(inner);
  });
}
