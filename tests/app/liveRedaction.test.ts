/** Rules are exchanged between two lines: nothing lost, nothing doubled, whatever the cuts and the moment. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LiveRedaction } from '../../src/app/liveRedaction.ts';
import { Redaction } from '../../src/app/redaction.ts';
import { checkSettings } from '../../src/config/check.ts';
import { type RedactionSettings, toRedactionSettings } from '../../src/config/settings.ts';
import type { Finding } from '../../src/findings/finding.ts';
import { toRuleSet } from '../../src/rules/ruleSet.ts';
import { KEY, runs, toyRules } from '../scan/support.ts';

const OLD = toRuleSet(toyRules({ id: 'old', patterns: ['secret[0-9]'] }).rules);
const NEW = toRuleSet(toyRules({ id: 'new', patterns: ['secret[0-9]'] }).rules);
const BLOCKS = toyRules(
  {
    id: 'block',
    multiline: { begin: 'BEGIN', end: 'END', body: '^x+$', maxBytes: 1024, maxGapLines: 1 },
  },
  { id: 'old', patterns: ['secret[0-9]'] },
);

function settings(engine: string, maxLine = 4096): RedactionSettings {
  return { ...toRedactionSettings(checkSettings({ engine, maxLine }, 'options'), {}), key: KEY };
}

/** Feeds pieces, with the rules exchanged before some of them. */
function run(
  engine: string,
  pieces: readonly Buffer[],
  changesAt: ReadonlySet<number>,
  first = OLD,
): { output: string; findings: Finding[]; live: LiveRedaction } {
  const live = new LiveRedaction(new Redaction(settings(engine, 256), first));
  const findings: Finding[] = [];
  const stream = live.openStream(
    () => 'test',
    (finding) => findings.push(finding),
  );
  let output = '';
  pieces.forEach((piece, index) => {
    if (changesAt.has(index)) live.replace(settings(engine, 256), NEW);
    const room = index % 2 === 0 ? stream.input : undefined;
    if (room === undefined || room.length < piece.length) output += stream.push(piece).toString();
    else output += stream.take(piece.copy(room)).toString();
  });
  output += stream.end().toString();
  return { output, findings, live };
}

const line = fc.oneof(
  fc.constantFrom('secret1 a secret2', 'BEGIN', 'xxxx', 'END', '', '\r', 'plain', '{"a":"secret3"}'),
  fc.constant(`${'long '.repeat(80)}secret4 ${'long '.repeat(40)}`),
);

describe.each(['kernel', 're2'])('with the engine %s', (engine) => {
  test('a change is between two lines, and loses and doubles nothing', () => {
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 12 }),
        fc.array(fc.nat(900), { maxLength: 8 }),
        fc.nat(8),
        (lines, cuts, changeAt) => {
          const bytes = Buffer.from(lines.join('\n'));
          const at = [...new Set([0, ...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length])].sort(
            (a, b) => a - b,
          );
          const pieces = at.slice(1).map((end, index) => bytes.subarray(at[index], end));
          const { output, findings, live } = run(engine, pieces, new Set([changeAt]));
          const plain = run(engine, [bytes], new Set());
          expect(output.replaceAll('[REDACTED:new]', '[REDACTED:old]')).toBe(plain.output);
          const places = (all: readonly Finding[]): unknown[] =>
            all.map(({ line: number, column, offset, length }) => [number, column, offset, length]);
          expect(places(findings)).toEqual(places(plain.findings));
          // Whole lines are the one's or the other's, and never the old one's again.
          const marks = output.split('\n').map((text) => new Set(text.match(/old|new/g)));
          for (const mark of marks) expect(mark.size).toBeLessThan(2);
          const order = marks.flatMap((mark) => [...mark]).join(' ');
          expect(order).toMatch(/^(?:old ?)*(?:new ?)*$/);
          const summary = live.summary([]);
          expect(summary.findings).toBe(findings.length);
          expect(summary.bytesIn).toBe(bytes.length);
          expect(summary.lines).toBe(plain.live.summary([]).lines);
          expect(Object.values(summary.byRule).reduce((a, b) => a + b, 0)).toBe(findings.length);
        },
      ),
      // An engine of the kernel takes some milliseconds to set up.
      runs(engine === 'kernel' ? 15 : 60),
    );
  });

  test('a multi-line value that is held is finished by the rules that began it', () => {
    const pieces = ['a secret1\nBEGIN\nxx', 'xx\nxxxx\nEND secret2\nb secret3\n'].map((text) =>
      Buffer.from(text),
    );
    const { output } = run(engine, pieces, new Set([1]), BLOCKS);
    expect(output).toBe('a [REDACTED:old]\n[REDACTED:block] [REDACTED:old]\nb [REDACTED:new]\n');
  });

  test('what does not fit together changes nothing', () => {
    const live = new LiveRedaction(new Redaction(settings(engine), OLD));
    const stream = live.openStream(() => 'test');
    const before = live.current;
    const bad = { ...settings(engine), ruleActions: new Map([['no-such-rule', 'mask' as const]]) };
    expect(() => live.replace(bad, NEW)).toThrow('no-such-rule');
    expect(live.current).toBe(before);
    expect(stream.push(Buffer.from('secret1\n')).toString()).toBe('[REDACTED:old]\n');
    expect(live.summary([]).ruleSets).toHaveLength(1);
  });
});

test('the summary lists the sets of rules in their order, a set that stays in effect once', () => {
  const live = new LiveRedaction(new Redaction(settings('re2'), OLD));
  for (const set of [OLD, NEW, NEW, OLD]) live.replace(settings('re2'), set);
  const { ruleSets, rulesDigest } = live.summary([]);
  expect(ruleSets.map(({ digest }) => digest)).toEqual([OLD.digest, NEW.digest, OLD.digest]);
  expect(rulesDigest).toBe(OLD.digest);
  const since = ruleSets.map((set) => set.since);
  expect([...since].sort()).toEqual(since);
  for (let i = 0; i < 300; i++) live.replace(settings('re2'), i % 2 === 0 ? NEW : OLD);
  expect(live.summary([]).ruleSets).toHaveLength(100);
});
