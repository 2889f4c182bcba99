// EventData and UserData of event XML as name–value pairs, by Winlogbeat's rules.
import type { UserData } from '../contracts/windows-event.ts';
import { createPairs, type Pairs } from './pairs.ts';
import type { XmlElement } from './xml-tree.ts';

/** The children of EventData: the name is the attribute `Name`, else the element's; without a name of its own it is `paramN`, N its position among all children from 1. */
export function readEventData(section: XmlElement, tags: Set<string>): Readonly<Record<string, string>> | undefined {
  const pairs = createPairs(tags);
  for (const [index, item] of section.children.entries()) {
    const name = item.attributes['Name'] ?? item.name;
    pairs.add(name === '' || name === 'Data' ? `param${index + 1}` : name, textOf(item));
  }
  return pairs.take();
}

/** The first child of UserData: its name, its children as pairs; what lies deeper gets dotted names. */
export function readUserData(section: XmlElement, tags: Set<string>): UserData | undefined {
  const element = section.children[0];
  if (element === undefined) return undefined;
  const pairs = createPairs(tags);
  addChildren(pairs, element, '');
  return { xmlName: element.name, values: pairs.take() ?? {} };
}

function addChildren(pairs: Pairs, element: XmlElement, path: string): void {
  for (const item of element.children) {
    const name = item.attributes['Name'] ?? item.name;
    const full = path === '' ? name : `${path}.${name}`;
    pairs.add(full, item.text.trim());
    addChildren(pairs, item, full);
  }
}

/** The text of an item; that of ComplexData and other nests is all text in it, in order. */
function textOf(item: XmlElement): string {
  if (item.children.length === 0) return item.text;
  return [item.text.trim(), ...item.children.map(textOf)].filter((text) => text !== '').join(' ');
}
