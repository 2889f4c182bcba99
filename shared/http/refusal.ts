// A request that is not served: the status, a stable code and a sentence that says what to do.
import { STATUS_CODES } from 'node:http';

/** Headers of an answer; a list is a header that is sent several times. */
export type RefusalHeaders = Readonly<Record<string, string | readonly string[]>>;

/**
 * Ends a request with this answer, in the form that the server gives it. `code` is stable; `more`
 * is added to the answer's body.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly code: string;
  readonly headers: RefusalHeaders;
  readonly more: Readonly<Record<string, unknown>>;

  constructor(
    status: number,
    code: string,
    message: string,
    options: { readonly headers?: RefusalHeaders; readonly more?: Readonly<Record<string, unknown>> } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = options.headers ?? {};
    this.more = options.more ?? {};
  }
}

/** The form that a server gives its refusals. */
export interface RefusalForm {
  /** The media type. */
  readonly type: string;
  /** The body, to be written as JSON. */
  body(refusal: Refusal): object;
}

/** A whole answer for a connection that no request can be read from; it ends the connection. */
export function rawAnswer(form: RefusalForm, refusal: Refusal): string {
  const body = `${JSON.stringify(form.body(refusal))}\n`;
  const headers = {
    Connection: 'close',
    ...refusal.headers,
    'Content-Type': form.type,
    'Content-Length': Buffer.byteLength(body),
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}\r\n`);
  return `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status] ?? ''}\r\n${lines.join('')}\r\n${body}`;
}
