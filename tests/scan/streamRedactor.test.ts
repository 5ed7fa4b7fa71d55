/** What goes on from line to line: multi-line values, their limits, failing engines, and the counters. */
import { describe, expect, test } from 'vitest';
import type { PatternEngine } from '../../src/engine/engine.ts';
import { Re2Engine } from '../../src/engine/re2Engine.ts';
import type { CompiledRules } from '../../src/rules/compile.ts';
import { dockerLines } from '../property/logs.ts';
import { feed, runner, streamWith, type TestOptions, toyRules } from './support.ts';

const BLOCK = {
  id: 'block',
  multiline: { begin: 'BEGIN', end: 'END', body: '^[a-z]+$', maxBytes: 256, maxGapLines: 2 },
};
const rules = toyRules(BLOCK, { id: 'digits', patterns: ['[0-9]+'] });
const redact = (text: string, options: TestOptions = {}): string =>
  runner(options, rules).run(text).output.toString();

describe('multi-line values', () => {
  const cases: readonly [string, string, string][] = [
    ['on one line', 'x BEGIN a END y', 'x [REDACTED:block] y'],
    ['over lines', 'x BEGIN\na\nb END y\nz', 'x [REDACTED:block] y\nz'],
    ['with CRLF', 'BEGIN\r\na\r\nEND\r\nz', '[REDACTED:block]\r\nz'],
    ['two in a row', 'BEGIN\nEND BEGIN\nEND', '[REDACTED:block] [REDACTED:block]'],
    ['without end at the end of the stream', 'BEGIN\nab\ncd', '[REDACTED:block]'],
    [
      'without end, with lines that can not belong to it',
      'BEGIN\nab\n1 x\n2\n3\n4',
      `[REDACTED:block]\n[REDACTED:digits] x\n${'[REDACTED:digits]\n'.repeat(3)}`.trimEnd(),
    ],
    ['nested begins', 'BEGIN\nab\nBEGIN\ncd\nEND', '[REDACTED:block]'],
    ['an end alone', 'END 1', 'END [REDACTED:digits]'],
    [
      'values before and behind',
      '1 BEGIN 2\nab\n3 END 4',
      '[REDACTED:digits] [REDACTED:block] [REDACTED:digits]',
    ],
    [
      'a begin in a line given back at the end of the stream',
      'BEGIN\n1 x\nBEGIN',
      '[REDACTED:block]\n[REDACTED:digits] x\n[REDACTED:block]',
    ],
  ];
  test.each(cases)('%s', (_, input, output) => {
    expect(redact(input)).toBe(output);
  });

  test('nothing of a source is left for the next', () => {
    const { stream } = streamWith(rules);
    const sources = ['BEGIN\n(x)\nBEGIN', 'BEGIN\nab', 'ab 1', dockerLines('BEGIN'), dockerLines('ab')];
    expect(sources.map((source) => feed(stream, [source]).toString())).toEqual([
      '[REDACTED:block]\n(x)\n[REDACTED:block]',
      '[REDACTED:block]',
      'ab [REDACTED:digits]',
      runner({}, rules).run(dockerLines('BEGIN')).output.toString(),
      runner({}, rules).run(dockerLines('ab')).output.toString(),
    ]);
  });

  test('nothing of a block leaves before its end is known', () => {
    const { stream } = streamWith(rules);
    expect(stream.push(Buffer.from('1\nx BEGIN\nab\n')).toString()).toBe('[REDACTED:digits]\n');
    expect(stream.push(Buffer.from('cd\n')).toString()).toBe('');
    expect(stream.push(Buffer.from('END y\n')).toString()).toBe('x [REDACTED:block] y\n');
  });

  test('one that is too large is left out as it comes, and counted', () => {
    const { redaction, run } = runner({}, toyRules(BLOCK, { id: 'digits', patterns: ['[0-9]+'] }));
    const body = `${'a'.repeat(60)}\n`.repeat(20);
    expect(run(`BEGIN\n${body}END 1\nx\n`).output.toString()).toBe('[REDACTED:block] [REDACTED:digits]\nx\n');
    const { bytesIn, bytesOut, anomalies } = redaction.tally;
    expect(anomalies.blocksWithoutEnd).toBe(1);
    expect(anomalies.bytesDropped).toBeGreaterThan(900);
    expect(bytesIn).toBe(6 + body.length + 8);
    expect(bytesOut).toBe(Buffer.byteLength('[REDACTED:block] [REDACTED:digits]\nx\n'));
  });

  test('one that is dropped takes its lines with it', () => {
    expect(redact('a\nx BEGIN\nab\nEND y\nz\n', { action: 'drop-line' })).toBe('a\nz\n');
    expect(redact('a\nBEGIN\nab\n(1)\n(x)\n', { action: 'drop-line' })).toBe('a\n(x)\n');
  });

  test('in strings: each is covered, with an end or without', () => {
    expect(redact('{"a":"BEGIN x","b":"y","c":"BEGIN z"}')).toBe(
      '{"a":"[REDACTED:block]","b":"y","c":"[REDACTED:block]"}',
    );
    expect(redact('{"a":"BEGIN\\nx END","c":"BEGIN\\nz"}')).toBe(
      '{"a":"[REDACTED:block]","c":"[REDACTED:block]"}',
    );
  });

  test('in docker lines: every line stays JSON, and what follows is not covered', () => {
    const output = redact(dockerLines('x BEGIN\nab\ncd\nEND y\nok 1\nab'))
      .split('\n')
      .map((line) => JSON.parse(line).log);
    expect(output.join('|')).not.toMatch(/cd/);
    expect(output[3]).toMatch(/ y\n$/);
    expect(output.slice(4)).toEqual(['ok [REDACTED:digits]\n', 'ab\n']);
  });
});

