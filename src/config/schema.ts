/** The schema of `logveil.yaml`. Strict: a misspelt setting is an error, not a silent default. */
import RE2 from 're2';
import { z } from 'zod';
import { ACTIONS, CATEGORIES } from '../findings/finding.ts';
import { LEVELS } from '../telemetry/log.ts';
import { businessHoursSchema } from './businessHours.ts';
import { calcomSchema, incidentReviewsSchema } from './calcom.ts';
import { controllerSchema } from './controller.ts';
import { deploymentSchema } from './deployment.ts';
import { serveSchema } from './serve.ts';
import { protectionSchema } from './services.ts';
import { parseSize } from './size.ts';
import { DEFAULT_MASK, ENGINES, JSON_KEYS, MOST_JOBS, ON_ERROR } from './values.ts';

export type EngineName = (typeof ENGINES)[number];

const size = z
  .union([z.number(), z.string()])
  .transform((value, context) => {
    const bytes = parseSize(String(value));
    if (bytes !== undefined) return bytes;
    context.addIssue({ code: 'custom', message: 'expected a size such as `1048576`, `64KiB` or `1MiB`' });
    return z.NEVER;
  })
  .describe('Bytes, or a number with KiB, MiB, KB, MB.');

const share = z.union([z.number(), z.string()]).transform((value, context) => {
  const number = value === '' ? Number.NaN : Number(value);
  if (number >= 0 && number <= 1) return number;
  context.addIssue({ code: 'custom', message: 'expected a number from 0 to 1, such as 0.5' });
  return z.NEVER;
});

const mask = z.strictObject({
  keepFirst: z
    .number()
    .int()
    .min(0)
    .max(64)
    .default(DEFAULT_MASK.keepFirst)
    .describe('Characters shown at the start.'),
  keepLast: z
    .number()
    .int()
    .min(0)
    .max(64)
    .default(DEFAULT_MASK.keepLast)
    .describe('Characters shown at the end.'),
  keepFormat: z.boolean().default(DEFAULT_MASK.keepFormat).describe('Show separators; never for secrets.'),
});

/** Values of no common form: a pattern that finds all of them finds anything. */
const UNLIKE = ['x7Qz-19', 'jane.doe@example.com', '4111111111111111', 'hunter two!', '//A+b=', 'Ж', '0'];

const allowPattern = z
  .string()
  .min(1)
  .max(1024)
  .superRefine((source, context) => {
    const message = refusal(source);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });

/** Why a pattern can't say what is allowed, undefined when it can. */
function refusal(source: string): string | undefined {
  let pattern: RE2;
  try {
    pattern = new RE2(source);
  } catch (error) {
    return `expected a pattern RE2 accepts (no look-around, no back-references): ${(error as Error).message}`;
  }
  if (pattern.test('') || UNLIKE.every((value) => pattern.test(value)))
    return 'expected a pattern that does not match every value: it would allow whatever the rules find';
  return undefined;
}

const allow = z
  .strictObject({
    rules: z.array(z.string().min(1)).min(1).optional().describe('Ids of the rules it is for; all without.'),
    patterns: z.array(allowPattern).default([]).describe('RE2; a value in which one matches is no finding.'),
    values: z
      .array(z.string().min(1))
      .default([])
      .describe('Whole values that are no finding; ASCII case is ignored.'),
    stopwords: z
      .array(z.string().min(3))
      .default([])
      .describe('A value that holds one is no finding; ASCII case is ignored.'),
  })
  .refine(({ patterns, values, stopwords }) => patterns.length + values.length + stopwords.length > 0, {
    message: 'expected at least one of `patterns`, `values` and `stopwords`',
  })
  .describe('Values that are harmless wherever they turn up.');

export const configSchema = z
  .strictObject({
    rules: z.array(z.string().min(1)).min(1).describe('Packs, files or folders, as with --rules.'),
    engine: z.enum(ENGINES).describe('What searches the patterns.'),
    jobs: z
      .union([z.number(), z.string()])
      .transform((value, context) => {
        const jobs = Number(value);
        if (Number.isInteger(jobs) && jobs >= 1 && jobs <= MOST_JOBS) return jobs;
        context.addIssue({ code: 'custom', message: `expected a number of threads from 1 to ${MOST_JOBS}` });
        return z.NEVER;
      })
      .describe('Threads to spread a stream over.'),
    action: z.enum(ACTIONS).describe('What happens to every match, above all other settings.'),
    actions: z
      .strictObject({
        rules: z.record(z.string(), z.enum(ACTIONS)).default({}).describe('By rule id.'),
        categories: z.partialRecord(z.enum(CATEGORIES), z.enum(ACTIONS)).default({}).describe('By category.'),
      })
      .describe('What happens to a match.'),
    allow: z.array(allow).describe('Values that are no finding, of all rules or of some.'),
    mask: mask.describe('What the action `mask` shows.'),
    keepPrivateIps: z.boolean().describe('Leave private, loopback, link-local and unspecified addresses.'),
    jsonKeys: z.enum(JSON_KEYS).describe('Whether JSON keys stay where a rule matches in one.'),
    maxLine: size.describe('Longest line to be looked at whole; a longer one is looked at in windows.'),
    overlap: size.describe(
      'Overlap of those windows: the longest value that is surely found in such a line.',
    ),
    onError: z.enum(ON_ERROR).describe('What becomes of a line that can not be looked at.'),
    knownSecrets: z
      .array(z.string().min(1))
      .min(1)
      .describe('Values that must never appear: files, a value a line or NAME=value, and env:PREFIX.'),
    minConfidence: share.describe('From 0 to 1; what is less certain is neither reported nor redacted.'),
    findings: z.string().min(1).describe('File for the findings, JSON lines.'),
    summary: z.string().min(1).describe('File for the summary, JSON.'),
    stats: z.boolean().describe('Totals on stderr at the end.'),
    keyFile: z.string().min(1).describe('File with the key of the fingerprints, 64 hex digits.'),
    controller: controllerSchema,
    deployment: deploymentSchema,
    businessHours: businessHoursSchema,
    calcom: calcomSchema,
    incidentReviews: incidentReviewsSchema,
    serve: serveSchema,
    protection: protectionSchema,
    logLevel: z.enum(LEVELS).describe("Of logveil's own log on stderr."),
  })
  .partial()
  .describe('Configuration of logveil.');

/** What a configuration file, the environment or the command line may say. */
export type Config = z.infer<typeof configSchema>;
