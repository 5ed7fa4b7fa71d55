/** Bars, curves and lines of a given width. Every character drawn here is one column wide. */
import type { Paint, Style } from '../telemetry/colour.ts';

/** Blocks where the terminal has them, ASCII where not. */
export interface Glyphs {
  readonly full: string;
  readonly empty: string;
  readonly rule: string;
  /** From low to high. */
  readonly steps: readonly string[];
  readonly dot: string;
}

const BLOCKS: Glyphs = { full: '█', empty: '░', rule: '─', steps: [...'▁▂▃▄▅▆▇█'], dot: '●' };
const ASCII: Glyphs = { full: '#', empty: '.', rule: '-', steps: [...'_.:-=+*#'], dot: '*' };

/** POSIX: the first of these that is set says how text is encoded. */
export function glyphsFor(env: NodeJS.ProcessEnv): Glyphs {
  const locale =
    [env.LC_ALL, env.LC_CTYPE, env.LANG].find((value) => value !== undefined && value !== '') ?? '';
  return /utf-?8/i.test(locale) ? BLOCKS : ASCII;
}

/** @param share 0 to 1; more is drawn as 1 */
export function bar(share: number, width: number, glyphs: Glyphs): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * width);
  return glyphs.full.repeat(full) + glyphs.empty.repeat(width - full);
}

/** The last values, newest right; nothing and zero stay at the bottom. */
export function curve(values: readonly number[], width: number, glyphs: Glyphs): string {
  const shown = values.slice(-width);
  const most = Math.max(...shown, 0);
  const [bottom = ' '] = glyphs.steps;
  const step = (value: number): string => {
    if (most === 0 || value <= 0) return bottom;
    return glyphs.steps[Math.max(1, Math.ceil((value / most) * (glyphs.steps.length - 1)))] ?? bottom;
  };
  return shown.map(step).join('').padStart(width, bottom);
}

/** A piece of a line; styles have no width. */
export type Piece = string | readonly [style: Style, text: string];

/** Pieces, cut at the width. What is not Latin is replaced: how wide it is depends on the terminal. */
export function line(pieces: readonly Piece[], width: number, paint: Paint): string {
  let left = width;
  let text = '';
  for (const piece of pieces) {
    if (left <= 0) break;
    const [style, plain] = typeof piece === 'string' ? [undefined, piece] : piece;
    const cut = plain.replace(/[^\u0020-\u007e\u00a1-\u024f─-▟●]/gu, '?').slice(0, left);
    left -= cut.length;
    text += style === undefined ? cut : paint(style, cut);
  }
  return text;
}
