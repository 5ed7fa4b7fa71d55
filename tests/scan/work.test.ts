/** Promise 5: no input takes more than linear work. Counted in calls and bytes, so that the machine does not matter. */
import { describe, expect, test, vi } from 'vitest';
import type { PatternEngine, PatternMatch, PatternSpec } from '../../src/engine/engine.ts';
import { Re2Engine } from '../../src/engine/re2Engine.ts';
import type * as DecodeModule from '../../src/json/decode.ts';
import { JsonTokens } from '../../src/json/tokens.ts';
import { feed, packs, streamWith } from './support.ts';

const decoded = vi.hoisted(() => ({ bytes: 0 }));

vi.mock('../../src/json/decode.ts', async (original) => {
  const real = await original<typeof DecodeModule>();
  const decodeString: typeof real.decodeString = (source, start, end, ...rest) => {
    decoded.bytes += end - start;
    real.decodeString(source, start, end, ...rest);
  };
  return { ...real, decodeString };
});

/** Counts what is asked of the engine behind it. */
class CountingEngine implements PatternEngine {
  calls = 0;
  /** Bytes between the place where a search began and the end of what it found. */
  bytes = 0;
  readonly #engine: PatternEngine;

  constructor(patterns: readonly PatternSpec[]) {
    this.#engine = new Re2Engine(patterns);
  }

  get match(): PatternMatch {
    return this.#engine.match;
  }

  select(view: Buffer): readonly number[] {
    this.calls++;
    this.bytes += view.length;
    return this.#engine.select(view);
  }

  find(pattern: number, view: Buffer, from: number): boolean {
    this.calls++;
    const found = this.#engine.find(pattern, view, from);
    this.bytes += (found ? this.match.end : view.length) - from;
    return found;
  }
}

interface Work {
  readonly calls: number;
  readonly bytes: number;
  readonly decodedBytes: number;
  readonly names: number;
}

const rules = packs('all');
const names = vi.spyOn(JsonTokens.prototype, 'keyName');

/** One for all inputs: compiling the rules takes longer than most of them. */
function counting(maxLine: string): (text: string) => Work {
  let engine: CountingEngine | undefined;
  const { stream } = streamWith(
    rules,
    ({ patterns }) => {
      engine = new CountingEngine(patterns);
      return engine;
    },
    { maxLine },
  );
  const counted = engine as unknown as CountingEngine;
  return (text) => {
    decoded.bytes = 0;
    names.mockClear();
    const { calls, bytes } = counted;
    feed(stream, [text]);
    return {
      calls: counted.calls - calls,
      bytes: counted.bytes - bytes,
      decodedBytes: decoded.bytes,
      names: names.mock.calls.length,
    };
  };
}

const whole = counting('8MiB');
const inWindows = counting('4KiB');

/** Twice the input may take twice the work, and a little more that does not depend on the input. */
function expectLinear(make: (size: number) => string, size: number, workFor = whole, slack = 2000): void {
  const once = workFor(make(size));
  const twice = workFor(make(2 * size));
  for (const what of ['calls', 'bytes', 'decodedBytes', 'names'] as const) {
    expect(twice[what], what).toBeLessThanOrEqual(2.2 * once[what] + slack);
  }
}

const JSON_PEM = '-----BEGIN PRIVATE KEY-----\\n';
const INPUTS: readonly [string, (size: number) => string, number][] = [
  ['begins of blocks on one line', (n) => '-----BEGIN PRIVATE KEY-----'.repeat(n), 400],
  ['begins of blocks in one JSON string', (n) => `{"a":"${JSON_PEM.repeat(n)}"}`, 400],
  ['begins of blocks in JSON strings', (n) => `[${`"${JSON_PEM}",`.repeat(n)}1]`, 400],
  ['begins of blocks on lines', (n) => '-----BEGIN PRIVATE KEY-----\n'.repeat(n), 400],
  ['blocks', (n) => `${JSON_PEM}-----END PRIVATE KEY-----`.repeat(n), 300],
  ['groups of digits', (n) => '4111 1111 2222 '.repeat(n), 300],
  ['digits', (n) => '4'.repeat(n * 20), 300],
  ['digits and dots', (n) => '1.2.3.4.'.repeat(n), 300],
  ['open objects', (n) => '{"a":'.repeat(n), 1000],
  ['open objects under a password’s key', (n) => `{"password":${'{"a":'.repeat(n)}${'"x1",'.repeat(n)}`, 500],
  [
    'nested objects under a key written with escapes',
    (n) => `{"p\\u0061ssword":${'{"a":'.repeat(n)}[${'11,'.repeat(n)}11]${'}'.repeat(n)}}`,
    500,
  ],
  ['placeholders', (n) => '[REDACTED:email] '.repeat(n), 500],
  ['placeholders and addresses', (n) => '[REDACTED:email] ana@example.com '.repeat(n), 300],
  ['placeholders in a value', (n) => `password="${'[REDACTED:email] x '.repeat(n)}"`, 300],
  ['keys', (n) => `{${Array.from({ length: n }, (_, index) => `"k${index}":1`).join()}}`, 2000],
  ['keys of one name', (n) => `{${'"password":"x1",'.repeat(n)}"a":1}`, 300],
  ['escaped strings', (n) => `[${'"\\u0041",'.repeat(n)}1]`, 500],
  ['addresses in one escaped string', (n) => `{"a":"${'ana@example.com\\n'.repeat(n)}"}`, 300],
  [
    'addresses in a nested document',
    (n) => JSON.stringify({ a: JSON.stringify({ b: 'ana@example.com\n'.repeat(n) }) }),
    200,
  ],
  ['backslashes', (n) => `"${'\\'.repeat(2 * n)}"`, 2000],
  ['quotes', (n) => '"'.repeat(n), 2000],
  ['numbers in brackets behind blanks', (n) => `${' '.repeat(n)}${'[4111111111111111] '.repeat(n)}`, 300],
  ['members of keys without an end', (n) => `${'"d":"x81hK20pqLz94TmVk29XqT71",'.repeat(n)}"kty"`, 200],
  ['URLs without a host', (n) => '://a:1@'.repeat(n), 300],
  ['assignments', (n) => 'password=a '.repeat(n), 300],
  ['quotes of a password that do not close', (n) => 'password="'.repeat(n), 300],
  ['parameters of an Authorization header', (n) => `Authorization: Digest ${'a="b",'.repeat(n)}`, 300],
  ['commands', (n) => `curl ${'-u a:b '.repeat(n)}`, 300],
];

describe('work is linear', () => {
  test.each(INPUTS)('%s', (_, make, size) => {
    expectLinear(make, size);
  });

  test.each(INPUTS)('%s, in windows of a long line', (_, make, size) => {
    expectLinear(make, size * 4, inWindows, 3 * 4096);
  });
});
