/** What people are told of errors that are not ours. */
import { describe, expect, it } from 'vitest';
import { explain } from '../../src/cli/explain.ts';

describe('explain', () => {
  it('blames the output for no system error of another kind, and shows its code only', () => {
    const error = Object.assign(new Error("EACCES: permission denied, scandir 'secret'"), {
      code: 'EACCES',
      syscall: 'scandir',
    });
    expect(explain(error)).toBe('logveil: system error EACCES');
  });

  it('shows where a bug is, not what it says', () => {
    const text = explain(new TypeError('secret\n    at secret'));
    expect(text).toMatch(/^logveil: internal error \(TypeError\); .*: at .*explain\.test\.ts/);
    expect(text).not.toContain('secret');
    expect(explain('secret')).toMatch(/internal error \(string\)/);
    expect(explain('secret')).not.toContain('secret');
  });
});
