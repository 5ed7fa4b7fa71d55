/** A worker of distributed audits: takes parts from the queue, searches them with threads, and answers through Redis. */
import { randomBytes } from 'node:crypto';
import { DelayedError, type Job, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Part } from '../../audit/scan.ts';
import type { RedactionSettings } from '../../config/settings.ts';
import { IoError, LogveilError, UsageError } from '../../errors.ts';
import { withAllowed } from '../../rules/allow.ts';
import { AUDIT_TTL, type RedisKeys } from '../../state/keys.ts';
import type { Log } from '../../telemetry/log.ts';
import { VERSION } from '../../version.ts';
import { openRuleSet } from '../ruleSet.ts';
import { type AuditContext, message, type PartAnswer, type PartJob, packed } from './distributed.ts';
import type { Executor } from './executor.ts';
import { spooledBytes } from './spool.ts';
import { Threads } from './threads.ts';
import { auditContextSchema, partJobSchema } from './wireSchemas.ts';

/** A job without a sign of life for so long is given to another worker, in milliseconds. */
const LOCK_MS = 20_000;
/** Workers that may die of one part. */
const MOST_DEATHS = 3;
/** What a part tells goes to Redis in pieces of so many bytes, before compression. */
const PIECE_BYTES = 1024 * 1024;
/** A job that this worker can't do is offered again after so long. */
const OFFER_AGAIN_MS = 2000;

export interface QueueWorkerOptions {
  readonly redis: Redis;
  readonly keys: RedisKeys;
  readonly settings: RedactionSettings;
  readonly workers: number;
  /** Where this machine has the files that the coordinator names otherwise. */
  readonly pathMap: readonly (readonly [from: string, to: string])[];
  readonly log: Log;
  readonly lockMs?: number;
}

/** The audit that parts come from at present. */
interface Current {
  readonly audit: string;
  readonly executor: Executor;
}

export class QueueWorker {
  readonly #options: QueueWorkerOptions;
  readonly #worker: Worker<PartJob>;
  #current: Promise<Current | undefined> | undefined;
  #currentAudit = '';
  /** Why this worker can't take part. */
  readonly refused: Promise<UsageError>;
  #refuse: (error: UsageError) => void = () => {};

