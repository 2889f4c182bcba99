// The lines of a bulk request: an action, and behind `create` and `index` its document. Pure.
// Source: https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-bulk
import { Refusal } from '../../../../shared/http/refusal.ts';

const ACTIONS = ['create', 'index', 'update', 'delete'] as const;

/** What an item asks for. */
export type Action = (typeof ACTIONS)[number];

/** One item of a request. */
export interface Item {
  readonly action: Action;
  /** The index that it names, or the request does. */
  readonly index: string;
  readonly id: string | undefined;
  /** The bytes of the line, without its end; undefined for what brings no event. */
  readonly document: Buffer | undefined;
}

/** What a request says for all of its items, and how many there may be. */
interface Request {
  readonly index: string;
  readonly maxItems: number;
}

/**
 * The items in order. Throws Refusal: 400 for a request without items or with a line that is no
 * action where one has to be, of which nothing is taken, and 413 for one with too many.
 */
export function itemsOf(body: Buffer, { index, maxItems }: Request): readonly Item[] {
  const items: Item[] = [];
  const lines = linesOf(body);
  for (let line = lines.next(); line !== undefined; line = lines.next()) {
    if (line.length === 0) continue;
    if (items.length === maxItems)
      throw new Refusal(
        413,
        'too_many_events',
        `The request has more than ${maxItems} items (collector.bulk.maxEvents); send fewer a request.`,
      );
    const { action, meta } = actionOf(line, lines.number());
    const second = action === 'delete' ? undefined : lines.next();
    if (second === undefined && action !== 'delete')
      throw malformed(`Line ${lines.number()} is ${action} without a line behind it.`);
    items.push({
      action,
      index: textOf(meta['_index']) ?? index,
      id: textOf(meta['_id']),
      document: action === 'create' || action === 'index' ? second : undefined,
    });
  }
  if (items.length === 0) throw new Refusal(400, 'empty', 'The request has no item; send at least one.');
  return items;
}

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

function linesOf(body: Buffer) {
  let at = 0;
  let number = 0;
  return {
    /** The number of the last line, from 1. */
    number: () => number,
    next: (): Buffer | undefined => {
      if (at >= body.length) return undefined;
      number += 1;
      const found = body.indexOf(LINE_FEED, at);
      const end = found < 0 ? body.length : found;
      const line = body.subarray(at, end > at && body[end - 1] === CARRIAGE_RETURN ? end - 1 : end);
      at = end + 1;
      return line;
    },
  };
}

/** More than any client writes: a document in the place of an action need not be parsed. */
const MAX_ACTION_BYTES = 16_384;

function actionOf(line: Buffer, number: number) {
  const value = line.length > MAX_ACTION_BYTES ? undefined : parsed(line);
  const [entry, ...others] = Object.entries(value ?? {});
  const action = ACTIONS.find((known) => known === entry?.[0]);
  const meta = entry?.[1];
  if (action === undefined || others.length > 0 || !isObject(meta))
    throw malformed(
      `Line ${number} has to be an action: an object of create, index, update or delete, e.g. {"create":{}}. Nothing of the request was taken.`,
    );
  return { action, meta };
}

function parsed(line: Buffer): object | undefined {
  try {
    const value: unknown = JSON.parse(line.toString('utf8'));
    return isObject(value) ? value : undefined;
  } catch {
    // The caller says what the line has to be.
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The most characters of Elasticsearch's index names and ids; a longer one is not given back. */
const MAX_NAME_CHARACTERS = 512;

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, MAX_NAME_CHARACTERS) : undefined;
}

function malformed(message: string): Refusal {
  return new Refusal(400, 'malformed', message);
}
