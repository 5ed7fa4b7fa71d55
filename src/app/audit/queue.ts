/**
 * Has the parts of an audit searched by `logveil worker` processes, on this machine or others. Parts are jobs of BullMQ:
 * one whose worker dies is given to another, and whatever comes twice is taken once.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Baseline } from '../../audit/earlier.ts';
import type { Part, ScanOptions } from '../../audit/scan.ts';
import type { RedactionSettings } from '../../config/settings.ts';
import { ALIVE_TTL, AUDIT_TTL, RedisKeys } from '../../state/keys.ts';
import { checkRedisUrl, connectRedis } from '../../state/redis.ts';
import type { Log } from '../../telemetry/log.ts';
import { contextOf, message, type PartJob, packed, unpacked } from './distributed.ts';
import type { Executor, Searched } from './executor.ts';
import { dropSpooled, Spool } from './spool.ts';
import { failedResult } from './threads.ts';
import { MOST_PIECE_BYTES, partAnswerSchema } from './wireSchemas.ts';

/** Parts in the queue: enough for some dozens of workers, and little for Redis to hold. */
const WINDOW = 64;
const BEAT_MS = 10_000;
const WAIT_SECONDS = 2;
const HINT_MS = 15_000;
/** An address with a password is not for the command line. */
const FROM_ENVIRONMENT = 'env';

export interface QueueOptions {
  /** `env` for that of LOGVEIL_REDIS_URL. */
  readonly url: string;
  readonly id: string;
  readonly settings: RedactionSettings;
  /** Of the rules in effect. */
  readonly rulesDigest: string;
  readonly scan: ScanOptions;
  readonly baseline: Baseline | undefined;
  readonly log: Log;
}

interface Task {
  readonly part: Part;
  readonly done: (searched: Searched) => void;
  readonly fail: (error: unknown) => void;
}

/** @throws UsageError, IoError when Redis can't be reached */
export async function openQueue(options: Omit<QueueOptions, 'id'>): Promise<Executor> {
  const isNamed = options.url !== FROM_ENVIRONMENT;
  const url = checkRedisUrl(
    isNamed ? options.url : (process.env.LOGVEIL_REDIS_URL ?? ''),
    isNamed ? '--queue' : 'LOGVEIL_REDIS_URL',
  );
  const keys = new RedisKeys(process.env.LOGVEIL_REDIS_PREFIX);
  const [redis, waiting] = [await connectRedis(url), await connectRedis(url)];
  // Of its own: an audit that is continued must not meet the answers of its earlier run.
  const queue = new QueueExecutor({ ...options, id: randomUUID() }, keys, redis, waiting);
  await queue.begin();
  return queue;
}

class QueueExecutor implements Executor {
  readonly window = WINDOW;
  readonly workers = 0;
  bytesRead = 0;
  readonly #options: QueueOptions;
  readonly #keys: RedisKeys;
  readonly #redis: Redis;
  /** Waits for parts that are done; nothing else goes over it meanwhile. */
  readonly #waiting: Redis;
  readonly #queue: Queue<PartJob>;
  readonly #tasks = new Map<number, Task>();
  #count = 0;
  #isClosed = false;
  #beat: NodeJS.Timeout | undefined;
  #loop: Promise<void> | undefined;

  constructor(options: QueueOptions, keys: RedisKeys, redis: Redis, waiting: Redis) {
    this.#options = options;
    this.#keys = keys;
    this.#redis = redis;
    this.#waiting = waiting;
    const { prefix, name } = keys.partsQueue;
    this.#queue = new Queue<PartJob>(name, { prefix, connection: redis as never });
    this.#queue.on('error', () => {});
  }

