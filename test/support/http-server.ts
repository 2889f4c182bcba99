// Servers on free loopback ports.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import type { Ending } from './ending.ts';

/** Listens on a free loopback port; gives the port. */
export async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** The body of a request; undefined when its sender was gone before all of it had come. */
export async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  } catch (error) {
    if (request.complete) throw error;
    return undefined;
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Answers HTTP as a test says, until the test ends; gives the address without a path. */
export async function startHttpServer(t: Ending, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  // Node would end an idle one at the moment when a request is sent on it, now and then.
  server.keepAliveTimeout = 0;
  const port = await listen(server);
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${port}`;
}
