// The elements of an event as Windows renders it, from which every writer of XML, and of JSON made
// of XML, starts.
import type { Item, MadeEvent, Node, Rendering } from './made-event.ts';

const NAMESPACE = 'http://schemas.microsoft.com/win/2004/08/events/event';

/** An element with a text, children or neither. */
export function element(
  name: string,
  attributes: Node['attributes'] = {},
  content: string | readonly Node[] = '',
): Node {
  return typeof content === 'string'
    ? { name, attributes, text: content, children: [] }
    : { name, attributes, text: '', children: content };
}

/** The whole event. */
export function treeOf(event: MadeEvent): Node {
  const { data, userData, rendering } = event;
  return element('Event', { xmlns: NAMESPACE }, [
    systemOf(event),
    ...(data === undefined ? [] : [element('EventData', {}, data.map(itemOf))]),
    ...(userData === undefined ? [] : [element('UserData', {}, [userData])]),
    ...(rendering === undefined ? [] : [renderingOf(rendering)]),
  ]);
}

/** A child of EventData. */
export function itemOf({ element: name, name: own, value }: Item): Node {
  return element(name, own === undefined ? {} : { Name: own }, value.text);
}

/** `System`, attributes and elements in the order of Windows. */
export function systemOf(event: MadeEvent): Node {
  const { guid, qualifiers, activity, related, sid } = event;
  return element('System', {}, [
    element('Provider', { Name: event.provider, ...(guid === undefined ? {} : { Guid: guid }) }),
    element('EventID', qualifiers === undefined ? {} : { Qualifiers: String(qualifiers) }, String(event.id)),
    element('Version', {}, String(event.version)),
    element('Level', {}, String(event.level)),
    element('Task', {}, String(event.task)),
    element('Opcode', {}, String(event.opcode)),
    element('Keywords', {}, hexadecimal(event.keywords)),
    element('TimeCreated', { SystemTime: event.time }),
    element('EventRecordID', {}, String(event.record)),
    element('Correlation', {
      ...(activity === undefined ? {} : { ActivityID: activity }),
      ...(related === undefined ? {} : { RelatedActivityID: related }),
    }),
    element('Execution', { ProcessID: String(event.pid), ThreadID: String(event.tid) }),
    element('Channel', {}, event.channel),
    element('Computer', {}, event.computer),
    element('Security', sid === undefined ? {} : { UserID: sid }),
  ]);
}

function renderingOf({ message, level, task, opcode, keywords }: Rendering): Node {
  return element('RenderingInfo', { Culture: 'en-US' }, [
    element('Message', {}, message),
    element('Level', {}, level),
    element('Task', {}, task),
    element('Opcode', {}, opcode),
    element('Channel'),
    element('Provider'),
    element(
      'Keywords',
      {},
      keywords.map((keyword) => element('Keyword', {}, keyword)),
    ),
  ]);
}

/** A mask as Windows renders it. */
export function hexadecimal(mask: bigint): string {
  return `0x${mask.toString(16)}`;
}

/** The items as pairs; those without a name by their position among all, from 1. */
export function pairsOf({ data = [] }: Pick<MadeEvent, 'data'>): readonly (readonly [string, Item])[] {
  return data.map((item, place) => [nameOf(item) ?? `param${place + 1}`, item]);
}

/** Of each name the first value that says something. */
export function firstPairsOf(event: Pick<MadeEvent, 'data'>): readonly (readonly [string, Item])[] {
  const seen = new Set<string>();
  return pairsOf(event).filter(([name, { value }]) => !isEmpty(value.text) && !seen.has(name) && seen.add(name));
}

/** Of each name of its own the first value that says something. */
export function firstNamedOf({ data = [] }: Pick<MadeEvent, 'data'>): readonly Item[] {
  const seen = new Set<string>();
  return data.filter((item) => {
    const name = nameOf(item);
    return name !== undefined && !isEmpty(item.value.text) && !seen.has(name) && seen.add(name);
  });
}

/** The values without a name of their own. */
export function unnamedOf({ data = [] }: Pick<MadeEvent, 'data'>): readonly Item[] {
  return data.filter((item) => nameOf(item) === undefined);
}

/** Nothing, or how a writer lays out nothing. */
export function isEmpty(text: string): boolean {
  return text === '' || (/[\r\n]/u.test(text) && text.trim() === '');
}

/** The name that an item has of itself. */
export function nameOf({ element: own, name }: Item): string | undefined {
  const given = name ?? own;
  return given === 'Data' ? undefined : given;
}
