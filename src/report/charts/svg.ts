/** Pieces of SVG. Colours are the style sheet's variables, so charts follow light, dark and paper. */
import { escapeHtml } from '../escape.ts';

/** Width of every chart in its own units; a unit is a CSS pixel where there is room. */
export const WIDTH = 760;
const FONT_SIZE = 12;
/** Of a sans-serif character at that size: a guess on the wide side, to cut labels before they collide. */
const CHARACTER_WIDTH = 6.9;

export interface SvgParts {
  /** Unique in the document. */
  readonly id: string;
  readonly title: string;
  /** What it shows, in words. */
  readonly description: string;
  readonly height: number;
  readonly body: readonly string[];
}

/** A picture with a name and a description: WAI-ARIA graphics, `img`. */
export function svg({ id, title, description, height, body }: SvgParts): string {
  return (
    `<svg id="${id}" role="img" aria-labelledby="${id}-t ${id}-d" viewBox="0 0 ${WIDTH} ${round(height)}" font-size="${FONT_SIZE}">` +
    `<title id="${id}-t">${escapeHtml(title)}</title><desc id="${id}-d">${escapeHtml(description)}</desc>${body.join('')}</svg>`
  );
}

export interface RectOptions {
  readonly fill: string;
  readonly opacity?: number;
  readonly title?: string;
}

export function rect(x: number, y: number, width: number, height: number, options: RectOptions): string {
  const { fill, opacity, title } = options;
  const tip = title === undefined ? '' : `<title>${escapeHtml(title)}</title>`;
  const alpha = opacity === undefined ? '' : ` fill-opacity="${round(opacity)}"`;
  return `<rect x="${round(x)}" y="${round(y)}" width="${round(Math.max(0, width))}" height="${round(Math.max(0, height))}" fill="${fill}"${alpha}>${tip}</rect>`;
}

export interface LabelOptions {
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly fill?: string;
  readonly weight?: number;
  /** Longer text is cut, in units of the chart; the whole shows as its tip. */
  readonly width?: number;
}

/** @param y of the base line */
export function label(x: number, y: number, text: string, options: LabelOptions = {}): string {
  const { anchor = 'start', fill = 'var(--ink)', weight, width } = options;
  const most = width === undefined ? text.length : Math.max(2, Math.floor(width / CHARACTER_WIDTH));
  const characters = [...text];
  const isCut = characters.length > most;
  const shown = isCut ? `${characters.slice(0, most - 1).join('')}…` : text;
  const tip = isCut ? `<title>${escapeHtml(text)}</title>` : '';
  const bold = weight === undefined ? '' : ` font-weight="${weight}"`;
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" fill="${fill}"${bold}>${escapeHtml(shown)}${tip}</text>`;
}

export function line(
  x1: number,
  y1: number,
  x2: number,
  y2: number,
  stroke = 'var(--line)',
  extra = '',
): string {
  return `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" stroke="${stroke}"${extra}/>`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
