/** A table of counts as shades: entities down, services across. The numbers stand in the cells. */
import { scaleBand, scaleLog } from 'd3-scale';
import { label, rect, svg, WIDTH } from './svg.ts';

export interface HeatMapOptions {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** @returns 0 for nothing */
  readonly valueAt: (row: string, column: string) => number;
  /** Short, as `12k`. */
  readonly format: (value: number) => string;
}

const LABELS_WIDTH = 190;
const HEAD_HEIGHT = 148;
/** Names of columns stand aslant: so long, and so far to the right of the last column. */
const NAME_LENGTH = 165;
const NAME_ANGLE = -52;
const NAME_ROOM = 100;
const ROW_HEIGHT = 26;
/** Up to here the ink of the page is readable on the shade, in light and dark. */
const LIGHTEST = 0.1;
const DARKEST = 0.55;

export function heatMap(options: HeatMapOptions): string {
  const { id, title, description, rows, columns, valueAt, format } = options;
  const most = Math.max(2, ...rows.flatMap((row) => columns.map((column) => valueAt(row, column))));
  // Counts spread over orders of magnitude: a linear scale would show one cell and hide the others.
  const shade = scaleLog([1, most], [LIGHTEST, DARKEST]).clamp(true);
  const x = scaleBand(
    columns.map((_, index) => index),
    [LABELS_WIDTH, WIDTH - NAME_ROOM],
  ).paddingInner(0.04);
  const y = scaleBand(
    rows.map((_, index) => index),
    [HEAD_HEIGHT, HEAD_HEIGHT + rows.length * ROW_HEIGHT],
  ).paddingInner(0.06);
  const body: string[] = [];
  for (const [index, column] of columns.entries()) {
    const at = (x(index) ?? 0) + x.bandwidth() / 2 + 4;
    body.push(
      `<g transform="translate(${Math.round(at)} ${HEAD_HEIGHT - 8}) rotate(${NAME_ANGLE})">${label(0, 0, column, { width: NAME_LENGTH })}</g>`,
    );
  }
  for (const [index, row] of rows.entries()) {
    const top = y(index) ?? 0;
    const base = top + y.bandwidth() / 2 + 4;
    body.push(label(LABELS_WIDTH - 10, base, row, { anchor: 'end', width: LABELS_WIDTH - 14 }));
    for (const [place, column] of columns.entries()) {
      const value = valueAt(row, column);
      const left = x(place) ?? 0;
      const fill = value === 0 ? 'var(--sheet)' : 'var(--heat-1)';
      const opacity = value === 0 ? 1 : shade(value);
      body.push(
        rect(left, top, x.bandwidth(), y.bandwidth(), {
          fill,
          opacity,
          title: `${row}, ${column}: ${value}`,
        }),
      );
      if (value > 0) body.push(label(left + x.bandwidth() / 2, base, format(value), { anchor: 'middle' }));
    }
  }
  return svg({ id, title, description, body, height: HEAD_HEIGHT + rows.length * ROW_HEIGHT });
}
