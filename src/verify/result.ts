/**
 * What a verification tells, as `logveil verify --format json` writes it. Texts are ours and name files, rules, counts
 * and thresholds; a scanned value, a raw key of Redis or an answer's body is in none of them.
 *
 * Readers (the dashboard, CI jobs) parse with {@link verificationSchema}; new optional fields may come, so they must not
 * refuse what they do not know.
 */
import { z } from 'zod';

export const VERIFICATION_SCHEMA = 'logveil.verification/1';

/** From the mildest to the gravest, `skipped` aside: what was left out by the configuration says nothing. */
export const STATUSES = ['skipped', 'pass', 'warn', 'unknown', 'fail'] as const;
/** `must`: a failure is a reason to roll back. `should`: a failure is a reason to watch. */
export const LEVELS = ['must', 'should'] as const;
export const TRIGGER_STATES = ['clear', 'unknown', 'fired'] as const;

const metricSchema = z.object({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9_]*$/)
    .describe('Lower snake case; also the label of the perfdata.'),
  value: z.number(),
  unit: z.enum(['', 's', '%', 'B', 'c']).describe('As in perfdata; `c` is a counter.'),
  warn: z.string().optional().describe('Range of the Monitoring Plugins: `10`, `70:`.'),
  fail: z.string().optional().describe('The same.'),
  min: z.number().optional(),
  max: z.number().optional(),
});

const checkResultSchema = z.object({
  number: z.number().int().min(1),
  id: z.string(),
  title: z.string(),
  level: z.enum(LEVELS),
  status: z.enum(STATUSES),
  observed: z.string().describe('What was seen, or why it could not be looked at.'),
  threshold: z.string().describe('What it is held to.'),
  recommendation: z.string().optional().describe('The next step; missing where all is well.'),
  details: z.array(z.string()).describe('Places and further facts, a line each.'),
  metrics: z.array(metricSchema),
  seconds: z.number().min(0),
});

const triggerSchema = z.object({
  number: z.number().int().min(1),
  id: z.string(),
  title: z.string(),
  state: z.enum(TRIGGER_STATES),
  reason: z.string(),
  checks: z.array(z.string()).describe('Ids of the checks it follows from.'),
});

const runbookStepSchema = z.object({
  number: z.number().int().min(1),
  id: z.string(),
  title: z.string(),
  note: z.string().optional(),
  commands: z.array(z.string()).describe('Shell, to be copied; values are quoted.'),
});

export const verificationSchema = z
  .object({
    schema: z.literal(VERIFICATION_SCHEMA),
    version: z.string().describe('Of logveil.'),
    deployment: z.string(),
    started: z.iso.datetime(),
    seconds: z.number().min(0),
    status: z.enum(['pass', 'warn', 'unknown', 'fail']),
    exitCode: z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(3)]),
    counts: z.object({
      pass: z.number().int(),
      warn: z.number().int(),
      fail: z.number().int(),
      unknown: z.number().int(),
      skipped: z.number().int(),
    }),
    checks: z.array(checkResultSchema),
    triggers: z.array(triggerSchema),
    runbook: z.array(runbookStepSchema).describe('Empty unless a trigger fired or a must-pass check failed.'),
  })
  .describe('Result of `logveil verify`.');

export type Status = (typeof STATUSES)[number];
export type Level = (typeof LEVELS)[number];
export type Metric = z.infer<typeof metricSchema>;
export type CheckResult = z.infer<typeof checkResultSchema>;
export type Trigger = z.infer<typeof triggerSchema>;
export type RunbookStep = z.infer<typeof runbookStepSchema>;
export type Verification = z.infer<typeof verificationSchema>;
