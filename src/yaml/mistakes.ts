/** What a schema found wrong, in words that never repeat a value. */
import type { z } from 'zod';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** Looks like the misspelt name of a field, not like a value. */
const FIELD_NAME = /^[A-Za-z][A-Za-z_-]{0,31}$/;
const RULE_ID = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

interface Mistake {
  readonly path: Path;
  /** Begins with the path, if there is one; says what was expected. */
  readonly message: string;
}

/**
 * The mistakes of an issue: each unknown field is one of its own.
 * @param shownFrom how many steps of the path need not be shown, because the reader knows them
 */
export function mistakesOf(issue: Issue, shownFrom = 0): Mistake[] {
  const steps = issue.path.slice(shownFrom).map(shownStep);
  const where = steps.length > 0 ? `\`${steps.join('.')}\`: ` : '';
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...issue.path, key],
      message: where + unknownField(key),
    }));
  }
  return [{ path: issue.path, message: where + expectation(issue) }];
}

export function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text;
}

function shownStep(step: PropertyKey): string {
  const isShown = typeof step === 'number' || FIELD_NAME.test(String(step)) || RULE_ID.test(String(step));
  return isShown ? String(step) : '...';
}

function unknownField(key: string): string {
  return FIELD_NAME.test(key) ? `unknown field \`${key}\`` : 'unknown field, its name does not look like one';
}

/** zod begins with what is wrong; a person needs what was expected. */
function expectation(issue: Issue): string {
  return firstLine(issue.message).replace(/^(?:Invalid (?:input|option|string)|Too (?:big|small)): /, '');
}
