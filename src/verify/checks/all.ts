/** All checks, in the order of their numbers. */
import type { Check } from '../check.ts';
import { selfTest } from './01-self-test.ts';
import { configuration } from './02-configuration.ts';
import { piiInLogs } from './03-pii-in-logs.ts';
import { health } from './04-health.ts';
import { responseTime } from './05-response-time.ts';
import { redis } from './06-redis.ts';
import { breakers } from './07-breakers.ts';
import { rateLimit } from './08-rate-limit.ts';
import { businessHours } from './09-business-hours.ts';
import { cacheKeys } from './10-cache-keys.ts';
import { cacheHits } from './11-cache-hits.ts';
import { errors } from './12-errors.ts';

export const CHECKS: readonly Check[] = [
  selfTest,
  configuration,
  piiInLogs,
  health,
  responseTime,
  redis,
  breakers,
  rateLimit,
  businessHours,
  cacheKeys,
  cacheHits,
  errors,
];
