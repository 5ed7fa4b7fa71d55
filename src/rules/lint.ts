/**
 * What a schema can't say about a rule: its patterns must compile in RE2, must not match nothing, and must hold the
 * group they name; bounds must leave room; validators must exist.
 */
import RE2 from 're2';
import { validators } from '../validators/registry.ts';

export interface LintMessage {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/**
 * All that is wrong with one rule beside what the schema says, with the path to the part in question. Takes a rule
 * that may not fit the schema, so that its other mistakes show in the same run; what has the wrong type is passed over.
 */
export function lintRule(raw: unknown): LintMessage[] {
  const found: LintMessage[] = [];
  const report = (path: readonly PropertyKey[], message: string): void => {
    found.push({ path, message });
  };
  const rule = asObject(raw);
  asArray(rule.patterns).forEach((pattern, index) => {
    const { regex, group } = asObject(pattern);
    lintPattern(regex, group, ['patterns', index], report);
  });
  asArray(rule.keys).forEach((regex, index) => {
    lintRegex(regex, ['keys', index], false, report);
  });
  asArray(asObject(rule.allow).patterns).forEach((regex, index) => {
    lintRegex(regex, ['allow', 'patterns', index], true, report);
  });
  asArray(rule.vetoes).forEach((veto, index) => {
    for (const part of ['before', 'value'])
      lintRegex(asObject(veto)[part], ['vetoes', index, part], false, report);
  });
  const multiline = asObject(rule.multiline);
  // A body may match the empty line; an empty begin or end would open or close a block everywhere.
  for (const part of ['begin', 'end', 'body']) {
    lintRegex(multiline[part], ['multiline', part], part === 'body', report);
  }
  asArray(multiline.requires).forEach((regex, index) => {
    lintRegex(regex, ['multiline', 'requires', index], false, report);
  });
  const boundary = asObject(rule.boundary);
  for (const part of ['before', 'after']) lintRegex(boundary[part], ['boundary', part], true, report);
  asArray(rule.validators).forEach((name, index) => {
    if (typeof name === 'string' && !validators.has(name)) {
      const known = [...validators.keys()].join(', ');
      report(['validators', index], `unknown validator \`${name}\`, expected one of ${known}`);
    }
  });
  reportInverted(asObject(rule.entropy), 'min', 'max', ['entropy'], report);
  reportInverted(asObject(rule.token), 'minLength', 'maxLength', ['token'], report);
  return found;
}

type Report = (path: readonly PropertyKey[], message: string) => void;

function lintPattern(regex: unknown, group: unknown, path: readonly PropertyKey[], report: Report): void {
  const at = [...path, 'regex'];
  if (lintRegex(regex, at, false, report) === undefined || typeof regex !== 'string') return;
  if (anchorsText(regex)) {
    report(at, 'expected `^` and `$` in place of \\A and \\z: a rule sees one line at a time');
  }
  const groups = groupCount(regex);
  if (typeof group === 'number' && group > groups) {
    report([...path, 'group'], `expected a group from 0 to ${groups}, the pattern has no group ${group}`);
  }
}

/** @returns the compiled pattern, or undefined when it is none or does not compile */
function lintRegex(
  regex: unknown,
  path: readonly PropertyKey[],
  mayBeEmpty: boolean,
  report: Report,
): RE2 | undefined {
  if (typeof regex !== 'string') return undefined;
  try {
    const compiled = new RE2(regex);
    if (!mayBeEmpty && matchesNothing(compiled))
      report(path, 'expected a pattern that can not match the empty string');
    return compiled;
  } catch (error) {
    const reason = (error as Error).message;
    report(path, `expected a pattern RE2 accepts (no look-around, no back-references): ${reason}`);
    return undefined;
  }
}

/** Whether the pattern matches without a character somewhere: `x*` everywhere, `\b` at the edges of words. */
function matchesNothing(regex: RE2): boolean {
  return ['', 'a', ' ', '0', 'a b-1'].some((text) => regex.exec(text)?.[0] === '');
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
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
  bounds: Readonly<Record<string, unknown>>,
  lower: string,
  upper: string,
  path: readonly PropertyKey[],
  report: Report,
): void {
  const min = bounds[lower];
  const max = bounds[upper];
  if (typeof min === 'number' && typeof max === 'number' && min > max) {
    report(path, `expected the lower bound not to exceed the upper, got ${min} and ${max}`);
  }
}
