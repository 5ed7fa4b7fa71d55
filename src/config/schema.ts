/** The schema of `logveil.yaml`. Strict: a misspelt setting is an error, not a silent default. */
import { z } from 'zod';
import { ACTIONS, CATEGORIES } from '../findings/finding.ts';
import { LEVELS } from '../telemetry/log.ts';
import { controllerSchema } from './controller.ts';
import { parseSize } from './size.ts';
import { DEFAULT_MASK, ENGINES, JSON_KEYS, ON_ERROR } from './values.ts';

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

export const configSchema = z
  .strictObject({
    rules: z.array(z.string().min(1)).min(1).describe('Packs, files or folders, as with --rules.'),
    engine: z.enum(ENGINES).describe('What searches the patterns.'),
    action: z.enum(ACTIONS).describe('What happens to every match, above all other settings.'),
    actions: z
      .strictObject({
        rules: z.record(z.string(), z.enum(ACTIONS)).default({}).describe('By rule id.'),
        categories: z.partialRecord(z.enum(CATEGORIES), z.enum(ACTIONS)).default({}).describe('By category.'),
      })
      .describe('What happens to a match.'),
    mask: mask.describe('What the action `mask` shows.'),
    keepPrivateIps: z.boolean().describe('Leave private, loopback, link-local and unspecified addresses.'),
    jsonKeys: z.enum(JSON_KEYS).describe('Whether JSON keys stay where a rule matches in one.'),
    maxLine: size.describe('Longest line to be looked at whole; a longer one is looked at in windows.'),
    overlap: size.describe(
      'Overlap of those windows: the longest value that is surely found in such a line.',
    ),
    onError: z.enum(ON_ERROR).describe('What becomes of a line that can not be looked at.'),
    findings: z.string().min(1).describe('File for the findings, JSON lines.'),
    summary: z.string().min(1).describe('File for the summary, JSON.'),
    stats: z.boolean().describe('Totals on stderr at the end.'),
    keyFile: z.string().min(1).describe('File with the key of the fingerprints, 64 hex digits.'),
    controller: controllerSchema,
    logLevel: z.enum(LEVELS).describe("Of logveil's own log on stderr."),
  })
  .partial()
  .describe('Configuration of logveil.');

/** What a configuration file, the environment or the command line may say. */
export type Config = z.infer<typeof configSchema>;
