/** What is counted and reported is what happened: dropped lines and bytes, changed lines, places, actions. */
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../src/findings/finding.ts';
import { type Runner, runner, type TestOptions, toyRules } from './support.ts';

const rules = toyRules(
  {
    id: 'block',
    multiline: { begin: 'BEGIN', end: 'END', body: '^[a-z]+$', maxBytes: 256, maxGapLines: 2 },
  },
  {
    id: 'other-block',
    multiline: { begin: 'OPEN', end: 'CLOSE', body: '^[a-z]+$', maxBytes: 256, maxGapLines: 2 },
  },
  { id: 'digits', patterns: ['[0-9]+'] },
  { id: 'drop-me', patterns: ['DROPME'] },
);
const make = (options: TestOptions = {}): Runner => runner(options, rules);
const dropping = { actions: { rules: { 'drop-me': 'drop-line' } } } as const;

interface Counted {
  readonly output: string;
  readonly findings: readonly Finding[];
  readonly dropped: number;
  readonly droppedBytes: number;
  readonly changed: number;
}

function count(input: string, options: TestOptions = {}): Counted {
  const { redaction, run } = make(options);
  const { output, findings } = run(input);
  const { anomalies, linesChanged } = redaction.tally;
  return {
    output: output.toString(),
    findings,
    dropped: anomalies.linesDropped,
    droppedBytes: anomalies.bytesDropped,
    changed: linesChanged,
  };
}

describe('dropped lines', () => {
  test('a multi-line value takes all of its lines, each counted once', () => {
    const { output, dropped, droppedBytes, changed } = count('a\nx BEGIN\nab\nEND y\nb\n', {
      action: 'drop-line',
    });
    expect({ output, dropped, droppedBytes, changed }).toEqual({
      output: 'a\nb\n',
      dropped: 3,
      droppedBytes: 17,
      changed: 3,
    });
  });

  test('a match before a multi-line value takes the lines of both', () => {
    const { output, dropped, droppedBytes } = count('a\nDROPME BEGIN\nab\nEND y\nb\n', dropping);
    expect({ output, dropped, droppedBytes }).toEqual({ output: 'a\nb\n', dropped: 3, droppedBytes: 22 });
  });

  test('what was written of a long line keeps its line end', () => {
    const input = `${'a '.repeat(400)}DROPME ${'b '.repeat(50)}\n{"ok":true}\n`;
    const { output, dropped, droppedBytes } = count(input, { ...dropping, maxLine: 256 });
    expect(output.endsWith('\n{"ok":true}\n')).toBe(true);
    expect(output).not.toContain('DROPME');
    expect(dropped).toBe(1);
    expect(output.length + droppedBytes).toBe(input.length);
  });
});

describe('blocks of several rules', () => {
  test('one that begins where another ends is found, whatever began inside the first', () => {
    const input = 'BEGIN\nab\nOPEN END OPEN\ncd\nCLOSE 1\n';
    expect(count(input).output).toBe('[REDACTED:block] [REDACTED:other-block] [REDACTED:digits]\n');
  });
});

describe('values in container logs', () => {
  const wrap = (log: string, meta = ''): string => `${JSON.stringify({ log, meta })}\n`;

  test('a block goes on in a line longer than the limit', () => {
    const padding = 'x '.repeat(400);
    const input = [wrap('BEGIN\n'), wrap('secretbody\n', padding), wrap('END\n'), wrap('openbody\n')].join(
      '',
    );
    const { output } = count(input, { maxLine: 256 });
    expect(output).not.toContain('secretbody');
    expect(output).toContain('openbody');
  });

  test('an empty string in a block is no finding, and every place is a number', () => {
    const { findings } = count([wrap('BEGIN\n'), wrap(''), wrap('ab\n'), wrap('END\n')].join(''));
    expect(findings.length).toBeGreaterThan(0);
    for (const { line, column, offset, length } of findings) {
      for (const number of [line, column, offset, length]) expect(Number.isInteger(number)).toBe(true);
      expect(length).toBeGreaterThan(0);
    }
  });
});

describe('what findings say', () => {
  test('a match in a JSON key that stays is kept, though a value beside it is replaced', () => {
    const both = toyRules({ id: 'pair', patterns: ['k1":"v'] }, { id: 'key', patterns: ['k1'] });
    const { findings, output } = runner({}, both).run('{"k1":"value"}\n');
    expect(output.toString()).toBe('{"k1":"[REDACTED:pair]alue"}\n');
    const actions = Object.fromEntries(findings.map(({ rule, action }) => [rule, action]));
    expect(actions.pair).toBe('redact');
    expect(actions.key ?? 'keep').toBe('keep');
  });

  test('a context word never lowers the confidence', () => {
    const certain = toyRules({
      id: 'certain',
      patterns: ['[0-9]+'],
      confidence: 1,
      context: { words: ['id'], before: 8, after: 0, required: false, alone: false, boost: 0.1 },
    });
    const { findings } = runner({}, certain).run('id 1\n');
    expect(findings.map(({ confidence }) => confidence)).toEqual([1]);
  });

  test('an exception of who takes the findings reaches the caller, and withholds no line', () => {
    const { redaction } = make();
    const stream = redaction.openStream(
      () => 'test',
      () => {
        throw new Error('the consumer failed');
      },
    );
    expect(() => stream.push(Buffer.from('1\n'))).toThrow('the consumer failed');
    expect(redaction.tally.anomalies.linesWithheld).toBe(0);
  });
});

describe('multi-line values that are only found', () => {
  test('every byte stays, however large they are', () => {
    const body = `${'abcdefgh'.repeat(7)}\n`.repeat(20);
    const input = `x BEGIN\n${body}END y\nz\n`;
    const { output } = count(input, { actions: { rules: { block: 'keep' } } });
    expect(output).toBe(input);
  });
});

describe('lines looked at in windows', () => {
  test('a placeholder that a window cuts is not redacted again', () => {
    const rule = toyRules({ id: 'password', patterns: [{ regex: 'password=([^ ]+)', group: 1 }] });
    const { run } = runner({ maxLine: 256 }, rule);
    for (let shift = 0; shift < 64; shift++) {
      const line = `${'a '.repeat(60)}${'b'.repeat(shift)} password=[REDACTED:password] ${'c '.repeat(200)}\n`;
      expect(run(line).output.toString()).toBe(line);
    }
  });
});
