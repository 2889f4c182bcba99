// A receiver that takes a request and answers when the test lets it.
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

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
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')));
    request.on('end', () => {
      bodies.push(body);
      if (isFree) response.writeHead(status).end();
      else waiting.push(response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    bodies: () => bodies,
    disconnectQuietly: () => {
      isFree = true;
      for (const response of waiting.splice(0)) response.writeHead(status).end();
    },
  };
}
