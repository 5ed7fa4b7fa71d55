/** A worker of distributed audits: runs until it is stopped. */
import { availableParallelism } from 'node:os';
import { QueueWorker } from '../app/audit/queueWorker.ts';
import { stopOnSignals } from '../app/shutdown.ts';
import { loadConfig } from '../config/load.ts';
import { toRedactionSettings } from '../config/settings.ts';
import { UsageError } from '../errors.ts';
import { RedisKeys } from '../state/keys.ts';
import { checkRedisUrl, connectRedis } from '../state/redis.ts';
import { Log } from '../telemetry/log.ts';
import { numberOf } from './auditFlags.ts';
import { EXIT_CODES, type ExitCode } from './exitCodes.ts';
import { type RuleFlags, settingsOf } from './flags.ts';

export interface WorkerFlags extends RuleFlags {
  readonly queue?: string;
  readonly pathMap?: string[];
  readonly workers?: string;
}

const MOST_WORKERS = 256;
/** A shorter time to notice a dead worker, for tests. */
const TEST_LOCK = 'LOGVEIL_TEST_LOCK_MS';

/** @throws UsageError, ProblemsError, IoError */
export async function runWorker(flags: WorkerFlags): Promise<ExitCode> {
  const { env } = process;
  const config = await loadConfig(await settingsOf({ ...flags }), flags.config, env);
  const settings = { ...toRedactionSettings(config, env), action: 'keep' as const };
  const url = flags.queue ?? env.LOGVEIL_REDIS_URL;
  if (url === undefined || url === '')
    throw new UsageError('expected --queue redis://HOST:PORT, or LOGVEIL_REDIS_URL');
  if (settings.key.source === 'random') {
    throw new UsageError(
      'expected the key of the audit: LOGVEIL_KEY or --key-file; a random one makes other fingerprints',
    );
  }
  const workers =
    flags.workers === undefined
      ? availableParallelism()
      : numberOf(flags.workers, '--workers', 1, MOST_WORKERS);
  const pathMap = (flags.pathMap ?? []).map(parsePathMap);
  const log = new Log(config.logLevel ?? 'warn', process.stderr.isTTY === true);
  const stop = stopOnSignals();
  const keys = new RedisKeys(env.LOGVEIL_REDIS_PREFIX);
  const redis = await connectRedis(
    checkRedisUrl(url, flags.queue === undefined ? 'LOGVEIL_REDIS_URL' : '--queue'),
  );
  const lockMs = Number(env[TEST_LOCK]);
  const worker = new QueueWorker({
    redis,
    keys,
    settings,
    workers,
    pathMap,
    log,
    ...(lockMs > 0 && { lockMs }),
  });
  log.info('waiting for parts', { workers });
  const stopped = new Promise<undefined>((done) =>
    stop.addEventListener('abort', () => done(undefined), { once: true }),
  );
  const refused = stop.aborted ? undefined : await Promise.race([worker.refused, stopped]);
  await worker.close();
  redis.disconnect();
  if (refused !== undefined) throw refused;
  return EXIT_CODES.done;
}

function parsePathMap(text: string): [string, string] {
  const equals = text.indexOf('=');
  if (equals <= 0 || equals === text.length - 1)
    throw new UsageError('--path-map: expected FROM=TO, two folders');
  const [from, to] = [text.slice(0, equals), text.slice(equals + 1)];
  return [from.replace(/(.)\/$/, '$1'), to.replace(/(.)\/$/, '$1')];
}
