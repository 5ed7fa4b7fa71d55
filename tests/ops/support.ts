/** A sample deployment on a real Redis: the application of `sample/app.mjs`, its configuration, and verifications of it. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Redis } from 'ioredis';
import { stringify } from 'yaml';
import { loadConfig } from '../../src/config/load.ts';
import { toRedactionSettings } from '../../src/config/settings.ts';
import { CHECKS } from '../../src/verify/checks/all.ts';
import { toDeployment } from '../../src/verify/deployment.ts';
import { verificationSchema } from '../../src/verify/result.ts';
import { runChecks, toVerification } from '../../src/verify/run.ts';
import { type RunResult, runCli } from '../support/cli.ts';

export const HAS_REDIS = spawnSync('redis-server', ['--version']).status === 0;
export const WHERE = HAS_REDIS ? '' : ' (skipped: redis-server is missing)';

const APP = join(import.meta.dirname, 'sample/app.mjs');
/** Never read by a person before logveil does, and no name of anybody. */
export const LEAKED = ['jane.doe', 'corp-mail.de'].join('@');

type Settings = Readonly<Record<string, unknown>>;
export type Result = ReturnType<typeof verificationSchema.parse>;
export type CheckSeen = Result['checks'][number];

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  await new Promise((done) => server.close(done));
  return port;
}

export class Sample {
  readonly folder: string;
  readonly redis: Redis;
  readonly redisServer: ChildProcess;
  readonly redisPort: number;
  readonly port: number;
  readonly #app: ChildProcess;
  readonly #answers: AsyncIterator<string>;

  private constructor(
    parts: Pick<Sample, 'folder' | 'redis' | 'redisServer' | 'redisPort' | 'port'>,
    app: ChildProcess,
    answers: AsyncIterator<string>,
  ) {
    ({
      folder: this.folder,
      redis: this.redis,
      redisServer: this.redisServer,
      redisPort: this.redisPort,
      port: this.port,
    } = parts);
    this.#app = app;
    this.#answers = answers;
  }

  static async start(): Promise<Sample> {
    const folder = mkdtempSync(join(tmpdir(), 'logveil-sample-'));
    const redisPort = await freePort();
    const redisServer = spawn(
      'redis-server',
      ['--port', String(redisPort), '--bind', '127.0.0.1', '--save', '', '--dir', folder],
      { stdio: 'ignore' },
    );
    const url = `redis://127.0.0.1:${redisPort}`;
    const redis = new Redis(url, { retryStrategy: () => 50, maxRetriesPerRequest: null });
    redis.on('error', () => {});
    await redis.ping();
    const app = spawn(process.execPath, [APP, folder, url], { stdio: ['pipe', 'pipe', 'inherit'] });
    const answers = createInterface({ input: app.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
    const port = Number((await answers.next()).value);
    return new Sample({ folder, redis, redisServer, redisPort, port }, app, answers);
  }

  /** Has the application do something; its commands are in `sample/app.mjs`. */
  async tell(command: string): Promise<string> {
    this.#app.stdin?.write(`${command}\n`);
    return (await this.#answers.next()).value as string;
  }

  /** Back to a day without trouble. */
  async reset(): Promise<void> {
    await this.redis.flushall();
    await this.redis.config('RESETSTAT');
    for (const command of ['empty', 'health 200 ok', 'delay 0', 'traffic']) await this.tell(command);
  }

  /** @param more settings of `deployment`, above those of the sample */
  configure(more: Settings = {}, top: Settings = {}): string {
    const path = join(this.folder, 'logveil.yaml');
    const deployment = {
      name: 'api-gateway',
      folder: '.',
      logs: ['storage/logs/*.log'],
      healthUrl: `http://127.0.0.1:${this.port}/api/health`,
      redis: { url: `redis://127.0.0.1:${this.redisPort}` },
      services: ['calcom'],
      activity: { success: ['Booking confirmed'], failure: ['Booking failed'] },
      rollback: { commit: '4f2a91c', units: ['php8.3-fpm', 'nginx'] },
      ...more,
      // Times say nothing on a machine that is busy with other tests.
      thresholds: {
        responseWarn: '50s',
        responseFail: '55s',
        redisPing: '50s',
        ...(more.thresholds as Settings),
      },
      limits: { health: '55s', redis: '50s', ...(more.limits as Settings) },
    };
    writeFileSync(path, stringify({ businessHours: { zone: 'Europe/Berlin' }, ...top, deployment }), {
      mode: 0o644,
    });
    return path;
  }

  run(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<RunResult> {
    return runCli(['verify', ...args], { cwd: this.folder, env });
  }

  /** One verification by the built command, as its JSON tells it. */
  async verifyByCommand(
    args: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ): Promise<Result> {
    const { stdout, stderr, code } = await this.run(['--format', 'json', ...args], env);
    if (stdout.length === 0) throw new Error(`it told nothing: ${stderr}`);
    const result = verificationSchema.parse(JSON.parse(stdout.toString()));
    if (result.exitCode !== code) throw new Error(`exit code ${code}, the result says ${result.exitCode}`);
    return result;
  }

  /** The same without a process of its own, which is quicker. */
  async verify(only?: string): Promise<Result> {
    const configPath = join(this.folder, 'logveil.yaml');
    const config = await loadConfig({}, configPath, {});
    const settings = toRedactionSettings(config, {});
    const deployment = toDeployment(config, {}, {}, { configPath, settings });
    const checks = CHECKS.filter(({ id }) => only === undefined || id === only);
    const started = new Date();
    const result = toVerification(deployment, await runChecks(deployment, checks), started);
    return verificationSchema.parse(JSON.parse(JSON.stringify(result)));
  }

  /** One check alone. */
  async check(id: string): Promise<CheckSeen> {
    const [check] = (await this.verify(id)).checks;
    if (check === undefined) throw new Error(`no check ${id}`);
    return check;
  }

  stop(): void {
    this.redis.disconnect();
    this.#app.kill('SIGKILL');
    this.redisServer.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}
