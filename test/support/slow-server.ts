// A receiver that takes a request and answers when the test lets it.
import type { ServerResponse } from 'node:http';
import type { TestContext } from 'node:test';
import { startHttpServer } from './http-server.ts';

/** A running receiver. */
export interface SlowServer {
  readonly url: string;
  /** The bodies of all requests that came. */
  bodies(): readonly string[];
  /** Answers what waits, and from now on everything at once. */
  disconnectQuietly(): void;
}

/** Listens on a free loopback port until the test ends; answers `status`. */
export async function startSlowServer(t: TestContext, status = 202): Promise<SlowServer> {
  const bodies: string[] = [];
  const waiting: ServerResponse[] = [];
  let isFree = false;
  const origin = await startHttpServer(t, (request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')));
    request.on('end', () => {
      bodies.push(body);
      if (isFree) response.writeHead(status).end();
      else waiting.push(response);
    });
  });
  return {
    url: `${origin}/`,
    bodies: () => bodies,
    disconnectQuietly: () => {
      isFree = true;
      for (const response of waiting.splice(0)) response.writeHead(status).end();
    },
  };
}
