/** What a report reads of documents that have no schema of their own in code. */
import { z } from 'zod';
import { SUMMARY_SCHEMA } from '../findings/summary.ts';

const count = z.number().int().min(0);
const counts = z.record(z.string(), count);

/** Of `redact --summary`. */
export const summarySchema = z.looseObject({
  schema: z.literal(SUMMARY_SCHEMA),
  key: z.object({ id: z.string(), source: z.string() }),
  findings: count,
  byAction: counts,
  anomalies: z.looseObject({
    linesWithheld: count,
    linesPassedOnError: count,
    linesDropped: count,
    bytesDropped: count,
    longLines: count,
    blocksWithoutEnd: count,
    matchesInKeys: count,
    findingsLost: count,
  }),
});

/** A line of `scrub --manifest` that tells of a file that was rewritten. */
export const scrubbedFileSchema = z.object({
  path: z.string(),
  time: z.iso.datetime(),
  valuesChanged: count,
  sha256After: z.string().regex(/^[0-9a-f]{64}$/),
});
