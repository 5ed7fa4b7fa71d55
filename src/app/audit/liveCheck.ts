/** Asks Cal.com about the keys an audit has found, one after the other, and tells what is known of each. */
import type { AuditValue, LiveChecks } from '../../audit/result.ts';
import { checkKey, type KeyCheck } from '../../services/calcom/keyCheck.ts';
import { DEFAULT_RETRIES } from '../../services/calcom/retry.ts';
import type { CalcomTransport } from '../../services/calcom/transport.ts';
import type { LeakedKeys } from './leakedKeys.ts';

export interface LiveCheckOptions {
  readonly keys: LeakedKeys;
  /** The values found, of any entity. */
  readonly values: Iterable<AuditValue>;
  /** Undefined when there is no way to ask. */
  readonly transport: CalcomTransport | undefined;
  /** Distinct keys found; more than the values where not all are listed. */
  readonly distinct: number;
  readonly url: string;
  /** Keys asked about; of the others nothing is known. */
  readonly most: number;
  readonly signal: AbortSignal;
}

/** Never fails: of what could not be asked nothing is known. */
export async function checkLive(options: LiveCheckOptions): Promise<LiveChecks> {
  const { keys, values, url } = options;
  const counts = { live: 0, revoked: 0, unknown: 0 };
  const told: LiveChecks['keys'] = [];
  let asked = 0;
  for (const { fingerprint, entity, locations } of values) {
    if (entity !== keys.entity) continue;
    const key = keys.get(fingerprint);
    const isAsked = key !== undefined && asked < options.most;
    if (isAsked) asked++;
    const { state, reason } = isAsked ? await ask(options, key) : notAsked(key);
    counts[state]++;
    told.push({
      fingerprint,
      state,
      ...(reason !== undefined && { reason }),
      ...(isAsked && { checkedAt: new Date().toISOString() }),
      ...(locations[0] !== undefined && { location: locations[0] }),
    });
  }
  // Nobody knows of what is not listed; a count of 0 would say that all is well.
  counts.unknown += Math.max(0, options.distinct - told.length);
  return { service: 'calcom', url, counts, keys: told };
}

async function ask({ transport, signal }: LiveCheckOptions, key: string): Promise<KeyCheck> {
  if (signal.aborted) return { state: 'unknown', reason: 'stopped' };
  if (transport === undefined) return { state: 'unknown', reason: 'unavailable' };
  return checkKey(transport, key, { ...DEFAULT_RETRIES, signal });
}

/** Not in memory: found before an interruption, too long for a key, or behind too many others. */
function notAsked(key: string | undefined): KeyCheck {
  return { state: 'unknown', reason: key === undefined ? 'not-kept' : 'limit' };
}
