/** Upright bars over an axis: time, age, confidence. */
import { scaleBand, scaleLinear } from 'd3-scale';
import type { Part } from './stackedBars.ts';
import { label, line, rect, svg, WIDTH } from './svg.ts';

interface Bin {
  readonly label: string;
  /** From the ground up. */
  readonly parts: readonly Part[];
  /** Above it. */
  readonly value?: string;
}

export interface ColumnsOptions {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly bins: readonly Bin[];
  readonly format: (value: number) => string;
  readonly legend?: readonly { readonly label: string; readonly fill: string }[];
  /** A line before a bin, with what it means. */
  readonly mark?: { readonly before: number; readonly label: string };
}

const LEFT = 54;
const TOP = 28;
const PLOT_HEIGHT = 170;
/** Labels need so much room. */
const LABEL_WIDTH = 78;
const LEGEND_COLUMN = 176;

export function columns(options: ColumnsOptions): string {
  const { id, title, description, bins, format, legend = [], mark } = options;
  const most = Math.max(1, ...bins.map(sum));
  const x = scaleBand(
    bins.map((_, index) => index),
    [LEFT, WIDTH],
  ).padding(bins.length > 30 ? 0.08 : 0.22);
  const y = scaleLinear([0, most], [TOP + PLOT_HEIGHT, TOP]).nice(4);
  const body: string[] = [];
  for (const tick of y.ticks(4).filter(Number.isInteger)) {
    body.push(
      line(LEFT, y(tick), WIDTH, y(tick)),
      label(LEFT - 8, y(tick) + 4, format(tick), { anchor: 'end', fill: 'var(--soft)' }),
    );
  }
  const every = Math.ceil((bins.length * LABEL_WIDTH) / (WIDTH - LEFT));
  for (const [index, bin] of bins.entries()) {
    const left = x(index) ?? 0;
    const middle = left + x.bandwidth() / 2;
    let at = 0;
    for (const part of bin.parts) {
      if (part.value === 0) continue;
      const top = y(at + part.value);
      const tip = `${bin.label}: ${part.label} ${format(part.value)}`;
      body.push(rect(left, top, x.bandwidth(), Math.max(1, y(at) - top), { fill: part.fill, title: tip }));
      at += part.value;
    }
    if (bin.value !== undefined && at > 0)
      body.push(label(middle, y(at) - 5, bin.value, { anchor: 'middle' }));
    if (index % every === 0) {
      // The last label must not stick out.
      const isLast = middle > WIDTH - LABEL_WIDTH / 2;
      body.push(
        label(isLast ? WIDTH : middle, TOP + PLOT_HEIGHT + 18, bin.label, {
          anchor: isLast ? 'end' : 'middle',
          fill: 'var(--soft)',
          width: LABEL_WIDTH * every,
        }),
      );
    }
  }
  if (mark !== undefined) {
    const at = (x(mark.before) ?? WIDTH) - (x.step() * x.paddingInner()) / 2;
    const isRight = at > WIDTH / 2;
    body.push(
      line(at, 14, at, TOP + PLOT_HEIGHT, 'var(--warning)', ' stroke-width="2" stroke-dasharray="5 3"'),
      label(at + (isRight ? -6 : 6), 12, mark.label, {
        anchor: isRight ? 'end' : 'start',
        fill: 'var(--warning)',
        weight: 600,
      }),
    );
  }
  const bottom = TOP + PLOT_HEIGHT + 34;
  for (const [index, entry] of legend.entries()) {
    const left = LEFT + index * LEGEND_COLUMN;
    body.push(
      rect(left, bottom, 11, 11, { fill: entry.fill }),
      label(left + 17, bottom + 10, entry.label, { width: LEGEND_COLUMN - 22 }),
    );
  }
  return svg({ id, title, description, body, height: bottom + (legend.length > 0 ? 18 : -8) });
}

function sum({ parts }: Bin): number {
  return parts.reduce((total, { value }) => total + value, 0);
}
