/**
 * The document of `subject --format json`, schema `logveil.subject/1`: where one person's values were found, as a right
 * of access (Art. 15) or erasure (Art. 17) asks. It never holds a value: keyed fingerprints, places and counts.
 */
import { z } from 'zod';

const count = z.number().int().min(0);
const fingerprint = z.string().regex(/^[0-9a-f]{32}$/);

const place = z.object({
  path: z.string(),
  line: z.number().int().min(1),
  column: z.number().int().min(1),
  length: count,
});

const match = z.object({
  fingerprint,
  entity: z.string(),
  rules: z.array(z.string()),
  findings: count,
  files: count,
  /** Bounded. */
  places: z.array(place),
  placesNotListed: count,
});

const SUBJECT_ACTIONS = ['none', 'would-scrub', 'scrubbed'] as const;

export const subjectResultSchema = z.object({
  schema: z.literal('logveil.subject/1'),
  version: z.string(),
  asked: z.iso.datetime(),
  keyId: z.string(),
  /** Names the question without telling the value: a fingerprint over all values asked for. */
  token: fingerprint,
  /** Where was looked: audit results, or paths that were scanned. */
  searched: z.array(
    z.object({
      path: z.string(),
      kind: z.enum(['audit', 'findings', 'scan']),
      /** Whether it lists all it has found. */
      complete: z.boolean(),
    }),
  ),
  /** Spellings that were tried, for each of their entities. */
  tried: count,
  totals: z.object({ findings: count, files: count, lines: count }),
  matches: z.array(match),
  action: z.enum(SUBJECT_ACTIONS),
  /** What could not be searched; then an empty answer proves nothing. */
  failures: z.array(z.string()),
});

export type SubjectResult = z.infer<typeof subjectResultSchema>;
export type SubjectMatch = z.infer<typeof match>;
export type SubjectPlace = z.infer<typeof place>;