  async begin(): Promise<void> {
    const { settings, rulesDigest, scan, baseline, id } = this.#options;
    const context = contextOf(settings, rulesDigest, scan, [...(baseline?.fingerprints ?? [])]);
    const bytes = await packed(Buffer.from(JSON.stringify(context)));
    await this.#redis.set(this.#keys.auditContext(id), bytes, 'EX', AUDIT_TTL);
    await this.#tellAlive();
    this.#beat = setInterval(() => {
      this.#tellAlive().catch(() => {});
    }, BEAT_MS);
    this.#beat.unref();
    this.#loop = this.#takeAnswers();
    this.#hint();
  }

  async run(part: Part): Promise<Searched> {
    const { id } = this.#options;
    const number = this.#count++;
    const searched = new Promise<Searched>((done, fail) => {
      this.#tasks.set(number, { part, done, fail });
    });
    const job: PartJob = { audit: id, number, part };
    await this.#queue.add('part', job, {
      jobId: jobId(id, number),
      removeOnComplete: true,
      removeOnFail: { age: AUDIT_TTL },
    });
    return searched;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#beat);
    const { id } = this.#options;
    this.#waiting.disconnect();
    await this.#loop;
    try {
      for (const number of this.#tasks.keys()) await this.#queue.remove(jobId(id, number));
      await this.#redis.del(this.#keys.auditContext(id), this.#keys.auditAlive(id), this.#keys.auditDone(id));
      await this.#expireQueue();
    } catch {
      // Redis is away: what is left there goes by its time to live.
    }
    await this.#queue.close();
    this.#redis.disconnect();
  }

  async #tellAlive(): Promise<void> {
    await this.#redis.set(this.#keys.auditAlive(this.#options.id), '1', 'EX', ALIVE_TTL);
    await this.#redis.expire(this.#keys.auditContext(this.#options.id), AUDIT_TTL);
    await this.#expireQueue();
  }

  /** BullMQ sets no time to live. */
  async #expireQueue(): Promise<void> {
    const { prefix, name } = this.#keys.partsQueue;
    let cursor = '0';
    do {
      const [next, found] = await this.#redis.scan(cursor, 'MATCH', `${prefix}:${name}:*`, 'COUNT', 500);
      cursor = next;
      // Its locks have one: with another they would outlive their workers.
      for (const key of found)
        if ((await this.#redis.ttl(key)) === -1) await this.#redis.expire(key, AUDIT_TTL);
    } while (cursor !== '0');
  }

  async #takeAnswers(): Promise<void> {
    const done = this.#keys.auditDone(this.#options.id);
    while (!this.#isClosed) {
      try {
        const next = await this.#waiting.blpop(done, WAIT_SECONDS);
        if (next !== null) await this.#take(Number(next[1]));
        else await this.#takeFailed();
      } catch (error) {
        if (this.#isClosed) return;
        this.#options.log.warn(`Redis: ${(error as Error).name}; trying again`);
        await sleep(1000);
      }
    }
  }

  async #take(number: number): Promise<void> {
    const { id } = this.#options;
    const key = this.#keys.auditResult(id, number);
    const text = await this.#redis.getBuffer(key);
    const task = this.#tasks.get(number);
    if (text === null || task === undefined) return;
    const spool = new Spool();
    try {
      const { result, records } = await message(text, partAnswerSchema);
      const pieces = records === undefined ? 0 : await this.#redis.llen(records);
      for (let piece = 0; records !== undefined && piece < pieces; piece++) {
        const bytes = await this.#redis.lindexBuffer(records, piece);
        if (bytes !== null) spool.write(await unpacked(bytes, MOST_PIECE_BYTES));
      }
      this.#tasks.delete(number);
      await this.#redis.del(key, ...(records === undefined ? [] : [records]));
      this.bytesRead += result.bytesRead;
      task.done({ result, records: spool.take() });
    } catch (error) {
      this.#tasks.delete(number);
      dropSpooled(spool.take());
      task.fail(error);
    }
  }

  /** Jobs whose workers have died again and again are a gap. */
  async #takeFailed(): Promise<void> {
    for (const job of await this.#queue.getFailed(0, WINDOW)) {
      const task = job.data.audit === this.#options.id ? this.#tasks.get(job.data.number) : undefined;
      if (task === undefined) continue;
      this.#tasks.delete(job.data.number);
      await job.remove();
      task.done({
        result: failedResult(task.part, 'each worker that searched it has died'),
        records: { chunks: [], file: undefined },
      });
    }
  }

  /** Somebody who has started no worker would wait without end. */
  #hint(): void {
    const timer = setTimeout(async () => {
      if (this.bytesRead > 0 || this.#isClosed || this.#tasks.size === 0) return;
      const workers = await this.#queue.getWorkersCount().catch(() => 0);
      if (workers === 0)
        this.#options.log.warn('no worker has joined yet: `logveil worker --queue URL` starts one');
    }, HINT_MS);
    timer.unref();
  }
}

function jobId(audit: string, number: number): string {
  return `${audit}-${number}`;
}
