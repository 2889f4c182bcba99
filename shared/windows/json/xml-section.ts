// A section of event XML, or what is within one, in a text of a JSON sender.
import { CUT_TAG } from '../limits.ts';
import { showForbidden } from '../xml-repair.ts';
import { parseXml, type XmlElement } from '../xml-tree.ts';
import { text } from './fields.ts';

/** Elements around the items: the section itself, or a sender's replacement. */
const AROUND = new Set(['EventData', 'UserData', 'DataItem']);
/** An item of Azure's `ParameterXml`. */
const PARAMETER = 'Param';

/**
 * The element with the items: UserData if such a section was around them, else EventData. A text
 * that is no XML becomes one item, with the tag. Undefined without a text.
 */
export function sectionOf(value: unknown, tags: Set<string>): XmlElement | undefined {
  const given = text(value);
  if (given === undefined || given.trim() === '') return undefined;
  const read = parseXml(showForbidden(`<Section>${given}</Section>`));
  if (read.kind === 'bad') {
    tags.add(CUT_TAG);
    return eventData([item('Data', given)]);
  }
  const root = inner(read.root);
  if (root.name === 'UserData') return root;
  if (root.children.length === 0) return root.text.trim() === '' ? undefined : eventData([item('Data', root.text)]);
  return eventData(
    root.children.map((child) => (child.name === PARAMETER ? { ...child, name: 'Data' } : child)),
    root.attributes,
  );
}

function inner(element: XmlElement): XmlElement {
  const [only, ...others] = element.children;
  return only !== undefined && others.length === 0 && AROUND.has(only.name) ? inner(only) : element;
}

function item(name: string, value: string): XmlElement {
  return { name, attributes: {}, text: value, children: [] };
}

function eventData(children: XmlElement[], attributes: XmlElement['attributes'] = {}): XmlElement {
  return { name: 'EventData', attributes, text: '', children };
}
