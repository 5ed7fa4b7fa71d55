/**
 * The one schema of a rule file. The loader checks files against it, `npm run schema` writes the JSON Schema for
 * editors from it, and docs/rules.md explains its fields. Every object is strict: an unknown field is an error,
 * because a misspelt `allow` or `context` would silently change what leaks.
 */
import { z } from 'zod';
import { ACTIONS, CATEGORIES, SEVERITIES } from '../findings/finding.ts';

/** Longest RE2 source a rule may have, in characters: longer ones cost more to compile than a whole pack. */
const MAX_PATTERN_LENGTH = 8192;

const ruleId = z
  .string()
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'expected a kebab-case id such as `aws-access-key-id`')
  .max(64)
  .describe('Stable id in kebab-case; it shows in placeholders and findings.');

const regex = z.string().min(1).max(MAX_PATTERN_LENGTH).describe('RE2 syntax, matched against one line.');

const pattern = z
  .strictObject({
    regex,
    group: z
      .number()
      .int()
      .min(0)
      .max(99)
      .default(0)
      .describe('Capture group to redact; 0 is the whole match.'),
  })
  .describe('One way the value can look.');

const byteClass = z
  .string()
  .regex(/^\[.+\]$/, 'expected a character class such as `[0-9A-Za-z_]`')
  .describe('RE2 character class of single-byte (ASCII) characters.');

const boundary = z
  .strictObject({
    before: byteClass.optional().describe('Bytes that may not stand directly before the match.'),
    after: byteClass.optional().describe('Bytes that may not stand directly after the match.'),
  })
  .describe('RE2 has no look-around: what may not touch the match.');

const context = z
  .strictObject({
    words: z
      .array(z.string().min(1).max(64))
      .min(1)
      .describe(
        'Words near the match or in the JSON keys above it; ASCII case is ignored, whole words only, unless a `*` at ' +
          'the end stands for any ending. A space stands for one, for `_`, for `-` and for nothing.',
      ),
    before: z
      .number()
      .int()
      .min(0)
      .max(1024)
      .default(64)
      .describe('How far to look before the match, in bytes.'),
    after: z
      .number()
      .int()
      .min(0)
      .max(1024)
      .default(0)
      .describe('How far to look behind the match, in bytes.'),
    required: z.boolean().default(false).describe('Without a context word there is no finding.'),
    alone: z
      .boolean()
      .default(false)
      .describe(
        'With `required`: a match that is all there is in its line is a finding without a word, too.',
      ),
    boost: z.number().min(0).max(1).default(0.1).describe('Added to the confidence when a word is found.'),
  })
  .describe('Words that make the match more likely.');

const token = z
  .strictObject({
    minLength: z.number().int().min(1).optional(),
    maxLength: z.number().int().min(1).optional(),
    minDigits: z.number().int().min(0).optional(),
    minLetters: z.number().int().min(0).optional(),
    minDistinct: z.number().int().min(1).max(256).optional().describe('Distinct bytes in the value.'),
  })
  .describe('Bounds on the value, counted in bytes.');

const entropy = z
  .strictObject({ min: z.number().min(0).max(8).optional(), max: z.number().min(0).max(8).optional() })
  .describe('Shannon entropy of the value in bits a byte.');

const allow = z
  .strictObject({
    patterns: z.array(regex).default([]).describe('RE2; a value in which one matches is no finding.'),
    values: z
      .array(z.string())
      .default([])
      .describe('Exact values that are no finding; ASCII case is ignored.'),
    stopwords: z.array(z.string().min(1)).default([]).describe('A value that contains one is no finding.'),
  })
  .describe('Values that look like a match and are harmless. Never affects another rule.');

const veto = z
  .strictObject({
    before: regex
      .optional()
      .describe('RE2 on what the match holds before the value: the name, and what stands between.'),
    value: regex.optional().describe('RE2 on the value.'),
  })
  .refine(({ before, value }) => before !== undefined || value !== undefined, {
    message: 'expected `before`, `value` or both',
  })
  .describe('A name and a value that are harmless together. Never affects another rule.');

const multiline = z
  .strictObject({
    begin: regex.describe('RE2; opens the block.'),
    end: regex.describe('RE2; closes the block and belongs to it.'),
    body: regex.describe('RE2; a line in which it matches can belong to the block.'),
    requires: z
      .array(regex)
      .optional()
      .describe(
        'RE2; each must match in some line of the block, the first and the last included, or it is none.',
      ),
    maxBytes: z.number().int().min(256).max(1048576).default(65536).describe('Most bytes held back.'),
    maxGapLines: z
      .number()
      .int()
      .min(0)
      .max(100)
      .default(10)
      .describe('A block without end is closed after this many lines that can not belong to it.'),
  })
  .describe('A value of many lines, redacted as one.');

const example = z
  .strictObject({
    text: z.string().min(1),
    match: z
      .union([
        z.string().min(1).describe('The value, as it stands in the text.'),
        z.tuple([z.number().int().min(0), z.number().int().min(1)]).describe('Byte span [start, end).'),
      ])
      .describe('The span that must be redacted.'),
  })
  .describe('A text in which this rule must find the value.');

export const ruleSchema = z
  .strictObject({
    id: ruleId,
    description: z.string().min(1).max(300),
    entity: z
      .string()
      .regex(/^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*$/, 'expected an entity name such as `EMAIL_ADDRESS`')
      .max(64),
    category: z.enum(CATEGORIES),
    gdpr: z
      .array(
        z.string().regex(/^(?:art\d+(?:\(\d+\))?(?:\([a-z]\))?|rec\d+)$/, 'expected `art4(1)` or `rec30`'),
      )
      .default([]),
    severity: z.enum(SEVERITIES),
    confidence: z.number().min(0).max(1),
    patterns: z.array(pattern).default([]),
    keys: z
      .array(regex)
      .default([])
      .describe(
        'RE2 on the decoded name of a JSON key (not anchored); its value is redacted whatever its type.',
      ),
    keywords: z
      .array(z.string().min(1).max(64))
      .default([])
      .describe('A line that holds none of them is not looked at; ASCII case is ignored.'),
    boundary: boundary.optional(),
    context: context.optional(),
    validators: z.array(z.string()).default([]).describe('Names of checks that all must accept the value.'),
    entropy: entropy.optional(),
    token: token.optional(),
    allow: allow.optional(),
    vetoes: z
      .array(veto)
      .default([])
      .describe('A match for which one holds is no finding; does not apply to values under `keys`.'),
    multiline: multiline.optional(),
    action: z.enum(ACTIONS).optional().describe('What this rule does unless told otherwise.'),
    references: z.array(z.url()).default([]).describe('Where the format is documented.'),
    examples: z.array(example).min(1),
    nearMisses: z
      .array(z.string().min(1))
      .default([])
      .describe('Texts in which this rule must find nothing.'),
  })
  .refine((rule) => rule.patterns.length > 0 || rule.keys.length > 0 || rule.multiline !== undefined, {
    message: 'expected at least one of `patterns`, `keys` and `multiline`',
  });

export const ruleFileSchema = z
  .strictObject({
    schema: z.literal('logveil.rules/1'),
    rules: z.array(ruleSchema).min(1),
  })
  .describe('A file of logveil rules.');

/** The same with its rules left open, so that a mistake in one rule hides none in the others. */
export const openRuleFileSchema = ruleFileSchema.extend({ rules: z.array(z.unknown()).min(1) });

/** A rule as its author wrote it, with defaults filled in. */
export type Rule = z.infer<typeof ruleSchema>;
