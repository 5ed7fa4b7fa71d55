/**
 * A report as content: what it says, apart from how a format shows it. Sections make it, HTML and Markdown render it.
 * Every text in it is plain: renderers escape all of it.
 */
import type { Severity } from '../findings/finding.ts';

/** How a value is meant. `missing` is what the controller has not told. */
export type Tone = Severity | 'missing' | 'warning' | 'good' | 'muted';

export interface ToneText {
  readonly text: string;
  readonly tone?: Tone;
  /** A digest, a path, an id: shown as it is, letter for letter. */
  readonly isCode?: boolean;
}
export type Cell = string | ToneText;

interface Column {
  readonly title: string;
  readonly isNumber?: boolean;
}

export interface Table {
  readonly kind: 'table';
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  /** What is said of rows that are not listed. */
  readonly more?: string | undefined;
}

interface Chart {
  readonly kind: 'chart';
  readonly caption: string;
  /** Made by us, every text in it escaped. */
  readonly svg: string;
  /** The same in words, for those who do not see it. */
  readonly summary: string;
}

export type Block =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'heading'; readonly text: string }
  | { readonly kind: 'note'; readonly tone: 'limit' | 'warning'; readonly text: string }
  | {
      readonly kind: 'facts';
      readonly rows: readonly (readonly [label: string, value: Cell | readonly Cell[]])[];
    }
  | {
      readonly kind: 'figures';
      readonly items: readonly { readonly value: string; readonly label: string; readonly tone?: Tone }[];
    }
  | { readonly kind: 'list'; readonly items: readonly Cell[] }
  | Table
  | Chart;

export interface Section {
  /** Stable over languages; the anchor. */
  readonly id: string;
  readonly number: number;
  readonly title: string;
  readonly blocks: readonly Block[];
}

export interface ReportDocument {
  readonly language: string;
  readonly title: string;
  readonly subtitle: string;
  /** On the cover, under the title. */
  readonly cover: readonly (readonly [label: string, value: Cell])[];
  readonly contents: string;
  /** At the foot of each printed page. */
  readonly footer: string;
  readonly sections: readonly Section[];
}

/** A table's first rows, and how many more there are. */
export function bounded<T>(
  items: readonly T[],
  most: number,
): { readonly shown: readonly T[]; readonly hidden: number } {
  return { shown: items.slice(0, most), hidden: Math.max(0, items.length - most) };
}
