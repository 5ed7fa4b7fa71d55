/** Settings as the command line and the environment give them, accepted without the schema where they are plainly right. */
import { ACTIONS } from '../findings/finding.ts';
import { LEVELS } from '../telemetry/log.ts';
import type { Config } from './schema.ts';
import { parseSize } from './size.ts';
import { ENGINES, ON_ERROR } from './values.ts';

/** What a setting means, or undefined when that is for the schema to say. */
type Accept<T> = (value: unknown) => T | undefined;

const oneOf =
  <T>(values: readonly T[]): Accept<T> =>
  (value) =>
    values.find((candidate) => candidate === value);
const text: Accept<string> = (value) => (typeof value === 'string' && value !== '' ? value : undefined);
const size: Accept<number> = (value) => (typeof value === 'string' ? parseSize(value) : undefined);
const flag: Accept<boolean> = (value) => (typeof value === 'boolean' ? value : undefined);
const texts: Accept<string[]> = (value) => {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  return value.every((item) => text(item) !== undefined) ? value : undefined;
};

const ACCEPT: { readonly [Name in keyof Config]: Accept<NonNullable<Config[Name]>> } = {
  rules: texts,
  engine: oneOf(ENGINES),
  action: oneOf(ACTIONS),
  keyFile: text,
  maxLine: size,
  overlap: size,
  onError: oneOf(ON_ERROR),
  knownSecrets: texts,
  findings: text,
  summary: text,
  stats: flag,
  logLevel: oneOf(LEVELS),
};

/** @returns the setting as the schema would give it, or undefined when it has to be asked */
export function acceptPlainly(name: keyof Config, value: unknown): Config[keyof Config] {
  return ACCEPT[name]?.(value);
}
