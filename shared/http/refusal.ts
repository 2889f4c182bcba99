// A request that is not served: the status, a stable code and a sentence that says what to do.

/** Headers of an answer; a list is a header that is sent several times. */
export type RefusalHeaders = Readonly<Record<string, string | readonly string[]>>;

/** Ends a request with this answer, in the form that the server gives it. `code` is stable; `more` is added to the answer's body. */
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
