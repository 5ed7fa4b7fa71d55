/**
 * A deployment as `logveil verify` and `logveil monitor` look at it. Nothing secret stands here: an address of Redis with
 * a password comes from `LOGVEIL_REDIS_URL`.
 */
import { isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { SEVERITIES } from '../findings/finding.ts';
import { zoneSchema } from './businessHours.ts';
import { parseDuration } from './duration.ts';
import { parseSize } from './size.ts';

/** No control characters: what stands here is shown, and put into commands to be copied. */
const text = z
  .string()
  .min(1)
  .max(1024)
  .regex(/^\P{Cc}+$/u, 'expected text without control characters');
const texts = z.array(text);

const duration = z
  .union([z.number(), z.string()])
  .transform((value, context) => {
    const ms = parseDuration(String(value));
    if (ms !== undefined && ms > 0) return ms;
    context.addIssue({ code: 'custom', message: 'expected a time such as `500ms`, `30s`, `5m` or `24h`' });
    return z.NEVER;
  })
  .describe('A number with ms, s, m, h or d.');

const size = z
  .union([z.number(), z.string()])
  .transform((value, context) => {
    const bytes = parseSize(String(value));
    if (bytes !== undefined && bytes >= 1) return bytes;
    context.addIssue({ code: 'custom', message: 'expected a size such as `1048576`, `64KiB` or `1MiB`' });
    return z.NEVER;
  })
  .describe('Bytes, or a number with KiB, MiB, KB, MB.');

const share = z.number().min(0).max(1);
const count = z.number().int().min(0);

function urlOf(protocols: readonly string[], example: string): z.ZodType<string> {
  return text.superRefine((value, context) => {
    const issue = (message: string): void => context.addIssue({ code: 'custom', message });
    if (!URL.canParse(value) || !protocols.includes(new URL(value).protocol)) {
      return issue(`expected an address such as \`${example}\``);
    }
    const { username, password } = new URL(value);
    if (username !== '' || password !== '') {
      issue('expected an address without credentials; that of Redis may have them in LOGVEIL_REDIS_URL');
    }
  });
}

const httpUrl = urlOf(['http:', 'https:'], 'http://localhost/api/health');

const thresholds = z
  .strictObject({
    responseWarn: duration.default(500).describe('From here on WARN.'),
    responseFail: duration.default(2000).describe('From here on FAIL.'),
    redisPing: duration.default(100).describe("From here on Redis's answer is slow."),
    rateLimitWarn: share.default(0.8).describe('Share of the limit above which it warns.'),
    cacheHitPass: share.default(0.7).describe('Share of hits above which it passes.'),
    cacheHitWarn: share.default(0.5).describe('Share of hits below which it fails.'),
    cacheLookups: count.default(100).describe('With fewer lookups the share says nothing.'),
    errorsWarn: z.number().positive().default(10).describe('Errors an hour from which it warns.'),
    errorsFail: z.number().positive().default(50).describe('Errors an hour from which it fails.'),
    failureRate: share.default(0.1).describe('Share of failed user actions above which it fails.'),
    failureLeast: z.number().int().min(1).default(10).describe('With fewer actions the share says nothing.'),
    breakerOpen: duration.default(300_000).describe('A breaker that is open for longer is stuck.'),
    leakSeverity: z.enum(SEVERITIES).default('low').describe('Findings below this warn only.'),
    logAge: duration.default(86_400_000).describe('Logs last written before that are not current.'),
    keys: z.number().int().min(1).default(100_000).describe('Keys in the database above which it fails.'),
  })
  .refine(({ responseWarn, responseFail }) => responseWarn <= responseFail, {
    message: 'expected `responseWarn` up to `responseFail`',
  })
  .refine(({ errorsWarn, errorsFail }) => errorsWarn <= errorsFail, {
    message: 'expected `errorsWarn` up to `errorsFail`',
  })
  .refine(({ cacheHitWarn, cacheHitPass }) => cacheHitWarn <= cacheHitPass, {
    message: 'expected `cacheHitWarn` up to `cacheHitPass`',
  });

const limits = z.strictObject({
  logBytes: size.default(64 * 1024 * 1024).describe('Looked at in all, from the end of each log.'),
  logFiles: z.number().int().min(1).max(10_000).default(200).describe('Logs looked at, newest first.'),
  keys: z.number().int().min(1).default(10_000).describe('Keys of Redis looked at.'),
  health: duration.default(10_000).describe('Longest wait for the health endpoint.'),
  redis: duration.default(5000).describe('Longest wait for an answer of Redis.'),
  check: duration.default(60_000).describe('Longest time of one check.'),
  total: duration.default(180_000).describe('Longest time of all checks together.'),
});

const rollback = z.strictObject({
  commit: z
    .string()
    .regex(/^[0-9a-f]{7,64}$|^v?\d[\w.+-]{0,63}$/, 'expected a commit (7 to 64 hex digits) or a version tag')
    .optional()
    .describe('What to go back to.'),
  units: z
    .array(z.string().regex(/^[\w@:.][\w@:.-]{0,254}$/, 'expected the name of a systemd unit'))
    .default([])
    .describe('Units to restart.'),
  clearCaches: texts
    .default(['php artisan config:clear', 'php artisan route:clear', 'php artisan view:clear'])
    .describe('Commands, run in the folder; `[]` for none.'),
});

const watch = z.strictObject({
  leaks: duration
    .default(300_000)
    .describe('Logs and keys, for personal data and secrets; breakers, limits.'),
  performance: duration.default(900_000).describe('Health, response time, cache.'),
  errors: duration.default(3_600_000).describe('Error rate, business hours, configuration, self-test.'),
  summary: duration.default(86_400_000).describe('How often a summary is written.'),
});

export const deploymentSchema = z
  .strictObject({
    name: text.default('deployment'),
    folder: text.optional().describe('Of the application.'),
    logs: texts
      .min(1)
      .optional()
      .describe('Files and globs, relative to `folder`, or without it to this file.'),
    followLinks: z.boolean().default(false).describe('Also links that lead out of the folder of the logs.'),
    healthUrl: httpUrl.optional().describe('Gets exactly one GET a run.'),
    metricsUrl: httpUrl.optional().describe('`/metrics` of `logveil serve` or `tail`, for `monitor`.'),
    redis: z
      .strictObject({
        url: urlOf(['redis:', 'rediss:'], 'redis://localhost:6379')
          .optional()
          .describe('Without credentials; LOGVEIL_REDIS_URL beats it.'),
        prefix: z.string().max(256).default('').describe('In front of every key, as it stands: `app:`.'),
      })
      .prefault({}),
    services: z
      .array(z.string().regex(/^[a-z0-9_]{1,64}$/, 'expected lower case letters, digits and `_`'))
      .default([])
      .describe('That have a circuit breaker.'),
    breakers: z
      .strictObject({
        absent: z.enum(['pass', 'warn', 'fail']).default('warn').describe('A service without a state.'),
        openUntold: z
          .enum(['warn', 'fail'])
          .default('warn')
          .describe('An open breaker of which nothing tells for how long.'),
        ttl: duration.optional().describe('With which the application writes the state.'),
      })
      .prefault({}),
    rateLimit: z
      .strictObject({
        key: z
          .string()
          .regex(/^[a-z0-9_:]{1,128}$/)
          .default('calcom_api_rate_limit'),
        limit: z.number().int().min(1).default(60).describe('Calls a minute.'),
        zone: zoneSchema.default('UTC').describe("Of the minute in the key's name."),
      })
      .prefault({}),
    insideHours: texts
      .default([])
      .describe('Lines that hold one of these may be written inside `businessHours` only.'),
    zone: zoneSchema.default('UTC').describe('Of times in logs that name none.'),
    activity: z
      .strictObject({
        success: texts.default([]).describe('Parts of lines that tell of a user action that went well.'),
        failure: texts.default([]).describe('The same of one that failed.'),
      })
      .prefault({}),
    thresholds: thresholds.prefault({}),
    limits: limits.prefault({}),
    rollback: rollback.prefault({}),
    watch: watch.prefault({}),
    skip: z
      .array(z.string().regex(/^[a-z]+(?:-[a-z]+)*$/))
      .default([])
      .describe('Ids of checks that are left out.'),
  })
  .describe('A deployment, for `logveil verify` and `logveil monitor`.');

export type DeploymentConfig = z.infer<typeof deploymentSchema>;

/** The folder is relative to the configuration, the logs are relative to the folder. */
export function withFolders(deployment: DeploymentConfig, base: string): DeploymentConfig {
  const below = (folder: string, path: string): string => (isAbsolute(path) ? path : join(folder, path));
  const folder = deployment.folder === undefined ? undefined : below(base, deployment.folder);
  return {
    ...deployment,
    ...(folder !== undefined && { folder }),
    ...(deployment.logs && { logs: deployment.logs.map((path) => below(folder ?? base, path)) }),
  };
}
