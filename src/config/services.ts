/** How services of others are protected: limits and breakers by service, and the Redis that processes share them in. */
import { z } from 'zod';

/** As in the keys of Redis. */
const SERVICE = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/;

const seconds = z.number().positive().max(86_400);
const node = z
  .string()
  .regex(/^(?:\[[\da-fA-F:.]+\]|[\w.-]+)(?::\d{1,5})?$/, 'expected `host` or `host:port`')
  .describe('`host` or `host:port`.');

const limit = z
  .strictObject({
    calls: z.number().int().min(1).max(100_000).default(60).describe('Calls allowed.'),
    seconds: seconds.default(60).describe('In any span of so many seconds.'),
    reserve: z
      .number()
      .int()
      .min(0)
      .max(1000)
      .optional()
      .describe('Calls a process may hold in reserve for when Redis goes away; a twentieth without it.'),
  })
  .describe('Rate limit, over all processes.');

const breaker = z
  .strictObject({
    windowSeconds: seconds.default(60).describe('Calls of so long count.'),
    minimumCalls: z.number().int().min(1).max(100_000).default(5).describe('With fewer it never opens.'),
    failureRate: z.number().gt(0).max(1).default(0.5).describe('Failed share from which it opens.'),
    openSeconds: seconds.default(30).describe('Time until a probe.'),
    jitter: z.number().min(0).max(1).default(0.2).describe('Share of that time it may be more or less.'),
    leaseSeconds: seconds
      .default(30)
      .describe('A probe not heard of for so long is given up; longer than a call may take.'),
    history: z.number().int().min(1).max(10_000).default(50).describe('Changes kept in Redis.'),
  })
  .describe('Circuit breaker.');

/** What holds for a Redis that only the environment names. */
export const DEFAULT_PROBE_ALONE_SECONDS = 300;

const serviceSchema = z.strictObject({
  limit: limit.default(limit.parse({})),
  breaker: breaker.default(breaker.parse({})),
});

const tls = z
  .strictObject({
    caFile: z.string().min(1).optional().describe('Who may have signed the certificate of Redis, PEM.'),
    certFile: z.string().min(1).optional().describe('Certificate of logveil, PEM.'),
    keyFile: z.string().min(1).optional().describe('Its key, PEM.'),
    serverName: z.string().min(1).optional().describe('Name in the certificate, if not that of the address.'),
  })
  .describe('TLS to Redis.');

const redis = z
  .strictObject({
    url: z
      .string()
      .regex(
        /^rediss?(?:\+sentinel|\+cluster)?:\/\/[^@\s]+$/,
        'expected an address such as `redis://localhost:6379`, without user and password: these are LOGVEIL_REDIS_USERNAME and LOGVEIL_REDIS_PASSWORD',
      )
      .optional()
      .describe('Address without a password; LOGVEIL_REDIS_URL beats it.'),
    sentinels: z.array(node).min(1).optional().describe('Sentinels, in place of an address.'),
    master: z
      .string()
      .regex(/^[\w.-]+$/)
      .optional()
      .describe('Name of the master the Sentinels know.'),
    cluster: z.array(node).min(1).optional().describe('Nodes of a cluster, in place of an address.'),
    prefix: z
      .string()
      .regex(/^(?:[a-z0-9_]+(?::[a-z0-9_]+)*)?$/, 'expected lower snake segments joined by `:`')
      .optional()
      .describe('In front of every key; LOGVEIL_REDIS_PREFIX beats it.'),
    sole: z
      .boolean()
      .default(false)
      .describe('No other process uses these services: it goes on in full when Redis is away.'),
    probeAloneSeconds: z
      .number()
      .min(0)
      .max(86_400)
      .default(DEFAULT_PROBE_ALONE_SECONDS)
      .describe('With Redis away for so long, each process probes an open breaker for itself.'),
    tls: tls.optional(),
  })
  .superRefine(({ url, sentinels, cluster, master }, context) => {
    const ways = [url, sentinels, cluster].filter((way) => way !== undefined).length;
    if (ways > 1)
      context.addIssue({
        code: 'custom',
        message: 'expected only one of `url`, `sentinels` and `cluster`',
      });
    if ((sentinels === undefined) !== (master === undefined))
      context.addIssue({
        code: 'custom',
        path: ['master'],
        message: 'expected `sentinels` and `master` together',
      });
  })
  .describe('Redis that breakers and limits are shared in.');

export const protectionSchema = z
  .strictObject({
    redis: redis.optional(),
    services: z
      .record(
        z.string().regex(SERVICE, 'expected a name in lower snake case, such as `calcom`'),
        serviceSchema,
      )
      .default({})
      .describe('By name of the service, such as `calcom`.'),
  })
  .describe('Circuit breakers and rate limits of services of others.');

export type ProtectionConfig = z.infer<typeof protectionSchema>;
export type RedisConfig = NonNullable<ProtectionConfig['redis']>;
export type ServiceConfig = ProtectionConfig['services'][string];

/** What a service has that the configuration does not name. */
export function serviceDefaults(): ServiceConfig {
  return serviceSchema.parse({});
}

/** Whether it can stand in a key. */
export function isServiceName(name: string): boolean {
  return SERVICE.test(name);
}
