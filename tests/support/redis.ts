/** A real redis-server of a test's own: free port, loopback, nothing on disk but in a folder of its own. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis, type RedisOptions } from 'ioredis';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from './folders.ts';

export const HAS_REDIS = spawnSync('redis-server', ['--version']).status === 0;
export const REDIS_MISSING = HAS_REDIS ? '' : ' (skipped: redis-server is missing)';

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  await new Promise((done) => server.close(done));
  return port;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

export class RedisServer {
  readonly port: number;
  readonly #arguments: readonly string[];
  readonly #folder: string;
  #child: ChildProcess | undefined;

  constructor(port: number, folder: string, ...args: string[]) {
    this.port = port;
    this.#folder = folder;
    this.#arguments = args;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts it; back when it answers, also if it only says that it needs a password. */
  async start(): Promise<void> {
    this.#child = spawn(
      'redis-server',
      [
        ...this.#arguments,
        ...['--port', String(this.port), '--bind', '127.0.0.1', '--save', '', '--dir', this.#folder],
      ],
      { stdio: 'ignore' },
    );
    while (!(await listens(this.port))) await sleep(10);
  }

  /** A client; closed with the test. */
  client(options: Omit<RedisOptions, 'replyMapping'> = {}): Redis {
    const redis = new Redis(this.port, '127.0.0.1', {
      retryStrategy: () => 50,
      maxRetriesPerRequest: null,
      ...options,
    });
    redis.on('error', () => {});
    onTestFinished(() => redis.disconnect());
    return redis;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Kills it with -9, and waits until it is gone. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((done) => child.once('exit', done));
    child.kill('SIGKILL');
    await gone;
  }
}

/** Started, and killed with the test. @param args of redis-server; a configuration file first */
export async function startRedis(...args: string[]): Promise<RedisServer> {
  const server = new RedisServer(await freePort(), temporaryFolder(), ...args);
  onTestFinished(() => server.kill());
  await server.start();
  return server;
}
