// A Kibana as far as setting it up goes: status, spaces and the import of saved objects, with the
// refusals of the real ones. Wire format:
// https://www.elastic.co/docs/api/doc/kibana/operation/operation-get-status,
// operation-get-spaces-space-id, operation-post-saved-objects-import.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TestContext } from 'node:test';
import { startHttpServer } from './http-server.ts';

/** A saved object as it was sent. */
export interface SentObject {
  readonly type: string;
  readonly id: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** One request. `objects` are the lines of the file that was imported. */
export interface KibanaRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly objects: readonly SentObject[];
}

/** An answer: an object is sent as JSON, a text as HTML. */
export interface KibanaAnswer {
  readonly status: number;
  readonly body: object | string;
}

/** How it answers otherwise than a healthy one with the spaces `default` and `soc`. */
export interface KibanaFaults {
  readonly version?: string;
  /** The only `authorization` that it knows; whoever shows another gets little or nothing. */
  readonly authorization?: string;
  readonly status?: KibanaAnswer;
  readonly space?: KibanaAnswer;
  readonly import?: (objects: readonly SentObject[]) => KibanaAnswer;
}

/** A fake that listens until the test ends. */
export interface FakeKibana {
  readonly url: string;
  readonly requests: readonly KibanaRequest[];
}

/** What Kibana says when it refuses a request as a whole. */
export function kibanaError(statusCode: number, error: string, message: string): KibanaAnswer {
  return { status: statusCode, body: { statusCode, error, message } };
}

/** What Kibana says when it took everything. */
export function allImported(objects: readonly SentObject[]): KibanaAnswer {
  const successResults = objects.map(({ type, id, attributes }) => ({
    type,
    id,
    meta: { title: attributes['name'] ?? attributes['title'], icon: `${type}App` },
    managed: false,
    overwrite: true,
  }));
  return { status: 200, body: { successCount: objects.length, success: true, warnings: [], successResults } };
}

/** Starts it. */
export async function startFakeKibana(t: TestContext, faults: KibanaFaults = {}): Promise<FakeKibana> {
  const requests: KibanaRequest[] = [];
  const origin = await startHttpServer(t, (incoming, outgoing) => {
    void receive(incoming).then((request) => {
      requests.push(request);
      send(outgoing, answerTo(request, faults));
    });
  });
  return { url: origin, requests };
}

async function receive(incoming: IncomingMessage): Promise<KibanaRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const { method = '', url = '', headers } = incoming;
  return { method, url, headers, objects: await objectsOf(Buffer.concat(chunks), headers['content-type']) };
}

async function objectsOf(body: Buffer, contentType: string | undefined): Promise<readonly SentObject[]> {
  if (contentType?.startsWith('multipart/form-data') !== true) return [];
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': contentType } }).formData();
  const file = form.get('file');
  if (file === null || typeof file === 'string') return [];
  const lines = (await file.text()).split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as SentObject);
}

function send(outgoing: ServerResponse, { status, body }: KibanaAnswer): void {
  const isText = typeof body === 'string';
  outgoing.writeHead(status, { 'content-type': isText ? 'text/html' : 'application/json', 'kbn-name': 'fake' });
  outgoing.end(isText ? body : JSON.stringify(body));
}

function answerTo({ method, url, headers, objects }: KibanaRequest, faults: KibanaFaults): KibanaAnswer {
  const isKnown = faults.authorization === undefined || headers.authorization === faults.authorization;
  if (url === '/api/status') return statusAnswer(isKnown, faults);
  if (!isKnown) return kibanaError(401, 'Unauthorized', '[security_exception]: unable to authenticate');
  const space = /^\/api\/spaces\/space\/(?<id>[^/?]+)$/u.exec(url)?.groups?.['id'];
  if (space !== undefined) return faults.space ?? spaceAnswer(space);
  if (method === 'POST' && /^\/s\/[^/]+\/api\/saved_objects\/_import\?overwrite=true$/u.test(url)) {
    if (headers['kbn-xsrf'] === undefined)
      return kibanaError(400, 'Bad Request', 'Request must contain a kbn-xsrf header.');
    return (faults.import ?? allImported)(objects);
  }
  return kibanaError(404, 'Not Found', 'Not Found');
}

function statusAnswer(isKnown: boolean, { version = '9.1.4', status }: KibanaFaults): KibanaAnswer {
  if (status !== undefined) return status;
  if (!isKnown) return { status: 200, body: { status: { overall: { level: 'available' } } } };
  const number = { number: version, build_number: 1, build_snapshot: false, build_flavor: 'traditional' };
  return { status: 200, body: { name: 'fake', version: number, status: { overall: { level: 'available' } } } };
}

function spaceAnswer(id: string): KibanaAnswer {
  if (!['default', 'soc'].includes(id)) return kibanaError(404, 'Not Found', 'Not Found');
  return { status: 200, body: { id, name: id, disabledFeatures: [] } };
}
