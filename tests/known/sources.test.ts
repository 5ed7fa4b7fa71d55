import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { knownValuesOf, readKnownValues } from '../../src/known/sources.ts';
import { temporaryFolder } from '../support/folders.ts';

function valuesOf(text: string | Buffer): string[] {
  const path = join(temporaryFolder(), 'secrets');
  writeFileSync(path, text, { mode: 0o600 });
  return readKnownValues([path], {}).values.map((value) => value.toString('latin1'));
}

describe('a file', () => {
  test.each([
    [
      'a value a line',
      'first-value\r\n\n  second value \nbase64Value==',
      ['first-value', 'second value', 'base64Value=='],
    ],
    [
      'names',
      'A=value-1\nexport B_2=value-2\n# no value\nC = not a name',
      ['value-1', 'value-2', 'C = not a name', 'not a name'],
    ],
    ['quotes', `A='single \\n'\nB="double \\"x\\" # y"`, ['single \\n', 'double "x" # y']],
    [
      'a value of several lines, and its lines',
      'A="first line of a value\\nshort\nthird line of a value"\nB=value-2',
      [
        'first line of a value\nshort\nthird line of a value',
        'first line of a value',
        'third line of a value',
        'value-2',
      ],
    ],
    [
      'an armoured key as it stands',
      '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq\n-----END PRIVATE KEY-----\nnext-value',
      [
        '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq\n-----END PRIVATE KEY-----',
        'MIIEvQIBADANBgkq',
        'next-value',
      ],
    ],
  ])('%s', (_, text, expected) => {
    expect(valuesOf(text)).toEqual(expected);
  });

  test.each([
    ['a byte order mark', '\xef\xbb\xbffirst-value\nsecond-value', ['first-value', 'second-value']],
    ['blanks around the sign', 'PASSWORD = spacedsecret1', ['spacedsecret1']],
    [
      'YAML',
      'PASSWORD: yamlsecret1\nSECRETS:\n  - listsecret1\nQ: "quotedsecret1" # x',
      ['yamlsecret1', 'listsecret1', 'quotedsecret1'],
    ],
    ['names of other letters', 'my-secret.key=abcdef123456', ['abcdef123456', 'my-secret.key=abcdef123456']],
    [
      'a comment',
      'A=csecret99 # comment\nbaresecret9\t# more',
      ['csecret99', 'csecret99 # comment', 'baresecret9'],
    ],
    ['JSON', '"password": "jsonsecret1",\n"token":"jsonsecret2"', ['jsonsecret1', 'jsonsecret2']],
    [
      'other signs',
      'a := gosecret12\nb => rubysecret1\nset W=winsecret1',
      ['gosecret12', 'rubysecret1', 'winsecret1'],
    ],
    ['quotes without a name', `'alonesecret'`, ['alonesecret', `'alonesecret'`]],
  ])('is taken in every reading that its form allows: %s', (_, text, expected) => {
    expect(valuesOf(Buffer.from(text, 'latin1'))).toEqual(expect.arrayContaining(expected));
  });

  test('an address and base64 have one reading', () => {
    expect(valuesOf('https://host/path\nQUJDREVGRw==')).toEqual(['https://host/path', 'QUJDREVGRw==']);
  });

  test('a value that a form makes too short is refused, not left unprotected', () => {
    expect(() => valuesOf('PIN: 12345')).toThrow(/secrets:1:1: expected at least 6 bytes/);
    expect(() => valuesOf('A=abc # comment')).toThrow(/secrets:1:1: expected at least 6 bytes/);
  });

  test('UTF-16 is refused', () => {
    const text = Buffer.from('\ufefffirst-value', 'utf16le');
    expect(() => valuesOf(text)).toThrow(/secrets:1:1: expected UTF-8 text/);
  });

  test('values that are no UTF-8', () => {
    expect(valuesOf(Buffer.from('A=\xff\xfe\x80\xff\xfe\x81', 'latin1'))).toEqual([
      '\xff\xfe\x80\xff\xfe\x81',
    ]);
  });

  test('what can not be used is named with its line, never told', () => {
    const text = 'good-value\nzQ9k\nNAME=vW7\nD="open';
    let message = '';
    try {
      valuesOf(text);
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toMatch(/secrets:2:1: expected at least 6 bytes/);
    expect(message).toMatch(/secrets:3:1: /);
    expect(message).toMatch(/secrets:4:1: expected a quote/);
    expect(message).not.toMatch(/zQ9k|vW7|open"?$/);
  });

  test('without values, or without a file', () => {
    expect(() => valuesOf('# only a comment\n')).toThrow(/expected known secrets/);
    expect(() => readKnownValues(['/no/such/file'], {})).toThrow(/no such file/);
  });

  test('that others may read is warned of', () => {
    const path = join(temporaryFolder(), 'secrets');
    writeFileSync(path, 'first-value');
    chmodSync(path, 0o640);
    expect(readKnownValues([path], {}).warnings).toEqual([expect.stringMatching(/mode 640.*chmod 600/)]);
    chmodSync(path, 0o600);
    expect(readKnownValues([path], {}).warnings).toEqual([]);
  });
});

test('the environment', () => {
  const env = { S_A: 'value-1', S_B: '', S_C: 'value-3', OTHER: 'x' };
  expect(readKnownValues(['env:S_'], env).values.map(String)).toEqual(['value-1', 'value-3']);
  expect(() => readKnownValues(['env:T_'], env)).toThrow(/no variable/);
  expect(() => readKnownValues(['env:'], env)).toThrow(/prefix/);
  expect(() => readKnownValues(['env:S_'], { S_D: 'abc' })).toThrow(/env:S_D: expected at least 6 bytes/);
});

test('the values of a program', () => {
  expect(() => knownValuesOf(['long-enough', 'short'])).toThrow('knownSecrets[1]: expected at least 6 bytes');
});
