/** Holds settings that did not come from a file to the schema. */
import { UsageError } from '../errors.ts';
import { mistakesOf } from '../yaml/mistakes.ts';
import { type Config, configSchema } from './schema.ts';

/**
 * Checks settings.
 * @param source how to name them in the error, for instance `options`
 * @param shownFrom steps of a mistake's path that `source` says already
 * @throws UsageError that names each mistake by its path
 */
export function checkSettings(settings: Record<string, unknown>, source: string, shownFrom = 0): Config {
  const parsed = configSchema.safeParse(settings);
  if (parsed.success) return withoutUndefined(parsed.data);
  const mistakes = parsed.error.issues.flatMap((issue) => mistakesOf(issue, shownFrom));
  throw new UsageError(`${source}: ${mistakes.map(({ message }) => message).join('; ')}`);
}

/** A setting without a value is one that was not made. */
export function withoutUndefined(config: Config): Config {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined));
}
