/** Vetoes: what is harmless by its name, by its value, or by both together. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runner, runs, type ToyRule, toyRules } from './support.ts';

function found(rule: Partial<ToyRule>, text: string): number {
  const toy: ToyRule = { id: 'toy', patterns: [{ regex: '(\\w+)=([a-z0-9]+)', group: 2 }], ...rule };
  return runner({}, toyRules(toy)).run(text).findings.length;
}

describe('vetoes', () => {
  test('by the name before the value', () => {
    const vetoes = [{ before: 'id=$', value: undefined }];
    expect(found({ vetoes }, 'key=a1 user_id=b2 key=c3')).toBe(2);
  });

  test('by the value', () => {
    const vetoes = [{ before: undefined, value: '^[0-9]+$' }];
    expect(found({ vetoes }, 'key=a1 key=22')).toBe(1);
  });

  test('by both, and then only by both', () => {
    const vetoes = [{ before: 'id=$', value: '^[0-9]+$' }];
    expect(found({ vetoes }, 'id=22')).toBe(0);
    expect(found({ vetoes }, 'id=a1')).toBe(1);
    expect(found({ vetoes }, 'key=22')).toBe(1);
  });

  test('one that holds is enough', () => {
    const vetoes = [
      { before: 'id=$', value: undefined },
      { before: 'rev=$', value: undefined },
    ];
    expect(found({ vetoes }, 'id=a1 rev=b2 key=c3')).toBe(1);
  });

  test('see nothing outside of the match, so a second run finds the same', () => {
    const vetoes = [{ before: 'a', value: undefined }];
    const toy: ToyRule = { id: 'toy', patterns: [{ regex: '[ab]=([a-z0-9]+)', group: 1 }], vetoes };
    expect(runner({}, toyRules(toy)).run('aaa b=c1').findings).toHaveLength(1);
    const text = fc.array(fc.constantFrom('a=', 'b=', 'c', '1', ' '), { maxLength: 30 });
    fc.assert(
      fc.property(text, (parts) => {
        const redact = runner({}, toyRules(toy));
        const once = redact.run(parts.join('')).output.toString();
        expect(redact.run(once).output.toString()).toBe(once);
      }),
      runs(100),
    );
  });
});
