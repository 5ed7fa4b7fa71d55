/** Lines longer than the limit: a value is found wherever it stands, whole and once, if it is shorter than the overlap. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inSingleBytes, runner, runs, spansOf, toyRules } from './support.ts';

const LIMIT = 256;
const OVERLAP = 64;
const redact = runner({ rules: ['all'], maxLine: LIMIT, overlap: OVERLAP });

/** Words that nothing is found in, `length` bytes long. */
const filler = (length: number): string =>
  'lorem ipsum dolor '.repeat(Math.ceil(length / 18)).slice(0, length);

const VALUES: readonly [string, string][] = [
  ['email', 'ana.silva@example.com'],
  ['payment-card', '4111111111111111'],
  ['iban', 'GB29NWBK60161331926819'],
  ['ipv4', '203.0.113.200'],
  ['phone-e164', '+44 20 7946 0958'],
];

describe('a value slid over the borders of windows', () => {
  test.each(VALUES)('%s in text', (rule, value) => {
    for (let at = 100; at < 100 + LIMIT + OVERLAP; at++) {
      const before = `${filler(at - 1)} `;
      const behind = ` ${filler(400)}`;
      const { output, findings } = redact.run(before + value + behind);
      expect(output.toString()).toBe(`${before}[REDACTED:${rule}]${behind}`);
      expect(spansOf(findings)).toEqual([`${at}-${at + value.length} ${rule}`]);
    }
  });

  test.each(VALUES)('%s in a JSON string with escapes', (rule, value) => {
    const escaped = value.replace(/[@+.]/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`);
    for (let at = 60; at < 60 + LIMIT + OVERLAP; at++) {
      const before = `{"a":"${filler(at)} `;
      const behind = ` ${filler(300)}","b":1}`;
      const { output, findings } = redact.run(before + escaped + behind);
      expect(output.toString()).toBe(`${before}[REDACTED:${rule}]${behind}`);
      expect(findings.map((finding) => [finding.offset, finding.length])).toEqual([
        [before.length, escaped.length],
      ]);
    }
  });

  test('a number in JSON', () => {
    for (let at = 60; at < 60 + LIMIT + OVERLAP; at++) {
      const before = `{"a":"${filler(at)}","pan":`;
      const behind = `,"b":"${filler(300)}"}`;
      expect(redact.run(`${before}4111111111111111${behind}`).output.toString()).toBe(
        `${before}"[REDACTED:payment-card]"${behind}`,
      );
    }
  });

  test('a value under a password’s key', () => {
    for (let at = 60; at < 60 + LIMIT + OVERLAP; at++) {
      const before = `{"a":"${filler(at)}","password":"`;
      const behind = `","b":"${filler(300)}"}`;
      const { output } = redact.run(`${before}zr9 Kq${behind}`);
      expect(output.toString()).toMatch(/"password":"\[REDACTED:password(?:-field)?\]","b":"lorem/);
      expect(JSON.parse(output.toString()).b).toBe(filler(300));
    }
  });

  test('values below a password’s key in an earlier window', () => {
    const items = Array.from({ length: 60 }, (_, index) => `zr${index} Kq`);
    const line = JSON.stringify({ password: { old: items }, b: filler(300) });
    const output = JSON.parse(redact.run(line).output.toString());
    expect(Object.keys(output)).toEqual(['password', 'b']);
    expect(output.password.old).toHaveLength(items.length);
    for (const item of output.password.old) expect(item).toMatch(/^\[REDACTED:password(?:-field)?\]$/);
    expect(output.b).toBe(filler(300));
  });
});

describe('values longer than the overlap', () => {
  const rules = toyRules(
    { id: 'run', patterns: ['k=[a-z0-9]+'] },
    { id: 'near', patterns: ['q=[a-z0-9]{90}'] },
  );

  test('an unbounded one is covered to its end, window after window', () => {
    const toy = runner({ maxLine: LIMIT, overlap: OVERLAP }, rules);
    for (const length of [65, 200, 300, 2000]) {
      for (let at = 10; at < LIMIT + 20; at += 7) {
        const { output, findings } = toy.run(
          `${' '.repeat(at)}k=${'v'.repeat(length)} tail${' '.repeat(400)}`,
        );
        const text = output.toString();
        expect(text).not.toContain('v');
        expect(text.replaceAll('[REDACTED:run]', '').trim()).toBe('tail');
        expect(findings.reduce((sum, finding) => sum + finding.length, 0)).toBe(length + 2);
      }
    }
  });

  test('one that no window shows whole before it is written is found in part or not at all', () => {
    const toy = runner({ maxLine: LIMIT, overlap: OVERLAP }, rules);
    const value = `q=${'v'.repeat(90)}`;
    let found = 0;
    for (let at = 10; at < 10 + LIMIT; at++) {
      const text = toy
        .run(`${' '.repeat(at)}${value} ${' '.repeat(400)}`)
        .output.toString()
        .trim();
      if (text === '[REDACTED:near]') found++;
      else expect(text).toMatch(/^(?:q=?v*)?(?:\[REDACTED:near\])?$/);
    }
    expect(found).toBeGreaterThan(LIMIT / 2);
  });
});

describe('multi-line values and long lines', () => {
  const base64 = (length: number): string =>
    'MIIEowIBAAKCAQEAx81hK20pqLz94TmVk29X'.repeat(Math.ceil(length / 36)).slice(0, length);
  const BEGIN = '-----BEGIN PRIVATE KEY-----';
  const END = '-----END PRIVATE KEY-----';
  const rest = (output: Buffer): string => output.toString().replaceAll('[REDACTED:private-key]', '');

  test('the body is one long line', () => {
    expect(rest(redact.run(`a\n${BEGIN}\n${base64(1600)}\n${END} b\nc`).output)).toBe('a\n\n b\nc');
  });

  test('a block in a JSON string ends with its mark, or with the string', () => {
    const body = `${base64(64)}\\n`.repeat(12);
    const before = '{"a":"x","log":"';
    const behind = '","b":"keep me","c":[1,2]}';
    expect(rest(redact.run(`${before}${BEGIN}\\n${body}${END}\\n${behind}`).output)).toBe(
      `${before}\\n${behind}`,
    );
    expect(rest(redact.run(`${before}${BEGIN}\\n${body}${behind}`).output)).toBe(before + behind);
  });

  test('a block that begins in a long line goes on in the next', () => {
    const { output } = redact.run(`${filler(500)} ${BEGIN}\n${base64(64)}\n${base64(64)}\n${END}\nnext`);
    expect(output.toString()).not.toContain('MIIE');
    expect(output.toString().startsWith(filler(500))).toBe(true);
    expect(output.toString().endsWith('\nnext')).toBe(true);
  });

  test('a block whose lines are strings of their own begins in a long line', () => {
    for (let length = 200; length < 520; length += 3) {
      const texts = [`${filler(length)} ${BEGIN}`, base64(64), `${base64(64)}`, END, 'next'];
      const input = texts.map((log) => JSON.stringify({ log: `${log}\n`, stream: 'stdout' })).join('\n');
      const lines = redact.run(input).output.toString().split('\n');
      const logs = lines.map((line) => JSON.parse(line));
      expect(logs.map(({ stream }) => stream)).toEqual(Array(5).fill('stdout'));
      expect(logs[0].log.startsWith(filler(length))).toBe(true);
      expect(lines.join('\n')).not.toMatch(/MIIE|BEGIN/);
      expect(logs[4].log).toBe('next\n');
    }
  });

  test('a long line of text after a begin without end stays', () => {
    const text = filler(600);
    expect(rest(redact.run(`${BEGIN}\n${text}\nend`).output)).toBe(`\n${text}\nend`);
  });
});

describe('any long line', () => {
  test('is the same in single bytes, and outside of findings as it was', () => {
    const noise = fc.string({ unit: fc.constantFrom(...'ab c,;"\\{}[]:é\0'), maxLength: 60 });
    const value = fc.constantFrom(...VALUES.map(([, text]) => ` ${text} `));
    const parts = fc.array(fc.oneof(value, noise), { minLength: 8, maxLength: 30 });
    fc.assert(
      fc.property(parts, (texts) => {
        const bytes = Buffer.from(texts.join('').replaceAll('\n', ' '));
        const whole = redact.run(bytes);
        const pieces = redact.run(...inSingleBytes(bytes));
        expect(pieces.output.toString('latin1')).toBe(whole.output.toString('latin1'));
        expect(pieces.findings).toEqual(whole.findings);
        for (const [, value] of VALUES) expect(whole.output.includes(` ${value} `)).toBe(false);
      }),
      runs(40),
    );
  });

  test('counts as one, with its place', () => {
    const made = runner({ rules: ['pii'], maxLine: LIMIT, overlap: OVERLAP, action: 'redact' });
    const { findings } = made.run(`a\n${filler(1000)} ana@example.com\nb ana@example.com`);
    expect(findings.map(({ line, column, offset }) => [line, column, offset])).toEqual([
      [2, 1002, 1003],
      [3, 3, 1021],
    ]);
    expect(made.redaction.tally.anomalies.longLines).toBe(1);
    expect(made.redaction.tally.lines).toBe(3);
  });

  test('two streams of one redaction do not disturb each other', () => {
    const lines = [
      `{"a":"${filler(300)}","password":"zr9 Kq","b":"${filler(200)}"}\n`,
      `["${filler(250)}",{"x":"${filler(300)}"},4111111111111111,"${filler(200)}"]\n`,
    ].map((line) => Buffer.from(line));
    const expected = lines.map((line) => redact.run(line).output.toString());
    const streams = lines.map(() => redact.redaction.openStream(() => 'test'));
    const outputs = ['', ''];
    for (let at = 0; at < 1200; at += 50) {
      lines.forEach((line, index) => {
        outputs[index] += streams[index]?.push(line.subarray(at, at + 50)).toString() ?? '';
      });
    }
    expect(outputs).toEqual(expected);
  });
});
