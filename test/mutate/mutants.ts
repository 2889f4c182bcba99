// The mutants of a compiled file: one operator, condition, boolean, number or word changed at a
// time.
import { type AnyNode, parse } from 'acorn';

/** One change of the compiled text. */
export interface Mutant {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

const OPERATORS: Readonly<Record<string, string>> = {
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '===': '!==',
  '!==': '===',
  '+': '-',
  '-': '+',
  '*': '/',
  '/': '*',
  '%': '*',
  '&&': '||',
  '||': '&&',
  '??': '&&',
  '+=': '-=',
  '-=': '+=',
};

/** All mutants of a compiled module, in the order of the text. */
export function mutantsOf(code: string): readonly Mutant[] {
  const found: Mutant[] = [];
  walk(parse(code, { ecmaVersion: 'latest', sourceType: 'module' }), code, found);
  return found
    .filter((mutant) => isModule(applied(code, mutant)))
    .sort((left, right) => left.start - right.start || left.end - right.end);
}

/** `a ?? b && c` is none: two operators that need parentheses. */
function isModule(code: string): boolean {
  try {
    parse(code, { ecmaVersion: 'latest', sourceType: 'module' });
    return true;
  } catch {
    return false;
  }
}

/** The text with the change. */
export function applied(code: string, { start, end, text }: Mutant): string {
  return code.slice(0, start) + text + code.slice(end);
}

function walk(node: AnyNode, code: string, found: Mutant[]): void {
  if (/^(?:Import|ExportAll)/u.test(node.type)) return;
  found.push(...mutantsAt(node, code));
  const parts = (Object.entries(node) as [string, unknown][]).filter(([name]) => !isName(node, name));
  for (const child of parts.flatMap(([, value]) => value).filter(isNode)) walk(child, code, found);
}

/** Names of properties are no values. */
function isName(node: AnyNode, part: string): boolean {
  return part === 'key' && 'computed' in node && !node.computed;
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

function mutantsAt(node: AnyNode, code: string): readonly Mutant[] {
  switch (node.type) {
    case 'BinaryExpression':
    case 'LogicalExpression':
    case 'AssignmentExpression':
      return operator(node, code);
    case 'IfStatement':
    case 'ConditionalExpression':
      return ['true', 'false'].map((text) => ({ start: node.test.start, end: node.test.end, text }));
    case 'UnaryExpression':
      return node.operator === '!' ? [{ start: node.start, end: node.start + 1, text: '' }] : [];
    case 'Literal':
      return literal(node.value).map((text) => ({ start: node.start, end: node.end, text }));
    default:
      return [];
  }
}

function operator(
  { left, right, operator: sign }: { readonly left: AnyNode; readonly right: AnyNode; readonly operator: string },
  code: string,
): readonly Mutant[] {
  const text = OPERATORS[sign];
  const start = code.indexOf(sign, left.end);
  return text === undefined || start >= right.start ? [] : [{ start, end: start + sign.length, text }];
}

/** Texts for people, which have spaces, stay: their wording is no behaviour. */
function literal(value: unknown): readonly string[] {
  if (typeof value === 'boolean') return [String(!value)];
  if (typeof value === 'number') return [String(value + 1)];
  if (typeof value !== 'string' || value.includes(' ')) return [];
  return [value === '' ? "'mutant'" : "''"];
}
