// A request that is not served: the answer in the form of RFC 9457, problem details for HTTP APIs.

/** Headers of the answer; a list is a header that is sent several times. */
export type ProblemHeaders = Readonly<Record<string, string | string[]>>;

/** Ends a request with this answer. `code` is stable; `detail` says what to do; `more` is added to the answer's body. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  readonly code: string;
  readonly headers: ProblemHeaders;
  readonly more: Readonly<Record<string, unknown>>;

  constructor(
    status: number,
    code: string,
    detail: string,
    options: {
      readonly headers?: ProblemHeaders;
      readonly more?: Readonly<Record<string, unknown>>;
    } = {},
  ) {
    super(detail);
    this.status = status;
    this.code = code;
    this.headers = options.headers ?? {};
    this.more = options.more ?? {};
  }
}

/** The body, as `application/problem+json`: https://www.rfc-editor.org/rfc/rfc9457#section-3. */
export function problemBody({ status, code, message, more }: Problem): Readonly<Record<string, unknown>> {
  return { ...more, type: 'about:blank', title: TITLES[status] ?? 'Error', status, code, detail: message };
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  410: 'Gone',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};
