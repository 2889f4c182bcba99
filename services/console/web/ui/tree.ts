// Draws a tree of the catalogue's page.
import { h, type JSX } from 'preact';
import type { Tree } from '../../../../shared/catalog/page-tree.ts';

/** The elements, with the texts as texts. */
export function treeNode(tree: Tree): JSX.Element | string {
  if (typeof tree === 'string') return tree;
  const { tag, attributes, children } = tree;
  return h(tag, attributes, ...children.map(treeNode));
}
