/**
 * Holds recall and precision of the shipped set to floors, and docs/accuracy.md to what is measured.
 * `npm run accuracy` rewrites the document.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { shippedPart, shippedScores, shippedSection, updated } from './document.ts';
import type { Score } from './score.ts';
import { accuracySet } from './set.ts';

const DOCUMENT = new URL('../../docs/accuracy.md', import.meta.url);

/** Least share of values covered; raise a floor when the rules get better. */
const RECALL_FLOORS: Readonly<Record<string, number>> = {
  'personal data in log formats': 0.97,
  'secrets in log formats': 0.99,
  'secrets by name: known service, with a word': 0.97,
  'secrets by name: unknown service, with a word': 0.95,
  'secrets by name: known service alone': 0.95,
};
/** Largest share of look-alikes in which something is found, by pack. */
const FLAGGED_CEILINGS: Readonly<Record<string, number>> = { all: 0.01, default: 0.01 };

let scores: Map<string, Map<string, Score>>;

beforeAll(() => {
  scores = shippedScores();
});

describe('the accuracy set', () => {
  it('is the same each time', () => {
    expect(accuracySet()).toEqual(accuracySet());
  });

  it.each(Object.entries(RECALL_FLOORS))('covers values: %s', (kind, floor) => {
    const { covered, positives } = scores.get('all')?.get(kind) ?? { covered: 0, positives: 1 };
    expect(covered / positives).toBeGreaterThanOrEqual(floor);
  });

  it('finds nothing beside the values', () => {
    for (const [kind, { flagged, positives }] of scores.get('all') ?? [])
      if (positives > 0) expect(flagged, kind).toBe(0);
  });

  it.each(Object.entries(FLAGGED_CEILINGS))('leaves look-alikes alone with %s', (pack, ceiling) => {
    const { flagged, texts } = scores.get(pack)?.get('look-alikes') ?? { flagged: 1, texts: 1 };
    expect(flagged / texts).toBeLessThanOrEqual(ceiling);
  });

  it('is what docs/accuracy.md says: `npm run accuracy` writes it', () => {
    const section = shippedSection(scores);
    const before = existsSync(DOCUMENT) ? readFileSync(DOCUMENT, 'utf8') : '';
    if (process.env.UPDATE_GOLDEN) writeFileSync(DOCUMENT, updated(before, section));
    expect(shippedPart(readFileSync(DOCUMENT, 'utf8'))).toBe(section.trimEnd());
  });
});
