// The Elasticsearch connection: settings, one kind of request, and the translation of the client's
// errors.
import { readFileSync } from 'node:fs';
import { Client, errors } from '@elastic/elasticsearch';
import { z } from 'zod';
import { ConfigError, errorText, Unavailable } from '../runtime/errors.ts';
import { setting, wholeNumber } from '../runtime/settings.ts';

/** A part of a data stream's name: https://www.elastic.co/docs/reference/ecs/ecs-data_stream. */
const NAME_PART = /^[a-z0-9][^A-Z\\/*?"<>|,#:\s-]{0,99}$/u;

const INDEX_NAME = /^[a-z0-9][a-z0-9._-]{0,199}$/u;

/** A setting that says how long documents are kept; `foghorn setup elasticsearch` makes it so. */
function retention(fallback: number, what: string) {
  const description = `How long ${what} are kept, up to a seventh (at most 30 days) longer because whole indices are deleted; 0 keeps them for good. Run foghorn setup elasticsearch after a change.`;
  return wholeNumber(fallback, { min: 0, max: 36_500 }, { description, unit: 'days' });
}

/** The section `elasticsearch`. */
export const elasticsearchSettings = z
  .strictObject({
    nodes: setting(
      z
        .array(z.string().regex(/^https?:\/\/[^\s/]+/u, 'an http:// or https:// address'))
        .min(1)
        .default(['http://127.0.0.1:9200']),
      { description: 'The addresses of the cluster, http or https each.', alias: 'ELASTICSEARCH_URL' },
    ),
    apiKey: setting(z.string().default(''), { description: 'The API key (base64 form) to log in with.', secret: true }),
    username: setting(z.string().default(''), { description: 'The user to log in as, where there is no API key.' }),
    password: setting(z.string().default(''), { description: 'Its password.', secret: true }),
    caFile: setting(z.string().default(''), {
      description: 'A PEM file with the certificate authority of the cluster; empty: those of the system.',
      readable: 'file',
    }),
    compression: setting(z.boolean().default(false), {
      description: 'Gzip for requests: less network traffic, more CPU.',
    }),
    requestTimeoutMs: wholeNumber(
      60_000,
      { min: 1000, max: 600_000 },
      { description: 'Timeout of a request; it is retried afterwards.', unit: 'milliseconds' },
    ),
    dataset: setting(z.string().regex(NAME_PART, 'lower case, no hyphen').default('windows.forwarded.foghorn'), {
      description: 'The dataset of the events; their data stream is logs-<dataset>-<namespace>.',
    }),
    namespace: setting(z.string().regex(NAME_PART, 'lower case, no hyphen').default('default'), {
      description: 'The namespace of the data streams.',
    }),
    incidentIndex: setting(
      z.string().regex(INDEX_NAME, 'lower case letters, digits, . _ -').default('foghorn-incidents'),
      { description: 'The index of the incidents.' },
    ),
    catalogIndex: setting(
      z.string().regex(INDEX_NAME, 'lower case letters, digits, . _ -').default('foghorn-catalog'),
      {
        description: 'The index that holds the catalogue, for lookups from Kibana.',
      },
    ),
    sourceIndex: setting(z.string().regex(INDEX_NAME, 'lower case letters, digits, . _ -').default('foghorn-sources'), {
      description: 'The index of the sources.',
    }),
    indexMode: setting(z.enum(['standard', 'synthetic_source', 'logsdb']).default('standard'), {
      description:
        'How Elasticsearch stores events: as received (standard) or with synthetic _source (about half the disk; key order and duplicate array values are not preserved).',
    }),
    eventsRetentionDays: retention(90, 'events'),
    actionsRetentionDays: retention(400, 'actions on incidents and of deliveries'),
    deadLettersRetentionDays: retention(30, 'dead letters'),
  })
  .prefault({});

/** The section `elasticsearch`, validated. */
export type ElasticsearchSettings = z.infer<typeof elasticsearchSettings>;

/** One request. A Buffer is sent as NDJSON as it is, an object as JSON. */
export interface ElasticsearchRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Buffer | Readonly<Record<string, unknown>>;
}

/**
 * The answer: a success, or one of the refusals that the caller handles (400, 404, 405, 409, 410,
 * 413).
 */
export interface ElasticsearchResponse {
  readonly status: number;
  readonly body: unknown;
}

/** A way to Elasticsearch. */
export interface Elasticsearch {
  /**
   * Sends a request once, without retries. Throws Unavailable for errors that the cluster, the
   * network or the credentials may cause, and when `signal` aborts.
   */
  request(request: ElasticsearchRequest, signal?: AbortSignal): Promise<ElasticsearchResponse>;
  /** What is missing, or undefined. */
  ready(): Promise<string | undefined>;
  close(): Promise<void>;
}

const CLIENT_ERROR_STATUSES = [400, 404, 405, 409, 410, 413];

/**
 * Connects with its first use. Throws ConfigError for credentials that contradict one another or a
 * CA file that cannot be read.
 */
