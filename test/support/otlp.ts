// OTLP requests as an exporter writes them, in both encodings, and what is answered.
// Source: https://github.com/open-telemetry/opentelemetry-proto, logs/v1/logs.proto and
// common/v1/common.proto.
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/** A log record as its exporter has it. */
export interface LogRecord {
  readonly timeUnixNano?: string;
  readonly observedTimeUnixNano?: string;
  readonly severityNumber?: number;
  readonly severityText?: string;
  /** Plain; bytes as a Buffer, a fraction or a number too large for int64 as double. */
  readonly body?: unknown;
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly traceId?: Buffer;
}

const { Varint, Bit64, LengthDelimited } = WireType;

/** Log records in one request, of two resources with two scopes each. */
export function protobufRequest(records: readonly (LogRecord | Buffer)[]): Buffer {
  const writer = new BinaryWriter();
  const parts = quarters(records);
  for (const scopes of [parts.slice(0, 2), parts.slice(2)]) {
    writer.tag(1, LengthDelimited).fork();
    writer.tag(1, LengthDelimited).fork();
    pair(writer.tag(1, LengthDelimited).fork(), 'host.name', 'relay').join();
    writer.join();
    for (const scope of scopes) {
      writer.tag(2, LengthDelimited).fork();
      writer.tag(1, LengthDelimited).fork().tag(1, LengthDelimited).string('windowseventlog').join();
      for (const record of scope)
        writer.tag(2, LengthDelimited).bytes(Buffer.isBuffer(record) ? record : protobufRecord(record));
      writer.tag(3, LengthDelimited).string('https://opentelemetry.io/schemas/1.27.0').join();
    }
    writer.join();
  }
  return Buffer.from(writer.finish());
}

/** One log record. */
export function protobufRecord(record: LogRecord): Buffer {
  const writer = new BinaryWriter();
  const { timeUnixNano, observedTimeUnixNano, severityNumber, severityText, body, attributes = {}, traceId } = record;
  if (timeUnixNano !== undefined) writer.tag(1, Bit64).fixed64(timeUnixNano);
  if (severityNumber !== undefined) writer.tag(2, Varint).int32(severityNumber);
  if (severityText !== undefined) writer.tag(3, LengthDelimited).string(severityText);
  if (body !== undefined) value(writer.tag(5, LengthDelimited).fork(), body).join();
  for (const [key, item] of Object.entries(attributes)) pair(writer.tag(6, LengthDelimited).fork(), key, item).join();
  if (traceId !== undefined) writer.tag(9, LengthDelimited).bytes(traceId);
  if (observedTimeUnixNano !== undefined) writer.tag(11, Bit64).fixed64(observedTimeUnixNano);
  return Buffer.from(writer.finish());
}

/** The same request in OTLP's JSON. */
export function jsonRequest(records: readonly LogRecord[]): string {
  const scopes = quarters(records).map((scope) => ({ scope: { name: 'w' }, logRecords: scope.map(jsonRecord) }));
  return JSON.stringify({
    resourceLogs: [{ resource: { attributes: [] }, scopeLogs: scopes.slice(0, 2) }, { scopeLogs: scopes.slice(2) }],
  });
}

/** One log record in OTLP's JSON. */
export function jsonRecord({ body, attributes, traceId, ...record }: LogRecord): object {
  return {
    ...record,
    ...(body === undefined ? {} : { body: anyValue(body) }),
    ...(attributes === undefined ? {} : { attributes: pairs(attributes) }),
    ...(traceId === undefined ? {} : { traceId: traceId.toString('hex') }),
  };
}

/** What is answered: ExportLogsServiceResponse or google.rpc.Status. */
export function readAnswer(bytes: Buffer): {
  readonly code?: number;
  readonly rejected?: string;
  readonly message?: string;
} {
  const reader = new BinaryReader(bytes);
  let answer: ReturnType<typeof readAnswer> = {};
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (type === Varint) answer = { ...answer, code: reader.int32() };
    else if (field === 2) answer = { ...answer, message: reader.string() };
    else {
      const inner = new BinaryReader(reader.bytes());
      inner.tag();
      const rejected = String(inner.int64());
      inner.tag();
      answer = { rejected, message: inner.string() };
    }
  }
  return answer;
}

function quarters<T>(records: readonly T[]): readonly (readonly T[])[] {
  return [0, 1, 2, 3].map((part) => records.slice((records.length * part) / 4, (records.length * (part + 1)) / 4));
}

function pair(writer: BinaryWriter, key: string, item: unknown): BinaryWriter {
  writer.tag(1, LengthDelimited).string(key);
  return value(writer.tag(2, LengthDelimited).fork(), item).join();
}

function value(writer: BinaryWriter, item: unknown): BinaryWriter {
  if (item === null || item === undefined) return writer;
  if (typeof item === 'string') return writer.tag(1, LengthDelimited).string(item);
  if (typeof item === 'boolean') return writer.tag(2, Varint).bool(item);
  if (isWhole(item)) return writer.tag(3, Varint).int64(item);
  if (typeof item === 'number') return writer.tag(4, Bit64).double(item);
  return Buffer.isBuffer(item) ? writer.tag(7, LengthDelimited).bytes(item) : members(writer, item);
}

function members(writer: BinaryWriter, items: object): BinaryWriter {
  writer.tag(Array.isArray(items) ? 5 : 6, LengthDelimited).fork();
  for (const [key, one] of Object.entries(items)) {
    writer.tag(1, LengthDelimited).fork();
    (Array.isArray(items) ? value(writer, one) : pair(writer, key, one)).join();
  }
  return writer.join();
}

function isWhole(item: unknown): item is number | bigint {
  return typeof item === 'bigint' || (Number.isInteger(item) && Math.abs(item as number) < 2 ** 63);
}

function pairs(items: object): readonly object[] {
  return Object.entries(items).map(([key, item]) => ({ key, value: anyValue(item) }));
}

function anyValue(item: unknown): object {
  if (item === null || item === undefined) return {};
  if (typeof item === 'string') return { stringValue: item };
  if (typeof item === 'boolean') return { boolValue: item };
  if (isWhole(item)) return { intValue: String(item) };
  if (typeof item === 'number') return { doubleValue: item };
  if (Buffer.isBuffer(item)) return { bytesValue: item.toString('base64') };
  if (Array.isArray(item)) return { arrayValue: { values: item.map(anyValue) } };
  return { kvlistValue: { values: pairs(item) } };
}
