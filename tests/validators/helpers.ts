import { expect } from 'vitest';
import { validators } from '../../src/validators/registry.ts';
import type { Validator } from '../../src/validators/validator.ts';

const encoder = new TextEncoder();

export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

function validator(name: string): Validator {
  const found = validators.get(name);
  if (found === undefined) throw new Error(`no validator ${name}`);
  return found;
}

/** What the validator says of the text, asked alone and in the middle of other bytes. */
export function check(name: string, text: string): boolean {
  const validate = validator(name);
  const bytes = utf8(text);
  const alone = validate(bytes, 0, bytes.length);
  for (const filler of [0x30, 0x2e, 0x61, 0xff]) {
    const padded = new Uint8Array(bytes.length + 10).fill(filler);
    padded.set(bytes, 5);
    expect(validate(padded, 5, 5 + bytes.length), `${name} of ${text} amid 0x${filler.toString(16)}`).toBe(
      alone,
    );
  }
  return alone;
}

export function accepts(name: string, texts: readonly string[]): void {
  expect(texts.filter((text) => !check(name, text))).toEqual([]);
}

export function refuses(name: string, texts: readonly string[]): void {
  expect(texts.filter((text) => check(name, text))).toEqual([]);
}
