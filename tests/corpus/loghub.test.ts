/** The promises on real logs, with all rules. */
import { describe, expect, test } from 'vitest';
import { cut, KEY, type Runner, runner } from '../scan/support.ts';
import { corpusFiles, readCorpus, skipReason, splitLines } from './files.ts';

/** With `FC_NUM_RUNS` set there is time for whole files under all actions. */
const isThorough = process.env.FC_NUM_RUNS !== undefined;
const SAMPLE_BYTES = 12_000;

/** Numbers that change from run to run and need not be good. */
function* pseudoRandom(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    yield state >>> 8;
  }
}

function parse(line: Buffer): unknown {
  const text = line.toString();
  if (!/^\s*[{[]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Names of all keys in order; strings in place of other leaves may be placeholders. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== 'object' || value === null) return 0;
  return Object.entries(value).map(([key, member]) => [key, shapeOf(member)]);
}

function sampleOf(bytes: Buffer): Buffer {
  if (isThorough) return bytes;
  const middle = bytes.indexOf(0x0a, Math.max(0, Math.floor(bytes.length / 2) - SAMPLE_BYTES)) + 1;
  return bytes.subarray(middle, middle + SAMPLE_BYTES);
}

/** The last four digits of `::ffff:1.2.3.4`, which a mask shows, are an address of their own. */
function withoutMappedAddresses(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString('latin1').replaceAll('::ffff:', ''), 'latin1');
}

function expectIdempotent(redact: Runner, bytes: Buffer): void {
  const once = redact.run(bytes).output;
  const twice = redact.run(once).output;
  if (twice.equals(once)) return;
  const lines = splitLines(twice);
  const differing = splitLines(once).findIndex((line, index) => !line.equals(lines[index] as Buffer));
  // The lines are real data: only the redacted forms are shown.
  expect(lines[differing]?.toString()).toBe(splitLines(once)[differing]?.toString());
}

const reason = skipReason();

/** Whether the value may be spelt otherwise than it reads: escapes, percent signs, references, a run of base64. */
function isEncoded(value: Buffer, category: string): boolean {
  const text = value.toString('latin1');
  return /[\\%&]/.test(text) || (category !== 'secret' && /^[\w+/=-]{24,}$/.test(text));
}

describe.skipIf(reason !== undefined)(`real logs${reason ?? ''}`, () => {
  const files = corpusFiles();
  const redact = runner({ rules: ['all'] });

  test.each(files)('%s', (file) => {
    const bytes = readCorpus(file);
    const { output, findings } = redact.run(bytes);

    // The findings' places are those of the values, as far as these are written without escapes.
    const lines = splitLines(bytes);
    for (const finding of findings) {
      const value = bytes.subarray(finding.offset, finding.offset + finding.length);
      expect(value.length).toBe(finding.length);
      const line = lines[finding.line - 1] as Buffer;
      expect(
        bytes.compare(
          line,
          0,
          line.length,
          finding.offset - finding.column + 1,
          finding.offset - finding.column + 1 + line.length,
        ),
      ).toBe(0);
      if (!isEncoded(value, finding.category))
        expect(KEY.fingerprint(finding.entity, value)).toBe(finding.fingerprint);
    }

    // JSON stays JSON with the same keys.
    const redacted = splitLines(output);
    expect(redacted.length).toBe(lines.length);
    lines.forEach((line, index) => {
      const before = parse(line);
      if (before === undefined) return;
      expect(shapeOf(JSON.parse((redacted[index] as Buffer).toString()))).toEqual(shapeOf(before));
    });

    // A second run changes nothing.
    expectIdempotent(redact, sampleOf(bytes));
  });

  test('nothing was withheld', () => {
    expect(redact.redaction.tally.anomalies.linesWithheld).toBe(0);
  });

  test.each(['mask', 'pseudonymize', 'drop-line'] as const)('%s is idempotent', (action) => {
    const other = runner({ rules: ['all'], action });
    for (const file of files) {
      const bytes = sampleOf(readCorpus(file));
      const part = isThorough ? bytes : bytes.subarray(0, SAMPLE_BYTES / 2);
      expectIdempotent(other, action === 'mask' ? withoutMappedAddresses(part) : part);
    }
  });

  test.each([{}, { maxLine: 256, overlap: 64 }])('chunks do not matter, %o', (options) => {
    const other = runner({ rules: ['all'], ...options });
    const random = pseudoRandom(17);
    for (const file of files) {
      const bytes = sampleOf(readCorpus(file));
      const places = Array.from({ length: 200 }, () => random.next().value);
      const whole = other.run(bytes);
      const pieces = other.run(...cut(bytes, places));
      expect(pieces.output.equals(whole.output)).toBe(true);
      expect(pieces.findings).toEqual(whole.findings);
    }
  });
});
