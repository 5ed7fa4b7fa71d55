/**
 * What a schema can't say about a rule: its patterns must compile in RE2, must not match nothing, and must hold the
 * group they name; bounds must leave room; validators must exist.
 */
import RE2 from 're2';
import { validators } from '../validators/registry.ts';
import type { Rule } from './schema.ts';

export interface LintMessage {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** All that is wrong with one rule, with the path to the part in question. Never throws. */
export function lintRule(rule: Rule): LintMessage[] {
  const found: LintMessage[] = [];
  const report = (path: readonly PropertyKey[], message: string): void => {
    found.push({ path, message });
  };
  rule.patterns.forEach(({ regex, group }, index) => {
    const path = ['patterns', index, 'regex'];
    const compiled = compileOr(regex, (message) => report(path, message));
    if (compiled === undefined) return;
    if (anchorsText(regex))
      report(path, 'expected `^` and `$` in place of \\A and \\z: a rule sees one line at a time');
    if (compiled.test('')) report(path, 'expected a pattern that can not match the empty string');
    const groups = groupCount(regex);
    if (group > groups) {
      report(
        ['patterns', index, 'group'],
        `expected a group from 0 to ${groups}, the pattern has no group ${group}`,
      );
    }
  });
  rule.keys.forEach((regex, index) => {
    const compiled = compileOr(regex, (message) => report(['keys', index], message));
    if (compiled?.test('')) report(['keys', index], 'expected a pattern that can not match the empty string');
  });
  rule.allow?.patterns.forEach((regex, index) => {
    compileOr(regex, (message) => report(['allow', 'patterns', index], message));
  });
  if (rule.multiline !== undefined) {
    for (const part of ['begin', 'end', 'body'] as const) {
      const compiled = compileOr(rule.multiline[part], (message) => report(['multiline', part], message));
      // A body may match the empty line; an empty begin or end would open or close a block everywhere.
      if (part !== 'body' && compiled?.test('')) {
        report(['multiline', part], 'expected a pattern that can not match the empty string');
      }
    }
  }
  for (const part of ['before', 'after'] as const) {
    const byteClass = rule.boundary?.[part];
    if (byteClass !== undefined) compileOr(byteClass, (message) => report(['boundary', part], message));
  }
  rule.validators.forEach((name, index) => {
    if (!validators.has(name)) {
      report(
        ['validators', index],
        `unknown validator \`${name}\`, expected one of ${[...validators.keys()].join(', ')}`,
      );
    }
  });
  reportInverted(rule.entropy?.min, rule.entropy?.max, ['entropy'], report);
  reportInverted(rule.token?.minLength, rule.token?.maxLength, ['token'], report);
  return found;
}

function compileOr(regex: string, fail: (message: string) => void): RE2 | undefined {
  try {
    return new RE2(regex);
  } catch (error) {
    fail(`expected a pattern RE2 accepts (no look-around, no back-references): ${(error as Error).message}`);
    return undefined;
  }
}

/** RE2 has no call that tells the number of groups; an alternative that matches nothing shows them all. */
function groupCount(regex: string): number {
  return (new RE2(`(?:${regex})|`).exec('')?.length ?? 1) - 1;
}

/** \A and \z mean the whole text, which is a line here and a block of lines in a faster search. */
function anchorsText(regex: string): boolean {
  return /(?:^|[^\\])(?:\\\\)*\\[Az]/.test(regex);
}

function reportInverted(
  min: number | undefined,
  max: number | undefined,
  path: readonly PropertyKey[],
  report: (path: readonly PropertyKey[], message: string) => void,
): void {
  if (min !== undefined && max !== undefined && min > max) {
    report(path, `expected the lower bound not to exceed the upper, got ${min} and ${max}`);
  }
}
