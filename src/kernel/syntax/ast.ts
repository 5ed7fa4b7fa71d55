/** The parsed pattern: what remains of RE2's syntax once flags, escapes and case folding are resolved. */
import type { Ranges } from './ranges.ts';

/** Conditions on the place between two bytes; bits, so that several can be tested at once. */
export const ASSERT = {
  beginLine: 1,
  endLine: 2,
  beginText: 4,
  endText: 8,
  wordBoundary: 16,
  noWordBoundary: 32,
} as const;

export type Node =
  | { readonly op: 'empty' }
  /** One character of a set; the empty set never matches. */
  | { readonly op: 'set'; readonly set: Ranges }
  /** \C: one byte, whatever it is. */
  | { readonly op: 'byte' }
  | { readonly op: 'assert'; readonly assert: number }
  | { readonly op: 'cat'; readonly items: readonly Node[] }
  /** First alternative preferred. */
  | { readonly op: 'alt'; readonly items: readonly Node[] }
  /** `max` -1: without limit. */
  | {
      readonly op: 'repeat';
      readonly item: Node;
      readonly min: number;
      readonly max: number;
      readonly greedy: boolean;
      /** Written as * + or ?, which RE2 squashes when stacked. */
      readonly simple: boolean;
    }
  | { readonly op: 'group'; readonly item: Node; readonly index: number };

/** A pattern the kernel can hold, parsed. */
export interface Parsed {
  readonly root: Node;
  /** Capture groups, the whole match not counted. */
  readonly groups: number;
}

/**
 * The kernel declines this pattern; plain RE2 has to search it. Also thrown for what RE2 refuses: which of the two it
 * is, only RE2 says.
 */
export class UnsupportedPattern extends Error {
  override readonly name = 'UnsupportedPattern';
}

/** Can the node match the empty string, assertions taken as met? */
export function isNullable(node: Node): boolean {
  switch (node.op) {
    case 'empty':
    case 'assert':
      return true;
    case 'set':
    case 'byte':
      return false;
    case 'cat':
      return node.items.every(isNullable);
    case 'alt':
      return node.items.some(isNullable);
    case 'repeat':
      return node.min === 0 || isNullable(node.item);
    case 'group':
      return isNullable(node.item);
  }
}
