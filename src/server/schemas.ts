/** What the server answers, as schemas: the types of the code, and of `/api/openapi.json`. */
import { z } from 'zod';
import { SEVERITIES } from '../findings/finding.ts';
import { verificationSchema } from '../verify/result.ts';
import { HISTORY_MINUTES } from './history.ts';
import { ERROR_STATUSES, type ErrorCode } from './httpError.ts';

const count = z.number().int().min(0);
const counts = z.record(z.string(), count);
const instant = z.iso.datetime();

export const errorSchema = z
  .strictObject({
    error: z.strictObject({
      code: z.enum(Object.keys(ERROR_STATUSES) as [ErrorCode, ...ErrorCode[]]),
      message: z.string().describe('What was expected; nothing of the request is repeated.'),
      requestId: z.string().describe('As in the header X-Request-Id, and in the log.'),
    }),
  })
  .describe('Every failure.');

const rulesSchema = z.strictObject({
  count,
  digest: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .describe('SHA-256 of the rules in effect.'),
  packs: z
    .array(z.string())
    .describe('As named at the start; of files and folders the last part of the path.'),
  since: instant.describe('When they came into effect.'),
});

const breakerCounts = z.strictObject({ closed: count, open: count, half_open: count });

export const healthSchema = z
  .strictObject({
    status: z.enum(['ok', 'stopping', 'failed']),
    version: z.string(),
    uptimeSeconds: z.number().min(0),
    rules: z.strictObject({ count, digest: rulesSchema.shape.digest }),
    redacts: z.boolean().describe('Whether a fixed text came out redacted as it should.'),
    breakers: breakerCounts,
  })
  .describe('200 while it can redact, 503 else.');

const foundShape = {
  findings: count,
  byRule: counts,
  byEntity: counts,
  byCategory: counts,
  bySeverity: counts,
};

const minuteSchema = z.strictObject({ minute: instant.describe('Its begin.'), ...foundShape });

export const findingsSchema = z
  .strictObject({
    schema: z.literal('logveil.findings-summary/1'),
    since: instant.describe('Start of the process.'),
    ...foundShape,
    bySeverity: z.strictObject(Object.fromEntries(SEVERITIES.map((name) => [name, count]))),
    byAction: counts,
    perMinute: z.array(minuteSchema).describe('Oldest first, the running minute last.'),
  })
  .describe('Counts only: no value, no place, no fingerprint.');

export const findingsQuerySchema = z.strictObject({
  minutes: z.coerce
    .number()
    .int()
    .min(1)
    .max(HISTORY_MINUTES)
    .default(HISTORY_MINUTES)
    .describe('How many minutes back.'),
});

const requestSummarySchema = z.strictObject({
  bytesIn: count.describe('Decompressed.'),
  bytesOut: count,
  lines: count,
  linesChanged: count,
  linesWithheld: count.describe('Replaced, because they could not be looked at.'),
  linesPassedRaw: count.describe('The same, handed on raw: with `onError: pass` only.'),
  ...foundShape,
});
export type RequestSummary = z.infer<typeof requestSummarySchema>;

const findingSchema = z
  .looseObject({
    schema: z.literal('logveil.finding/1'),
    rule: z.string(),
    entity: z.string(),
    severity: z.enum(SEVERITIES),
    line: z.number().int().min(1),
    column: z.number().int().min(1),
    offset: count,
    length: count,
    fingerprint: z.string(),
  })
  .describe('As `logveil --findings` writes it; docs/findings.md.');

export const MOST_FINDINGS = 10_000;

export const sanitizedSchema = z
  .strictObject({
    schema: z.literal('logveil.sanitized/1'),
    requestId: z.string(),
    rulesDigest: z.string(),
    encoding: z.enum(['utf-8', 'base64']).describe('base64 where the redacted bytes are no UTF-8.'),
    text: z.string().describe('The redacted body.'),
    summary: requestSummarySchema,
    findings: z.array(findingSchema).max(MOST_FINDINGS),
    findingsLeftOut: count.describe(`Beyond the first ${MOST_FINDINGS}.`),
  })
  .describe('Answer to `Accept: application/vnd.logveil+json`.');

const breakerSchema = z.object({
  service: z.string(),
  state: z.enum(['closed', 'open', 'half_open']),
  since: z.number().optional().describe('Milliseconds since 1970.'),
  failureRate: z.number().min(0).max(1),
  calls: count,
});

const limiterSchema = z.object({
  service: z.string(),
  minute: z.string(),
  used: count,
  limit: count,
  waiting: count,
});

const shownVerificationSchema = verificationSchema
  .omit({ runbook: true })
  .describe('The last result of `logveil verify`, without its runbook.');

export const statusSchema = z
  .strictObject({
    schema: z.literal('logveil.status/1'),
    at: instant,
    version: z.string(),
    started: instant,
    uptimeSeconds: z.number().min(0),
    status: z.enum(['ok', 'stopping', 'failed']),
    totals: z.strictObject({
      requests: count.describe('To /api/sanitize, done.'),
      requestsCut: count.describe('Of these, ended before their end.'),
      bytesIn: count,
      bytesOut: count,
      lines: count,
      linesChanged: count,
      linesWithheld: count,
      linesPassedRaw: count,
      findings: count,
    }),
    streams: z.strictObject({ active: count, limit: count }),
    throughput: z.array(
      z.strictObject({ at: instant, bytesPerSecond: z.number().min(0), linesPerSecond: z.number().min(0) }),
    ),
    findings: z.strictObject({
      byEntity: counts,
      bySeverity: counts,
      byRule: counts,
      perMinute: z.array(z.strictObject({ minute: instant, findings: count, byEntity: counts })),
    }),
    services: z.strictObject({
      store: z.enum(['memory', 'redis']),
      isReachable: z.boolean(),
      readAt: instant.nullable(),
      breakers: z.array(breakerSchema),
      limiters: z.array(limiterSchema),
    }),
    verification: z.strictObject({
      state: z.enum(['none', 'missing', 'unreadable', 'read']).describe('none: no file was named.'),
      result: shownVerificationSchema.nullable(),
    }),
    rules: rulesSchema,
  })
  .describe('All that the dashboard shows.');
export type Status = z.infer<typeof statusSchema>;
