// The body of a bulk request: NDJSON put together from bytes, documents as they came, cut into
// requests by size.

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
const LINE_END = Buffer.from('\n');
const ACTION_LINE_BYTES = 120;

/**
 * Cuts items, in order, into groups with bodies of about `maxBytes` at most; a larger item is a
 * group of its own.
 */
export function groupBySize<T extends { readonly item: BulkItem }>(
  entries: readonly T[],
  maxBytes: number,
): readonly (readonly T[])[] {
  const groups: T[][] = [];
  let group: T[] = [];
  let bytes = 0;
  for (const entry of entries) {
    const size = entry.item.document.length + ACTION_LINE_BYTES;
    if (group.length > 0 && bytes + size > maxBytes) {
      groups.push(group);
      group = [];
      bytes = 0;
    }
    group.push(entry);
    bytes += size;
  }
  if (group.length > 0) groups.push(group);
  return groups;
}

/**
 * The body: an action line and a document line for each item. Format:
 * https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-bulk.
 */
export function bulkBody(action: BulkTarget['action'], items: readonly BulkItem[]): Buffer {
  const parts: Buffer[] = [];
  for (const item of items)
    parts.push(Buffer.from(`${actionLine(action, item)}\n`, 'utf8'), oneLine(item.document), LINE_END);
  return Buffer.concat(parts);
}

function actionLine(action: BulkTarget['action'], { id, version }: BulkItem): string {
  const versioned = version === undefined ? {} : { version, version_type: 'external' };
  return JSON.stringify({ [action]: { _id: id, ...versioned } });
}

/**
 * A line break inside a document would make Elasticsearch take the rest for an action; in JSON it
 * can only be white space, so a blank does as well.
 */
function oneLine(document: Buffer): Buffer {
  if (!document.includes(LINE_FEED)) return document;
  return Buffer.from(document.map((byte) => (byte === LINE_FEED ? SPACE : byte)));
}