describe('an engine that fails', () => {
  class FailingEngine extends Re2Engine {
    override select(view: Buffer): number[] {
      if (view.includes('boom')) throw new Error(`failed at ${view.toString()}`);
      return super.select(view);
    }
  }
  const failing = ({ patterns }: CompiledRules): PatternEngine => new FailingEngine(patterns);

  test('the line is withheld and counted, the next one is not', () => {
    const { stream, tally } = streamWith(rules, failing);
    expect(feed(stream, ['1 a\r\nboom 2\r\n3 b\n']).toString()).toBe(
      '[REDACTED:digits] a\r\n[LOGVEIL: line withheld: engine error]\r\n[REDACTED:digits] b\n',
    );
    expect(tally.anomalies.linesWithheld).toBe(1);
    expect(stream.failure).toBeInstanceOf(Error);
  });

  test('it is passed on if that was asked for', () => {
    const { stream, tally } = streamWith(rules, failing, { onError: 'pass' });
    expect(feed(stream, ['boom 2\n3']).toString()).toBe('boom 2\n[REDACTED:digits]');
    expect(tally.anomalies.linesPassedOnError).toBe(1);
  });

  test('the rest of a long line is withheld', () => {
    const { stream } = streamWith(rules, failing, { maxLine: 256 });
    const output = feed(stream, [`${'x '.repeat(200)} boom ${'12 '.repeat(300)}\n3`]).toString();
    expect(output).not.toMatch(/boom|12/);
    expect(output).toMatch(/^(?:x )*x?\[LOGVEIL: line withheld: engine error\]\n\[REDACTED:digits\]$/);
  });
});

describe('placeholders in the input', () => {
  test('only what an earlier run can have written is opaque', () => {
    const input = '[REDACTED:email] [digits:0123456789] [LOGVEIL: line withheld: engine error]';
    expect(redact(input)).toBe(input);
    expect(redact('[pid:0123456789]')).toBe('[pid:[REDACTED:digits]]');
    expect(redact('[LOGVEIL: line withheld: 42]')).toBe('[LOGVEIL: line withheld: [REDACTED:digits]]');
    expect(redact('[REDACTED:a.1]')).toBe('[REDACTED:a.[REDACTED:digits]]');
  });
});
