/** How a number went from audit to audit. */
import { scaleLinear, scalePoint } from 'd3-scale';
import { line as lineOf } from 'd3-shape';
import { label, line, svg, WIDTH } from './svg.ts';

interface TrendPoint {
  readonly label: string;
  readonly value: number;
}

export interface TrendLineOptions {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  /** The earliest first; at least two. */
  readonly points: readonly TrendPoint[];
  readonly format: (value: number) => string;
}

const SIDE = 60;
const TOP = 30;
const PLOT_HEIGHT = 110;
const LABEL_WIDTH = 96;

export function trendLine({ id, title, description, points, format }: TrendLineOptions): string {
  const x = scalePoint(
    points.map((_, index) => index),
    [SIDE, WIDTH - SIDE],
  );
  const y = scaleLinear([0, Math.max(1, ...points.map(({ value }) => value))], [TOP + PLOT_HEIGHT, TOP]);
  const xOf = (index: number): number => x(index) ?? SIDE;
  const way = lineOf<TrendPoint>()
    .x((_, index) => xOf(index))
    .y(({ value }) => y(value))
    .digits(2)(points as TrendPoint[]);
  const every = Math.ceil((points.length * LABEL_WIDTH) / (WIDTH - 2 * SIDE));
  const body = [
    line(SIDE / 2, TOP + PLOT_HEIGHT, WIDTH - SIDE / 2, TOP + PLOT_HEIGHT),
    `<path d="${way ?? ''}" fill="none" stroke="var(--bar)" stroke-width="2.5"/>`,
  ];
  for (const [index, { label: name, value }] of points.entries()) {
    body.push(
      `<circle cx="${Math.round(xOf(index))}" cy="${Math.round(y(value))}" r="4.5" fill="var(--bar)"/>`,
    );
    const isShown = (points.length - 1 - index) % every === 0;
    if (!isShown) continue;
    body.push(
      label(xOf(index), y(value) - 11, format(value), { anchor: 'middle', weight: 600 }),
      label(xOf(index), TOP + PLOT_HEIGHT + 18, name, { anchor: 'middle', fill: 'var(--soft)' }),
    );
  }
  return svg({ id, title, description, body, height: TOP + PLOT_HEIGHT + 26 });
}
