/** Charts in SVG, drawn anew for each status: bars by minute, and a line. Each has a name and a description in words. */

const SVG = 'http://www.w3.org/2000/svg';
const LEFT = 52;
const RIGHT = 6;
const TOP = 8;
const BOTTOM = 24;

/** @param attributes numbers and texts */
function svg(name, attributes = {}, children = []) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  element.append(...children);
  return element;
}

/** The smallest of 1, 2, 5, 10, 20, ... that is not below the value. */
function niceMaximum(value, least) {
  const wanted = Math.max(value, least);
  const power = 10 ** Math.floor(Math.log10(wanted));
  return [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= wanted);
}

/** A drawing as wide as its place, with its scale. */
function frame(place, { height, most, label, marks, title, description }) {
  const width = Math.max(280, place.clientWidth);
  const inner = { width: width - LEFT - RIGHT, height: height - TOP - BOTTOM };
  const y = (value) => TOP + inner.height * (1 - value / most);
  const id = place.id;
  const root = svg('svg', {
    viewBox: `0 0 ${width} ${height}`,
    role: 'img',
    'aria-labelledby': `${id}-name ${id}-words`,
  });
  root.append(svg('title', { id: `${id}-name` }, [title]), svg('desc', { id: `${id}-words` }, [description]));
  for (const value of [0, most / 2, most]) {
    root.append(svg('line', { class: 'grid', x1: LEFT, x2: width - RIGHT, y1: y(value), y2: y(value) }));
    root.append(svg('text', { x: LEFT - 8, y: y(value) + 4, 'text-anchor': 'end' }, [label(value)]));
  }
  for (const { share, text } of marks) {
    const anchor = share < 0.05 ? 'start' : share > 0.95 ? 'end' : 'middle';
    const x = LEFT + inner.width * share;
    root.append(svg('text', { x, y: height - 6, 'text-anchor': anchor }, [text]));
  }
  return { root, inner, y };
}

/**
 * Bars by minute, stacked by series.
 * @param columns `{ at, values, text }`, one value for each series, oldest first
 */
export function drawBars(place, { columns, marks, title, description }) {
  const sums = columns.map(({ values }) => values.reduce((sum, value) => sum + value, 0));
  const most = niceMaximum(Math.max(...sums), 4);
  const label = (value) => value.toLocaleString('en');
  const { root, inner, y } = frame(place, { height: 210, most, label, marks, title, description });
  const step = inner.width / columns.length;
  columns.forEach(({ values, text }, index) => {
    const column = svg('g', {}, [svg('title', {}, [text])]);
    const x = LEFT + step * index;
    // As high as the chart, so that pointing anywhere tells the minute.
    column.append(svg('rect', { x, y: TOP, width: step, height: inner.height, fill: 'transparent' }));
    let base = 0;
    values.forEach((value, series) => {
      if (value === 0) return;
      const top = y(base + value);
      const size = { x: x + step * 0.12, y: top, width: step * 0.76, height: y(base) - top };
      column.append(svg('rect', { class: `c${series + 1}`, ...size }));
      base += value;
    });
    root.append(column);
  });
  place.replaceChildren(root);
}

/** A line with its area. @param points `{ value, text }`, oldest first */
export function drawLine(place, { points, least, label, marks, title, description }) {
  const most = niceMaximum(Math.max(...points.map(({ value }) => value)), least);
  const { root, inner, y } = frame(place, { height: 150, most, label, marks, title, description });
  const step = inner.width / Math.max(1, points.length - 1);
  const way = points.map(({ value }, index) => `${(LEFT + step * index).toFixed(1)},${y(value).toFixed(1)}`);
  const last = LEFT + step * (points.length - 1);
  root.append(
    svg('path', { class: 'area', d: `M${LEFT},${y(0)}L${way.join('L')}L${last.toFixed(1)},${y(0)}Z` }),
    svg('path', { class: 'stroke', d: `M${way.join('L')}` }),
  );
  points.forEach(({ text }, index) => {
    const size = { x: LEFT + step * (index - 0.5), y: TOP, width: step, height: inner.height };
    root.append(svg('rect', { fill: 'transparent', ...size }, [svg('title', {}, [text])]));
  });
  place.replaceChildren(root);
}

/** A share of a whole; words beside it say the same. */
export function meter(share, tone) {
  const part = Math.min(1, share) * 100;
  const box = svg('svg', { viewBox: '0 0 100 4', preserveAspectRatio: 'none', 'aria-hidden': 'true' });
  box.append(svg('rect', { class: tone, width: part, height: 4 }));
  return box;
}
