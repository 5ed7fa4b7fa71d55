/** Events as entries of a Redis Stream (XADD), accepted when Redis has answered for each. */
import { Redis } from 'ioredis';
import { SinkError, type SinkEvent, type Transport } from './transport.ts';

export interface RedisStreamTarget {
  readonly url: string;
  readonly key: string;
  /** Entries kept, about so many; older ones are removed by Redis. */
  readonly maxEntries: number;
}

const COMMAND_MS = 10_000;

export class RedisStreamTransport implements Transport {
  readonly name: string;
  readonly #redis: Redis;
  readonly #target: RedisStreamTarget;

  constructor(target: RedisStreamTarget) {
    this.#target = target;
    this.name = `Redis stream ${target.key}`;
    this.#redis = new Redis(target.url, {
      lazyConnect: true,
      // Sending again is the delivery's to do, which knows what was accepted.
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      retryStrategy: () => null,
      commandTimeout: COMMAND_MS,
      connectTimeout: COMMAND_MS,
    });
    // Told by the command that fails.
    this.#redis.on('error', () => {});
  }

  async send(events: readonly SinkEvent[]): Promise<void> {
    try {
      if (this.#redis.status !== 'ready') {
        this.#redis.disconnect();
        await this.#redis.connect();
      }
      const { key, maxEntries } = this.#target;
      const pipeline = this.#redis.pipeline();
      for (const { bytes, source } of events) {
        pipeline.xadd(key, 'MAXLEN', '~', maxEntries, '*', 'line', bytes, 'source', source);
      }
      const answers = (await pipeline.exec()) ?? [];
      if (answers.length < events.length || answers.some(([error]) => error !== null))
        throw new Error('refused');
    } catch {
      throw new SinkError('later', `${this.name}: Redis can't be reached, or refuses`);
    }
  }

  async close(): Promise<void> {
    this.#redis.disconnect();
  }
}
