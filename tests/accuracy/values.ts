/**
 * Made-up values of the accuracy set. Identification numbers are drawn at random until the check of their entity
 * accepts one; the checks themselves are held to values of other implementations in tests/validators.
 */
import type { Random } from '../../src/bench/random.ts';
import { validators } from '../../src/validators/registry.ts';

const ALPHABETS: Readonly<Record<string, string>> = {
  '#': '0123456789',
  A: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  a: 'abcdefghijklmnopqrstuvwxyz',
  h: '0123456789abcdef',
  H: '0123456789ABCDEF',
  w: '0123456789abcdefghijklmnopqrstuvwxyz',
  W: '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  b: '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz',
  u: '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_',
};

/** So many draws without a valid number mean that shape and check do not fit. */
const MAX_DRAWS = 100_000;

/**
 * A value of a shape: `{h32}` is 32 hexadecimal digits, `{#4}` four digits, `{b20}` 20 of base62, and so on by
 * `ALPHABETS`; everything else stands for itself.
 */
export function shaped(random: Random, shape: string): string {
  return shape.replace(/\{(.)(\d+)\}/g, (_, kind: string, count: string) => {
    const alphabet = ALPHABETS[kind] ?? '';
    return Array.from({ length: Number(count) }, () => alphabet[random.below(alphabet.length)]).join('');
  });
}

/**
 * A value of a shape that all checks, validators by name, accept.
 * @throws if none of many draws is valid
 */
export function valid(random: Random, shape: string, ...checks: readonly string[]): string {
  for (let draw = 0; draw < MAX_DRAWS; draw++) {
    const value = shaped(random, shape);
    const bytes = Buffer.from(value);
    if (checks.every((name) => validators.get(name)?.(bytes, 0, bytes.length))) return value;
  }
  throw new Error(`no value of shape ${shape} passes ${checks.join()}`);
}

/** Two hexadecimal digits a character, as in a base64 of nothing that is text: standard alphabet, padded. */
export function base64(random: Random, bytes: number): string {
  return Buffer.from(shaped(random, `{h${bytes * 2}}`), 'hex').toString('base64');
}

/** A JSON Web Token with a header and a payload that decode. */
export function jwt(random: Random): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const payload = { sub: shaped(random, '{#10}'), iat: 1773480067 + random.below(1_000_000) };
  return `${part({ alg: 'HS256', typ: 'JWT' })}.${part(payload)}.${shaped(random, '{u43}')}`;
}
