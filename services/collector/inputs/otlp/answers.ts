// What OTLP answers: ExportLogsServiceResponse, or google.rpc.Status for what is refused, in the
// encoding of the request.
// Source: https://opentelemetry.io/docs/specs/otlp/#otlphttp-response
import type { IncomingMessage } from 'node:http';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { Refusal } from '../../../../shared/http/refusal.ts';
import type { Fault } from '../http/keep-all.ts';
import type { Written } from '../http/request-input.ts';

/** The encodings of a request. */
export type OtlpEncoding = 'protobuf' | 'json';

const TYPES: Readonly<Record<string, OtlpEncoding | undefined>> = {
  'application/x-protobuf': 'protobuf',
  'application/protobuf': 'protobuf',
  'application/json': 'json',
};

/** The encoding of a request. Throws Refusal (415). */
export function encodingOf(request: IncomingMessage): OtlpEncoding {
  const encoding = declared(request);
  if (encoding !== undefined) return encoding;
  throw new Refusal(
    415,
    'unsupported_media_type',
    'Send Content-Type: application/x-protobuf, or application/json, with a body of that encoding.',
  );
}

function declared({ headers }: IncomingMessage): OtlpEncoding | undefined {
  return TYPES[(headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''];
}

/** The body for a request of so many log records, of which these were not taken. */
export function successBody(faults: readonly Fault[], total: number): SuccessBody {
  const [first] = faults;
  if (first === undefined) return {};
  const { number, reason, detail } = first;
  const errorMessage = `${faults.length} of ${total} log records were refused, the first of them (number ${number}, from 0) as ${reason}: ${detail}. The others are stored; do not send the refused ones again.`;
  return { partialSuccess: { rejectedLogRecords: String(faults.length), errorMessage } };
}

interface SuccessBody {
  readonly partialSuccess?: { readonly rejectedLogRecords: string; readonly errorMessage: string };
}

/** The numbers of google.rpc.Code by HTTP status. */
const CODES: Readonly<Record<number, number>> = {
  400: 3,
  401: 16,
  403: 7,
  404: 5,
  405: 12,
  413: 3,
  415: 3,
  429: 8,
  500: 13,
  503: 14,
};
const UNKNOWN = 2;

/** The body of a refusal. */
export function refusalBody({ status, code, message }: Refusal): StatusBody {
  return { code: CODES[status] ?? UNKNOWN, message: `${code}: ${message}` };
}

interface StatusBody {
  readonly code: number;
  readonly message: string;
}

/** Writes either body in the encoding of the request, in JSON where it has none. */
export function writeAnswer(body: object, request: IncomingMessage): Written {
  if (declared(request) !== 'protobuf') return { type: 'application/json', bytes: Buffer.from(JSON.stringify(body)) };
  return { type: 'application/x-protobuf', bytes: Buffer.from(protobufOf(body as SuccessBody & Partial<StatusBody>)) };
}

function protobufOf({ partialSuccess, code, message }: SuccessBody & Partial<StatusBody>): Uint8Array {
  const writer = new BinaryWriter();
  if (code !== undefined)
    return writer
      .tag(1, WireType.Varint)
      .int32(code)
      .tag(2, WireType.LengthDelimited)
      .string(message ?? '')
      .finish();
  if (partialSuccess === undefined) return writer.finish();
  writer.tag(1, WireType.LengthDelimited).fork();
  writer.tag(1, WireType.Varint).int64(partialSuccess.rejectedLogRecords);
  writer.tag(2, WireType.LengthDelimited).string(partialSuccess.errorMessage);
  return writer.join().finish();
}