export function createElasticsearch(settings: ElasticsearchSettings): Elasticsearch {
  const client = new Client(clientOptions(settings));
  const request: Elasticsearch['request'] = async ({ method, path, query, body }, signal) => {
    const isLines = Buffer.isBuffer(body);
    try {
      const { statusCode, body: answer } = await client.transport.request(
        {
          method,
          path,
          ...(query === undefined ? {} : { querystring: { ...query } }),
          ...(body === undefined ? {} : isLines ? { bulkBody: body } : { body }),
        },
        {
          meta: true,
          ignore: CLIENT_ERROR_STATUSES,
          // The client's own media types name its major version, which a cluster one major older
          // refuses; these every version takes.
          headers: {
            accept: 'application/json',
            ...(body === undefined ? {} : { 'content-type': isLines ? 'application/x-ndjson' : 'application/json' }),
          },
          ...(signal === undefined ? {} : { signal }),
        },
      );
      return { status: statusCode, body: answer };
    } catch (error) {
      throw toUnavailable(error);
    }
  };
  return {
    request,
    async ready() {
      try {
        await request({ method: 'GET', path: '/' });
        return undefined;
      } catch (error) {
        return errorText(error);
      }
    },
    close: () => client.close(),
  };
}

function clientOptions(settings: ElasticsearchSettings): ConstructorParameters<typeof Client>[0] {
  const { apiKey, username, password, caFile } = settings;
  if (apiKey !== '' && username !== '')
    throw new ConfigError('elasticsearch.apiKey and elasticsearch.username are both set: keep one of them.');
  const nodes = settings.nodes.map((node) => new URL(node));
  if (nodes.some((node) => node.username !== '' || node.password !== ''))
    throw new ConfigError(
      'An address in elasticsearch.nodes carries a password, which would show in logs: set elasticsearch.username and elasticsearch.password.',
    );
  return {
    nodes: nodes.map((node) => node.href),
    maxRetries: 0,
    requestTimeout: settings.requestTimeoutMs,
    compression: settings.compression,
    // Otherwise each error carries a copy of its request, made byte by byte: a hundred times the
    // body of a bulk request, whenever the cluster fails.
    redaction: { type: 'off' },
    ...(apiKey === '' ? {} : { auth: { apiKey } }),
    ...(username === '' ? {} : { auth: { username, password } }),
    ...(caFile === '' ? {} : { tls: { ca: readCa(caFile) } }),
  };
}

function readCa(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new ConfigError(`elasticsearch.caFile ${file} cannot be read: ${errorText(error)}`);
  }
}

/** An error of the client as our own. Any other error is a bug and stays as it is. */
function toUnavailable(error: unknown): unknown {
  if (!(error instanceof errors.ElasticsearchClientError) || error instanceof errors.ConfigurationError) return error;
  if (error instanceof errors.ProductNotSupportedError)
    return new Unavailable('Elasticsearch', 'what answers at elasticsearch.nodes is not Elasticsearch', {
      cause: bare(error),
    });
  if (!(error instanceof errors.ResponseError))
    return new Unavailable('Elasticsearch', errorText(error), { cause: bare(error) });
  const status = error.statusCode ?? 0;
  const retryAfterMs = Number(error.headers?.['retry-after']) * 1000;
  return new Unavailable('Elasticsearch', `${ADVICE[status] ?? `it answered ${status}`}: ${reasonText(error.body)}`, {
    cause: bare(error),
    ...(status === 401 || status === 403 ? { code: 'forbidden' } : {}),
    ...(Number.isFinite(retryAfterMs) ? { retryAfterMs } : {}),
  });
}

/** The client's error without its request: that holds the credentials, and the body. */
function bare({ name, message, stack }: Error): Error {
  return Object.assign(new Error(message), { name, stack });
}

const ADVICE: Readonly<Record<number, string>> = {
  401: 'it does not accept the credentials (401); check elasticsearch.apiKey or username and password',
  403: 'the credentials lack a privilege, or an index is blocked (403)',
  429: 'it asks for less (429)',
};

const MAX_REASON_LENGTH = 500;

/**
 * Type and reason of an error as Elasticsearch writes it, with its deepest cause, shortened; the
 * text of whatever else answered.
 */
export function reasonText(body: unknown): string {
  const error = typeof body === 'object' && body !== null && 'error' in body ? body.error : body;
  const { type, reason, caused_by: cause } = Object(error) as ElasticsearchError;
  if (type === undefined) {
    const text: string | undefined = typeof error === 'string' ? error : JSON.stringify(error);
    return (text ?? 'it gave no reason').slice(0, MAX_REASON_LENGTH);
  }
  let deepest = cause;
  while (deepest?.caused_by !== undefined) deepest = deepest.caused_by;
  const because = deepest?.reason === undefined ? '' : ` (${deepest.type}: ${deepest.reason})`;
  return `${type}: ${reason}${because}`.slice(0, MAX_REASON_LENGTH);
}

interface ElasticsearchError {
  readonly type?: string;
  readonly reason?: string;
  readonly caused_by?: ElasticsearchError;
}
