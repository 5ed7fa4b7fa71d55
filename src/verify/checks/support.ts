/** What several checks need. */
import { printable } from '../../audit/printable.ts';
import type { Outcome } from '../check.ts';
import type { Context } from '../context.ts';
import type { Deployment } from '../deployment.ts';
import type { Gap } from '../logs/files.ts';
import { type RedisReader, RedisUnavailable } from '../probes/redis.ts';

const MOST_LISTED = 20;

/** Asks Redis; where it can't be asked the outcome is unknown, and check 6 says what to do. */
export async function askRedis(
  context: Context,
  ask: (redis: RedisReader) => Promise<Outcome>,
): Promise<Outcome> {
  try {
    return await ask(await context.redis());
  } catch (error) {
    if (!(error instanceof RedisUnavailable)) throw error;
    return {
      status: 'unknown',
      observed: `Redis can't be asked: ${error.message}`,
      recommendation: 'See check 6, Redis.',
    };
  }
}

export function notConfigured(what: string, setting: string, id: string): Outcome {
  return {
    status: 'unknown',
    observed: `${what} is not configured`,
    recommendation: `Set \`${setting}\`, or leave the check out with \`deployment.skip: [${id}]\`.`,
  };
}

export const logsOf = ({ logs = [] }: Deployment): readonly string[] =>
  logs.map((pattern) => `reads the end of ${printable(pattern)}`);

export const shownGaps = (gaps: readonly Gap[]): string[] =>
  listed(gaps.map(({ path, reason }) => `not looked at: ${printable(path)}: ${reason}`));

/** The first lines, and how many there are beside. */
export function listed(lines: readonly string[], most = MOST_LISTED): string[] {
  const more = lines.length - most;
  return more > 0 ? [...lines.slice(0, most), `and ${more} more`] : [...lines];
}

/** `FILE:LINE`, or by its byte where the lines before were not counted. */
export function shownPlace(place: {
  readonly path: string;
  readonly line: number | undefined;
  readonly offset: number;
}): string {
  const { path, line, offset } = place;
  return `${printable(path)}:${line === undefined ? `byte ${offset}` : line}`;
}
