// EventData and UserData of event XML as name–value pairs, by Winlogbeat's rules.
import type { UserData } from '../contracts/windows-event.ts';
import { createPairs, type Pairs, withoutLayout } from './pairs.ts';
import type { XmlElement } from './xml-tree.ts';

/**
 * The children of EventData, by the names that `nameOf` gives them; attributes beside `Name` get
 * dotted names.
 */
export function readEventData(section: XmlElement, tags: Set<string>): Readonly<Record<string, string>> | undefined {
  const pairs = createPairs(tags);
  if (section.children.length === 0 && section.text.trim() !== '') pairs.add('param1', section.text);
  else if (!isLayout(section.text)) pairs.add(section.name, section.text.trim());
  let index = 0;
  for (const item of section.children) {
    const name = nameOf(item, index);
    pairs.add(name, textOf(item));
    addAttributes(pairs, item, `${name}.`);
    index += 1;
  }
  return pairs.take();
}

/**
 * The first child of UserData: its name, its attributes and children as pairs; deeper elements,
 * their attributes, and further children get dotted names.
 */
export function readUserData(section: XmlElement, tags: Set<string>): UserData | undefined {
  const [element, ...others] = section.children;
  const pairs = createPairs(tags);
  if (!isLayout(section.text)) pairs.add(section.name, section.text.trim());
  if (element === undefined) {
    const values = pairs.take();
    return values === undefined ? undefined : { xmlName: '', values };
  }
  for (const [index, one] of [element, ...others].entries()) {
    const path = index === 0 ? '' : `${one.name}.`;
    if (one.children.length === 0) pairs.add(one.name, one.text);
    if ((one.attributes['Name'] ?? '') !== '') pairs.add(`${path}Name`, one.attributes['Name'] ?? '');
    addAttributes(pairs, one, path);
    addChildren(pairs, one, path);
  }
  return { xmlName: element.name, values: pairs.take() ?? {} };
}

/** The pairs of two sections of one name, those of the second numbered where they come again. */
export function joined(
  first: Readonly<Record<string, string>> | undefined,
  second: Readonly<Record<string, string>>,
  tags: Set<string>,
): Readonly<Record<string, string>> {
  if (first === undefined) return second;
  const pairs = createPairs(tags);
  for (const [name, value] of [...Object.entries(first), ...Object.entries(second)]) pairs.add(name, value);
  return pairs.take() ?? first;
}

/**
 * The data besides items: the name of EventData, and the sections that are neither; of
 * ProcessingErrorData the payload alone. Source: the event schema.
 */
export function readMoreData(section: XmlElement, tags: Set<string>): Readonly<Record<string, string>> | undefined {
  const pairs = createPairs(tags);
  if (section.name === 'EventData') pairs.add('xml_name', section.attributes['Name'] ?? '');
  else if (section.name === 'ProcessingErrorData')
    for (const { name, text } of section.children.filter((item) => item.name === 'EventPayload'))
      pairs.add(name, withoutLayout(text));
  else if (section.children.length > 0) addChildren(pairs, section, `${section.name}.`);
  else pairs.add(section.name, withoutLayout(section.text));
  return pairs.take();
}

/**
 * The attribute `Name`, else the element's name; without a name of its own it is `paramN`, N its
 * position among all children from 1.
 */
function nameOf(item: XmlElement, index: number): string {
  const name = item.attributes['Name'] || item.name;
  return name === 'Data' ? `param${index + 1}` : name;
}

function addChildren(pairs: Pairs, element: XmlElement, path: string): void {
  for (const [index, item] of element.children.entries()) {
    const name = path + nameOf(item, index);
    // White space and Event Viewer's minus signs between nested elements are layout.
    const isText = item.children.length === 0 || !isLayout(item.text);
    if (isText) pairs.add(name, item.text);
    addChildren(pairs, item, `${name}.`);
    addAttributes(pairs, item, `${name}.`);
  }
}

function addAttributes(pairs: Pairs, { attributes }: XmlElement, path: string): void {
  for (const attribute in attributes)
    if (attribute !== 'Name' && attribute !== 'xmlns') pairs.add(path + attribute, attributes[attribute] ?? '');
}

/** The text of an item; that of ComplexData and other nests is all text in it, in order. */
function textOf(item: XmlElement): string {
  if (item.children.length === 0) return withoutLayout(item.text);
  const own = isLayout(item.text) ? '' : item.text.trim();
  return [own, ...item.children.map(textOf)].filter((text) => text !== '').join(' ');
}

/** Text between elements without content. */
function isLayout(text: string): boolean {
  return text === '' || /^[\s-]*$/u.test(text);
}
