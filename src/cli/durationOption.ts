/** Options that are times. */
import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../config/duration.ts';

/** @returns milliseconds */
export function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined || ms <= 0)
    throw new InvalidArgumentError('expected a time such as 500ms, 30s, 5m or 24h');
  return ms;
}