  constructor(options: QueueWorkerOptions) {
    this.#options = options;
    this.refused = new Promise((done) => {
      this.#refuse = done;
    });
    const { redis, keys, workers, lockMs = LOCK_MS } = options;
    const { prefix, name } = keys.partsQueue;
    this.#worker = new Worker<PartJob>(name, (job, token) => this.#search(job, token), {
      prefix,
      connection: redis as never,
      concurrency: workers,
      lockDuration: lockMs,
      stalledInterval: lockMs,
      maxStalledCount: MOST_DEATHS,
    });
    this.#worker.on('error', () => {});
    this.#worker.on('failed', (job, error) =>
      options.log.error(`a part failed: ${error.name}`, { part: Number(job?.data.number ?? -1) }),
    );
  }

  /** Waits for the parts in work, and leaves. */
  async close(): Promise<void> {
    await this.#worker.close();
    const current = await this.#current?.catch(() => undefined);
    await current?.executor.close();
  }

  async #search(job: Job<PartJob>, token: string | undefined): Promise<void> {
    const { redis, keys, log } = this.#options;
    const { audit, number, part } = checked(job.data);
    // Its coordinator is gone, nobody would take the answer.
    if ((await redis.exists(keys.auditAlive(audit))) === 0) return;
    let current: Current | undefined;
    try {
      current = await this.#joined(audit);
    } catch (error) {
      if (!(error instanceof LogveilError)) throw error;
      await job.moveToDelayed(Date.now() + OFFER_AGAIN_MS, token);
      this.#refuse(new UsageError(error.message));
      throw new DelayedError();
    }
    if (current === undefined) return;
    const searched = await current.executor.run(this.#mapped(part));
    const attempt = randomBytes(8).toString('hex');
    const records = keys.auditRecords(audit, number, attempt);
    const pieces = await this.#tell(records, spooledBytes(searched.records));
    const answer: PartAnswer = { result: searched.result, ...(pieces > 0 && { records }) };
    const text = await packed(Buffer.from(JSON.stringify(answer)));
    // Only the first answer counts: a part may have been given to two workers.
    const isFirst = await redis.set(keys.auditResult(audit, number), text, 'EX', AUDIT_TTL, 'NX');
    if (isFirst === null) {
      await redis.del(records);
      return;
    }
    const done = keys.auditDone(audit);
    await redis.multi().rpush(done, String(number)).expire(done, AUDIT_TTL).exec();
    log.info('part done', { part: number, findings: searched.result.findings });
  }

  /** @returns the number of pieces */
  async #tell(key: string, chunks: Iterable<Buffer>): Promise<number> {
    const { redis } = this.#options;
    let count = 0;
    const send = async (bytes: Buffer): Promise<void> => {
      await redis.rpush(key, await packed(bytes));
      count++;
    };
    let waiting: Buffer[] = [];
    let length = 0;
    for (const chunk of chunks) {
      waiting.push(Buffer.from(chunk));
      length += chunk.length;
      if (length < PIECE_BYTES) continue;
      await send(Buffer.concat(waiting));
      waiting = [];
      length = 0;
    }
    if (length > 0) await send(Buffer.concat(waiting));
    if (count > 0) await redis.expire(key, AUDIT_TTL);
    return count;
  }

  /** Threads with what the audit is searched with; of one audit at a time. */
  #joined(audit: string): Promise<Current | undefined> {
    if (this.#currentAudit !== audit || this.#current === undefined) {
      const before = this.#current;
      this.#currentAudit = audit;
      this.#current = this.#join(audit, before);
    }
    return this.#current;
  }

  async #join(audit: string, before: Promise<Current | undefined> | undefined): Promise<Current | undefined> {
    const { redis, keys, settings, workers, log } = this.#options;
    const bytes = await redis.getBuffer(keys.auditContext(audit));
    if (bytes === null) return undefined;
    const context = await message(bytes, auditContextSchema);
    const { key } = settings;
    refuseOther(context, key.id);
    const ruleSet = await openRuleSet(context.settings.rules);
    if (withAllowed(ruleSet, settings.allow).digest !== context.rulesDigest) {
      throw new UsageError(
        'the rules of the audit, or the values its configuration allows, are others than those of this worker: bring both to the same state',
      );
    }
    // Another audit's parts may still be in work; its threads end with them.
    before?.then((old) => old?.executor.close()).catch(() => {});
    log.info('joined an audit', { rules: ruleSet.rules.length });
    const { key: _, ...rest } = settings;
    const executor = new Threads(workers, {
      // An audit with known secrets is not spread: a worker's own would be found in no other's parts.
      settings: { ...rest, ...context.settings, knownSecrets: [], action: 'keep' },
      key: key.share(),
      identity: undefined,
      scan: context.scan,
      baseline: context.baseline,
    });
    return { audit, executor };
  }

  #mapped(part: Part): Part {
    for (const [from, to] of this.#options.pathMap) {
      const isBelow = part.path === from || part.path.startsWith(from.endsWith('/') ? from : `${from}/`);
      if (isBelow) return { ...part, path: to + part.path.slice(from.length) };
    }
    return part;
  }
}

/** Whoever can write to Redis decides what a job says. @throws IoError */
function checked(job: unknown): PartJob {
  const parsed = partJobSchema.safeParse(job);
  if (parsed.success) return parsed.data;
  throw new IoError('Redis: a job is not as logveil writes it');
}

/** @throws UsageError */
function refuseOther(context: AuditContext, keyId: string): void {
  if (context.version !== VERSION) {
    throw new UsageError(
      `the audit was started by version ${context.version}, this worker is ${VERSION}: use the same one`,
    );
  }
  if (context.keyId !== keyId) {
    throw new UsageError(
      `the audit has the key ${context.keyId}, this worker ${keyId}: give the same key with LOGVEIL_KEY or --key-file`,
    );
  }
}
