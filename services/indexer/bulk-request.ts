// The body of a bulk request: NDJSON put together from bytes, documents as they came.

/**
 * One document to write. `version` makes it an external version: a lower one than is there changes
 * nothing.
 */
export interface BulkItem {
  readonly id: string;
  readonly document: Buffer;
  readonly version?: number;
  /**
   * The earliest time of a first write, epoch milliseconds; any time if a document to `create` has
   * none.
   */
  readonly sinceMs?: number;
  /**
   * The content mark: a document to `create` whose id is there with another content is a conflict.
   */
  readonly content?: string;
}

/**
 * The target of documents: `create` never changes an existing one, `index` replaces it by a later
 * version.
 */
export interface BulkTarget {
  readonly index: string;
  readonly action: 'create' | 'index';
}

const LINE_FEED = 0x0a;
const SPACE = 0x20;
const ACTION_LINE_BYTES = 120;

/** About what an item takes in a request. */
export function bytesOf({ document }: BulkItem): number {
  return document.length + ACTION_LINE_BYTES;
}

/**
 * The body: an action line and a document line for each item. Format:
 * https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-bulk.
 */
export function bulkBody(action: BulkTarget['action'], items: readonly BulkItem[]): Buffer {
  const lines = items.map((item) => actionLine(action, item));
  let bytes = 0;
  for (const [at, { document }] of items.entries()) bytes += Buffer.byteLength(lines[at] ?? '') + document.length + 1;
  const body = Buffer.allocUnsafe(bytes);
  let end = 0;
  for (const [at, { document }] of items.entries()) {
    const start = end + body.write(lines[at] ?? '', end);
    body.set(document, start);
    end = start + document.length;
    keepOneLine(body, start, end);
    body[end] = LINE_FEED;
    end += 1;
  }
  return body;
}

function actionLine(action: BulkTarget['action'], { id, version }: BulkItem): string {
  const versioned = version === undefined ? '' : `,"version":${version},"version_type":"external"`;
  return `{"${action}":{"_id":${JSON.stringify(id)}${versioned}}}\n`;
}

/**
 * A line break inside a document would make Elasticsearch take the rest for an action; in JSON it
 * can only be white space, so a blank does as well.
 */
function keepOneLine(body: Buffer, from: number, to: number): void {
  const document = body.subarray(from, to);
  for (let at = document.indexOf(LINE_FEED); at >= 0; at = document.indexOf(LINE_FEED, at + 1)) document[at] = SPACE;
}
