// A receiver of webhooks as others write them: takes, throttles, fails, hangs, hangs up, redirects;
// keeps what came.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Ending } from './ending.ts';
import { readBody, startHttpServer } from './http-server.ts';

/** What the receiver does with a request. */
export type Behaviour =
  | { readonly kind: 'take' }
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  /** Takes the request and never answers. */
  | { readonly kind: 'hang' }
  /** Takes the request and closes the connection without an answer. */
  | { readonly kind: 'hang-up' }
  /** Takes the request and closes the connection in the middle of its answer. */
  | { readonly kind: 'truncate' };

/** How a receiver says that it took something. */
export interface Thanks {
  readonly status: number;
  readonly body: string;
}

/** A request that was taken: answered, or swallowed by `hang-up` and `truncate`. */
export interface WebhookDelivery {
  readonly idempotencyKey: string;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  readonly body: { readonly status: string; readonly alerts: readonly WebhookAlert[] };
  readonly atMs: number;
}

/** One alert of Alertmanager's version 4 body. */
export interface WebhookAlert {
  readonly status: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** A running receiver. */
export interface WebhookServer {
  readonly url: string;
  /** From now on. */
  behave(behaviour: Behaviour): void;
  /** Everything taken, repeats with the same key included. */
  deliveries(): readonly WebhookDelivery[];
  /** The alerts of the deliveries, one for each idempotency key. */
  alerts(): readonly WebhookAlert[];
  /** Requests that came, whatever became of them. */
  requests(): number;
}

/** The settings of the receiver `hook` that sends to this server. */
export function hook({ url }: Pick<WebhookServer, 'url'>, more: Readonly<Record<string, unknown>> = {}) {
  return { name: 'hook', kind: 'webhook', url, allowPrivate: true, ...more };
}

/** The path of the page that the first digest leads to; undefined before one was taken. */
export function digestPage({ deliveries }: WebhookServer): string | undefined {
  const pages = deliveries().map(({ text }) => new URL((JSON.parse(text) as { readonly url: string }).url).pathname);
  return pages.find((page) => page.startsWith('/g/'));
}

/** Listens on a free loopback port until the test ends. */
export async function startWebhookServer(
  t: Ending,
  thanks: Thanks = { status: 200, body: 'ok' },
): Promise<WebhookServer> {
  const taken: WebhookDelivery[] = [];
  let behaviour: Behaviour = { kind: 'take' };
  let requests = 0;
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const delivery = await readDelivery(request);
    if (delivery === undefined) {
      response.writeHead(400).end('this is no delivery');
      return;
    }
    requests += 1;
    const now = behaviour;
    if (['take', 'hang-up', 'truncate'].includes(now.kind)) taken.push(delivery);
    if (now.kind === 'take') response.writeHead(thanks.status).end(thanks.body);
    if (now.kind === 'hang-up') request.socket.destroy();
    if (now.kind === 'answer') response.writeHead(now.status, now.headers).end(now.body ?? 'not now');
    if (now.kind === 'truncate') {
      response.writeHead(thanks.status, { 'content-length': 500 });
      response.write(thanks.body);
      setTimeout(() => request.socket.destroy(), 20);
    }
  };
  const origin = await startHttpServer(t, (request, response) => void answer(request, response));
  return {
    url: `${origin}/hook`,
    behave: (next) => {
      behaviour = next;
    },
    deliveries: () => taken,
    alerts: () =>
      [...new Map(taken.map(({ idempotencyKey, body }) => [idempotencyKey, body])).values()].flatMap(
        (body) => body.alerts,
      ),
    requests: () => requests,
  };
}

/** Undefined when somebody asks for something else, or is gone before all has come. */
async function readDelivery(request: IncomingMessage): Promise<WebhookDelivery | undefined> {
  const text = await readBody(request);
  if (text === undefined || request.method !== 'POST') return undefined;
  return {
    idempotencyKey: String(request.headers['idempotency-key']),
    headers: request.headers,
    text,
    body: JSON.parse(text) as WebhookDelivery['body'],
    atMs: Date.now(),
  };
}
