/** Fingerprints: equal for equal values of one entity under one key, and for nothing else. */
import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FingerprintKey } from '../../src/findings/fingerprint.ts';
import { KEY, KEY_HEX, runner, runs } from '../scan/support.ts';

const OTHER = FingerprintKey.fromHex('f'.repeat(64), 'option');
const value = fc.uint8Array({ maxLength: 400 });
const entity = fc.constantFrom('EMAIL_ADDRESS', 'IP_ADDRESS', 'PASSWORD');

describe('a fingerprint', () => {
  test('is the HMAC of entity and value', () => {
    fc.assert(
      fc.property(entity, value, (name, bytes) => {
        const hmac = createHmac('sha256', Buffer.from(KEY_HEX, 'hex')).update(`${name}\0`).update(bytes);
        const expected = hmac.digest('hex').slice(0, 32);
        expect(KEY.fingerprint(name, bytes)).toBe(expected);
        // The second answer is a remembered one.
        expect(KEY.fingerprint(name, Buffer.from(bytes))).toBe(expected);
      }),
      runs(200),
    );
  });

  test('differs for other values, entities and keys', () => {
    fc.assert(
      fc.property(entity, value, value, (name, one, two) => {
        const print = KEY.fingerprint(name, one);
        expect(KEY.fingerprint(name, two) === print).toBe(Buffer.compare(one, two) === 0);
        expect(KEY.fingerprint(`${name}X`, one)).not.toBe(print);
        expect(OTHER.fingerprint(name, one)).not.toBe(print);
      }),
      runs(200),
    );
  });

  test('stays right when more values come than are remembered', () => {
    const first = KEY.fingerprint('A', Buffer.from('v0'));
    for (let i = 0; i < 20_000; i++) KEY.fingerprint('A', Buffer.from(`v${i}`));
    expect(KEY.fingerprint('A', Buffer.from('v0'))).toBe(first);
  });

  test('is the same for every spelling of a value', () => {
    const spellings = [
      'ana@example.com',
      '{"a":"ana@example.com"}',
      '{"a":"ana\\u0040example.com"}',
      '{"a":"\\u0061na@example.com\\n"}',
      JSON.stringify({ a: JSON.stringify({ b: 'ana@example.com' }) }),
      JSON.stringify({ a: '{"b":"ana\\u0040example.com"}' }),
    ];
    const { findings } = runner({ rules: ['pii'] }).run(spellings.join('\n'));
    expect(findings).toHaveLength(spellings.length);
    expect(new Set(findings.map(({ fingerprint }) => fingerprint))).toEqual(
      new Set([KEY.fingerprint('EMAIL_ADDRESS', Buffer.from('ana@example.com'))]),
    );
  });

  test('is what a pseudonym begins with', () => {
    const { output, findings } = runner({ rules: ['pii'], action: 'pseudonymize' }).run('x ana@example.com');
    expect(output.toString()).toBe(`x [email:${findings[0]?.fingerprint.slice(0, 10)}]`);
  });
});

describe('a key', () => {
  test('has an id that is stable and does not tell it', () => {
    expect(FingerprintKey.fromHex(KEY_HEX.toUpperCase(), 'option').id).toBe(KEY.id);
    expect(KEY.id).toMatch(/^k[0-9a-f]{8}$/);
    expect(KEY_HEX).not.toContain(KEY.id.slice(1));
    expect(OTHER.id).not.toBe(KEY.id);
    expect(JSON.stringify(KEY)).not.toContain(KEY_HEX.slice(0, 8));
  });
});
