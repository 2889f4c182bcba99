// What an expression of PromQL names, by Prometheus' own grammar.
import type { SyntaxNodeRef } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

/** The metrics and labels of an expression. Throws for what is no PromQL. */
export function namesIn(expression: string): {
  readonly metrics: readonly string[];
  readonly labels: readonly string[];
} {
  const found = { metrics: [] as string[], labels: [] as string[] };
  parser.parse(expression).iterate({
    enter: (node: SyntaxNodeRef) => {
      const word = expression.slice(node.from, node.to);
      if (node.type.isError) throw new Error(`no PromQL at ${node.from}: ${expression}`);
      if (node.name === 'Identifier' && node.node.parent?.name === 'VectorSelector') found.metrics.push(word);
      if (node.name === 'LabelName') found.labels.push(word);
    },
  });
  return found;
}
