// A collector as `foghorn send` sees it: takes event XML, and can be busy, refuse, or hang up.
import type { TestContext } from 'node:test';
import { startHttpServer } from './http-server.ts';

/** What it answers: 200 with all events accepted, or this status. */
export interface TestCollectorServer {
  readonly url: string;
  /** The bodies taken. */
  readonly bodies: readonly string[];
  readonly authorizations: readonly (string | undefined)[];
  /** Answers `count` requests with `status` before it takes any. */
  refuse(status: number, count: number): void;
}

/** Listens on a free loopback port until the test ends. */
export async function startCollectorServer(t: TestContext): Promise<TestCollectorServer> {
  const bodies: string[] = [];
  const authorizations: (string | undefined)[] = [];
  let refusing = { status: 200, left: 0 };
  const origin = await startHttpServer(t, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      authorizations.push(request.headers.authorization);
      if (refusing.left > 0) {
        refusing = { ...refusing, left: refusing.left - 1 };
        response.writeHead(refusing.status, { 'retry-after': '0' }).end('{"error":"x","message":"not now"}');
        return;
      }
      const body = Buffer.concat(chunks).toString('utf8');
      bodies.push(body);
      const accepted = body.match(/<\/Event>/gu)?.length ?? 0;
      response.writeHead(200).end(JSON.stringify({ accepted, rejected: 0, errors: [], offsets: [] }));
    });
  });
  return {
    url: `${origin}/v1/events`,
    bodies,
    authorizations,
    refuse: (status, left) => {
      refusing = { status, left };
    },
  };
}
