// What libraries make of event XML when they turn it into JSON: each has its own words for
// attributes and texts.
import type { Form, Loss } from './form.ts';
import { json } from './json.ts';
import { GROUPED } from './losses.ts';
import type { Item, Node } from './made-event.ts';
import { element, treeOf } from './tree.ts';

/**
 * How a converter writes an element with its attributes; `children` are the converted ones, those
 * of one name together.
 */
interface Convention {
  readonly attributes: (attributes: Readonly<Record<string, string>>) => Readonly<Record<string, unknown>>;
  /** The name of the text where there are attributes beside it. */
  readonly text: string;
  /** What an element without text, attributes and children becomes. */
  readonly empty: unknown;
  /** Whether every element is in a list. */
  readonly isList?: boolean;
  /** Whether a text has its name also where there is nothing beside it. */
  readonly isNamed?: boolean;
}

function convert(node: Node, convention: Convention): unknown {
  const { text, empty, isNamed = false } = convention;
  const fields = fieldsOf(node, convention);
  if (Object.keys(fields).length === 0 && !isNamed) return node.text === '' ? empty : node.text;
  return node.text === '' ? fields : { ...fields, [text]: node.text };
}

function fieldsOf(node: Node, convention: Convention): Readonly<Record<string, unknown>> {
  const fields: Record<string, unknown> = {};
  const groups = new Map<string, unknown[]>();
  // An attribute of the same name is one more of the elements.
  for (const [name, value] of Object.entries(convention.attributes(node.attributes))) groups.set(name, [value]);
  const own = new Set(groups.keys());
  for (const child of node.children)
    groups.set(child.name, [...(groups.get(child.name) ?? []), convert(child, convention)]);
  for (const [name, items] of groups) {
    const isAttribute = own.has(name) && items.length === 1;
    fields[name] = items.length > 1 || (convention.isList === true && !isAttribute) ? items : items[0];
  }
  return fields;
}

const prefixed =
  (prefix: string): Convention['attributes'] =>
  (attributes) =>
    Object.fromEntries(Object.entries(attributes).map(([name, value]) => [prefix + name, value]));
const within =
  (field: string): Convention['attributes'] =>
  (attributes) =>
    Object.keys(attributes).length === 0 ? {} : { [field]: attributes };

/** In user data an attribute with an underscore looks like a child, where there are children. */
const UNDERSCORES: Loss = {
  why: 'attributes beside children keep the converter’s underscore, which an element’s name may have as well',
  take: (event) => (event.userData === undefined ? event : { ...event, userData: underscored(event.userData) }),
};

function underscored(node: Node): Node {
  if (node.children.length === 0) return node;
  const attributes = Object.entries(node.attributes).map(([name, value]) => [`_${name}`, value] as const);
  return { ...node, attributes: Object.fromEntries(attributes), children: node.children.map(underscored) };
}

/** Attributes are fields like children. */
const AS_CHILDREN: Loss = {
  why: 'in user data an attribute, or the text beside one, looks like a child',
  take: (event) => (event.userData === undefined ? event : { ...event, userData: withChildren(event.userData) }),
};

function withChildren(node: Node): Node {
  const own = Object.entries(node.attributes).map(([name, text]) => element(name, {}, text));
  if (own.length === 0) return { ...node, children: node.children.map(withChildren) };
  const text = node.text === '' ? [] : [element('content', {}, node.text)];
  return element(node.name, {}, [...own, ...node.children.map(withChildren), ...text]);
}

/** An item of which the text is empty. */
const LONE_NAME: Loss = {
  why: 'an empty value with a name looks like a map with Name in it',
  take: ({ data, ...event }) => (data === undefined ? event : { ...event, data: data.map(asMap) }),
};

function asMap(item: Item): Item {
  const { element: own, name, value } = item;
  if (own !== 'Data' || name === undefined || value.text !== '') return item;
  return { element: 'Data', name: 'Name', value: { kind: 'text', text: name } };
}

function form(name: string, convention: Convention, more: Partial<Form> = {}): Form {
  return {
    name,
    form: 'evtx-json',
    write: (event) => {
      const tree = treeOf(event);
      return json({ [tree.name]: convert(tree, convention) });
    },
    losses: [GROUPED],
    ...more,
  };
}

/** JSON of converters. */
export const CONVERTER_FORMS: readonly Form[] = [
  {
    ...form('fast-xml-parser 5, with attributes, texts left as they are', {
      attributes: prefixed('@_'),
      text: '#text',
      empty: '',
    }),
  },
  form('xml2js 0.6', { attributes: within('$'), text: '_', empty: '', isList: true }),
  form('xml-js 1.6, compact', { attributes: within('_attributes'), text: '_text', empty: {}, isNamed: true }),
  form('mxj 2.7 of Go', { attributes: prefixed('-'), text: '#text', empty: '' }),
  form('BadgerFish', { attributes: prefixed('@'), text: '$', empty: {}, isNamed: true }),
  form('x2js 3.4', { attributes: prefixed('_'), text: '__text', empty: '' }, { losses: [GROUPED, UNDERSCORES] }),
  form('xmltodict 0.13 of Python', { attributes: prefixed('@'), text: '#text', empty: null }),
  {
    ...form('XmlSimple of Logstash’s filter xml 4.2', { attributes: prefixed(''), text: 'content', empty: {} }),
    losses: [GROUPED, LONE_NAME, AS_CHILDREN],
  },
];
