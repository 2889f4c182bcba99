// EventData and UserData of event XML as name–value pairs, by Winlogbeat's rules.
import type { UserData } from '../contracts/windows-event.ts';
import { CUT_TAG } from './limits.ts';
import { createPairs, type Pairs } from './pairs.ts';
import type { XmlElement } from './xml-tree.ts';

/** The children of EventData, by the names that `nameOf` gives them. */
export function readEventData(section: XmlElement, tags: Set<string>): Readonly<Record<string, string>> | undefined {
  const pairs = createPairs(tags);
  for (const [index, item] of section.children.entries()) pairs.add(nameOf(item, index), textOf(item));
  return pairs.take();
}

/** The first child of UserData: its name, its children as pairs; what lies deeper, and attributes, which Winlogbeat leaves out, get dotted names. */
export function readUserData(section: XmlElement, tags: Set<string>): UserData | undefined {
  const [element, ...others] = section.children;
  if (element === undefined) return undefined;
  if (others.length > 0) tags.add(CUT_TAG);
  const pairs = createPairs(tags);
  addChildren(pairs, element, '');
  return { xmlName: element.name, values: pairs.take() ?? {} };
}

/** The attribute `Name`, else the element's name; without a name of its own it is `paramN`, N its position among all children from 1. */
function nameOf(item: XmlElement, index: number): string {
  const name = item.attributes['Name'] || item.name;
  return name === 'Data' ? `param${index + 1}` : name;
}

function addChildren(pairs: Pairs, element: XmlElement, path: string): void {
  for (const [index, item] of element.children.entries()) {
    const name = path + nameOf(item, index);
    // White space between the elements of a nest is the writer's own.
    if (item.children.length === 0 || item.text.trim() !== '') pairs.add(name, item.text);
    addChildren(pairs, item, `${name}.`);
    for (const [attribute, value] of Object.entries(item.attributes))
      if (attribute !== 'Name' && attribute !== 'xmlns') pairs.add(`${name}.${attribute}`, value);
  }
}

/** The text of an item; that of ComplexData and other nests is all text in it, in order. */
function textOf(item: XmlElement): string {
  if (item.children.length === 0) return item.text;
  return [item.text.trim(), ...item.children.map(textOf)].filter((text) => text !== '').join(' ');
}
