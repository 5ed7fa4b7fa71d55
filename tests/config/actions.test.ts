/** Actions are set for rules that exist: a misspelt id must not leave its rule to the default in silence. */
import { expect, test } from 'vitest';
import { createSanitizer } from '../../src/app/sanitizer.ts';

test('an id of no rule is refused', () => {
  expect(() => createSanitizer({ rules: ['pii'], actions: { rules: { emial: 'drop-line' } } })).toThrow(
    /emial/,
  );
});

test('an id of a rule that this run does not use is accepted', () => {
  expect(() => createSanitizer({ rules: ['pii'], actions: { rules: { jwt: 'mask' } } })).not.toThrow();
});
