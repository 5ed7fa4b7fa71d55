/** No time is reported for work that was not done: what was found is held to what the corpus is known to hold. */
import { LogveilError } from '../errors.ts';
import type { Tally } from '../findings/summary.ts';
import type { RuleSet } from '../rules/load.ts';
import type { Corpus } from './corpora.ts';

/** The scan found something else than the corpus holds: a bug, or rules that were changed without the corpora. */
export class WrongCountError extends LogveilError {
  readonly code = 'LOGVEIL_BENCH_COUNT';
  override readonly name = 'WrongCountError';
}

/**
 * How counts are held to the corpus. `exact`: each rule that ships finds what it must and no other does. `stable`: with
 * rules of the user's own nobody knows what must be found, and they may claim values before others do; then each run
 * must find what the first one found.
 */
export type CheckKind = 'exact' | 'stable';

/** Findings by rule id; rules without findings may be left out. */
export type Counts = Readonly<Record<string, number>>;

export class CountCheck {
  readonly kind: CheckKind;
  readonly #ruleIds: ReadonlySet<string>;

  constructor(ruleSet: RuleSet) {
    this.kind = ruleSet.rules.some(({ pack }) => pack === 'user') ? 'stable' : 'exact';
    this.#ruleIds = new Set(ruleSet.rules.map(({ rule }) => rule.id));
  }

  /** What the loaded rules must find in the corpus; undefined when nobody knows. */
  expectedOf(corpus: Corpus): Counts | undefined {
    if (this.kind === 'stable') return undefined;
    return Object.fromEntries([...corpus.expected].filter(([id]) => this.#ruleIds.has(id)));
  }
}

/** @throws WrongCountError naming every rule whose count is not as expected */
export function assertCounts(corpus: string, found: Counts, expected: Counts): void {
  const ids = [...new Set([...Object.keys(expected), ...Object.keys(found)])].sort();
  const wrong = ids.filter((id) => (found[id] ?? 0) !== (expected[id] ?? 0));
  if (wrong.length === 0) return;
  const details = wrong.map((id) => `${id}: expected ${expected[id] ?? 0}, found ${found[id] ?? 0}`);
  throw new WrongCountError(
    `corpus ${corpus}: the counts are wrong, so no time is reported: ${details.join('; ')}`,
  );
}

/** What a tally that goes on from corpus to corpus has counted since `before`. */
export function countsSince(tally: Tally, before: Counts): Counts {
  const counts: Record<string, number> = {};
  for (const [id, count] of Object.entries(tally.counts().byRule)) {
    const more = count - (before[id] ?? 0);
    if (more > 0) counts[id] = more;
  }
  return counts;
}
