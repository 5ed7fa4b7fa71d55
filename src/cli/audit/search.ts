/** Who searches: this thread, threads beside it, or workers on a queue. */
import { availableParallelism } from 'node:os';
import { type Executor, OwnThread } from '../../app/audit/executor.ts';
import type { LeakedKeys } from '../../app/audit/leakedKeys.ts';
import { PartScanner } from '../../app/audit/partScanner.ts';
import { Threads } from '../../app/audit/threads.ts';
import type { Redaction } from '../../app/redaction.ts';
import type { Baseline } from '../../audit/earlier.ts';
import type { RuleFacts } from '../../audit/scan.ts';
import type { RedactionSettings } from '../../config/settings.ts';
import { UsageError } from '../../errors.ts';
import type { Log } from '../../telemetry/log.ts';
import type { AuditOptions } from '../auditFlags.ts';

/** Less is searched before threads have begun, in bytes. */
const LEAST_FOR_THREADS = 16 * 1024 * 1024;

export interface SearchInput {
  readonly settings: RedactionSettings;
  readonly options: AuditOptions;
  readonly redaction: Redaction;
  readonly rules: readonly RuleFacts[];
  readonly baseline: Baseline | undefined;
  readonly log: Log;
  readonly stop: AbortSignal;
  /** Takes keys that are to be asked about. */
  readonly keys: LeakedKeys | undefined;
}

/**
 * @param queue address of a queue; undefined to search here
 * @param bytes to be searched, as stored
 * @throws UsageError, IoError
 */
export async function openExecutor(
  input: SearchInput,
  queue: string | undefined,
  bytes: number,
): Promise<Executor> {
  const { options, settings, redaction, baseline, stop, keys } = input;
  if (queue !== undefined) return openQueueExecutor(input, queue);
  const workers = options.workers ?? (bytes < LEAST_FOR_THREADS ? 1 : availableParallelism());
  if (workers === 1) return new OwnThread((onProgress) => openScanner(input, onProgress, stop));
  const { key, ...rest } = settings;
  const start = {
    settings: rest,
    key: key.share(),
    identity: redaction.identity,
    scan: options.scan,
    baseline: [...(baseline?.fingerprints ?? [])],
    keysOf: keys?.entity,
  };
  return new Threads(workers, start, keys?.addAll);
}

export function openScanner(
  { redaction, options, rules, baseline, keys }: SearchInput,
  onProgress?: (bytes: number) => void,
  stop?: AbortSignal,
): PartScanner {
  return new PartScanner({
    redaction,
    scan: options.scan,
    rules,
    baseline: baseline?.fingerprints ?? new Set(),
    keys,
    ...(onProgress && { onProgress }),
    ...(stop && { stop }),
  });
}

async function openQueueExecutor(input: SearchInput, queue: string): Promise<Executor> {
  const { settings, options, redaction, baseline, log } = input;
  if (settings.knownSecrets.length > 0) {
    throw new UsageError(
      '--known-secrets: can not be used with --queue: the values would have to be on each worker',
    );
  }
  const { openQueue } = await import('../../app/audit/queue.ts');
  return openQueue({
    url: queue,
    settings,
    rulesDigest: redaction.digest,
    scan: options.scan,
    baseline,
    log,
  });
}
