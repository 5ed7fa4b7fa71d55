/**
 * Colours for people: only at a terminal, and not where NO_COLOR (https://no-color.org) says no. Asks about the file
 * descriptor itself, because touching `process.stdout` would make the pipe non-blocking, also for those who share it.
 */
import { isatty } from 'node:tty';
import { styleText } from 'node:util';

export type Style = Parameters<typeof styleText>[0];

/** Puts a text in a style, or gives it back as it is. */
export type Paint = (style: Style, text: string) => string;

export const plainPaint: Paint = (_style, text) => text;

/** How to paint what is written to a file descriptor. */
export function paintFor(fd: number, env: NodeJS.ProcessEnv = process.env): Paint {
  const isWanted = env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '0';
  const isRefused = (env.NO_COLOR !== undefined && env.NO_COLOR !== '') || env.TERM === 'dumb';
  return !isRefused && (isWanted || isatty(fd)) ? (style, text) => styleText(style, text) : plainPaint;
}
