/** Horizontal bars, each made of parts: severities, coverage, entities. */
import { scaleLinear } from 'd3-scale';
import { label, rect, svg, WIDTH } from './svg.ts';

export interface Part {
  readonly label: string;
  readonly value: number;
  /** A colour of the style sheet, `var(--high)`. */
  readonly fill: string;
}

interface Bar {
  /** Left of it; without one bars begin at the edge. */
  readonly label?: string;
  readonly parts: readonly Part[];
  /** Right of it. */
  readonly total?: string;
}

export interface StackedBarsOptions {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly bars: readonly Bar[];
  /** Parts named under the bars, with their values. */
  readonly legend: readonly { readonly label: string; readonly fill: string }[];
  /** Whether each bar fills the width, to show shares, or all share one scale. */
  readonly isShare: boolean;
  readonly tip: (part: Part, bar: Bar) => string;
}

const LABELS_WIDTH = 190;
const TOTALS_WIDTH = 74;
const LEGEND_COLUMN = 190;
const LEGEND_ROW = 20;
/** Parts touch; a gap of the ground's colour keeps neighbours apart. */
const GAP = 1.5;

export function stackedBars(options: StackedBarsOptions): string {
  const { id, title, description, bars, legend, isShare, tip } = options;
  const left = bars.some((bar) => bar.label !== undefined) ? LABELS_WIDTH : 0;
  const right = bars.some(({ total }) => total !== undefined) ? TOTALS_WIDTH : 0;
  const height = bars.length === 1 ? 34 : 20;
  const step = height + 8;
  const most = Math.max(1, ...bars.map(sum));
  const body: string[] = [];
  for (const [index, bar] of bars.entries()) {
    const y = index * step;
    const x = scaleLinear([0, isShare ? Math.max(1, sum(bar)) : most], [left, WIDTH - right]);
    const middle = y + height / 2 + 4;
    if (bar.label !== undefined)
      body.push(label(left - 10, middle, bar.label, { anchor: 'end', width: left - 14 }));
    let at = 0;
    for (const part of bar.parts) {
      if (part.value === 0) continue;
      const width = Math.max(GAP, x(at + part.value) - x(at) - GAP);
      body.push(rect(x(at), y, width, height, { fill: part.fill, title: tip(part, bar) }));
      at += part.value;
    }
    if (bar.total !== undefined)
      body.push(label((isShare ? x.range()[1] : x(at)) + 6, middle, bar.total, { fill: 'var(--soft)' }));
  }
  const top = bars.length * step + 6;
  const columns = Math.floor(WIDTH / LEGEND_COLUMN);
  for (const [index, entry] of legend.entries()) {
    const x = (index % columns) * LEGEND_COLUMN;
    const y = top + Math.floor(index / columns) * LEGEND_ROW;
    body.push(
      rect(x, y, 11, 11, { fill: entry.fill }),
      label(x + 17, y + 10, entry.label, { width: LEGEND_COLUMN - 24 }),
    );
  }
  return svg({ id, title, description, body, height: top + Math.ceil(legend.length / columns) * LEGEND_ROW });
}

function sum({ parts }: Bar): number {
  return parts.reduce((total, { value }) => total + value, 0);
}
