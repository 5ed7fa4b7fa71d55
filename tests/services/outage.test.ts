/**
 * Several processes share a limit and a breaker while their Redis is killed with -9, started anew without its data, and
 * stopped: never more calls than the limit in any span, never two probes at a time, and nobody hangs.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { cleanEnvironment, REPOSITORY } from '../support/cli.ts';
import { until } from '../support/processes.ts';
import { HAS_REDIS, REDIS_MISSING, startRedis } from '../support/redis.ts';

const LIMIT = 12;
const WINDOW_MS = 1000;
const HOUR_MS = 3_600_000;

interface Said {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly granted?: boolean;
  readonly isShared?: boolean;
  readonly started?: boolean;
  readonly to?: string;
  readonly reason?: string;
}

interface Caller {
  readonly child: ChildProcess;
  readonly said: Said[];
}

/** @param wrongMs how far its clock is wrong */
function startCaller(url: string, task: 'limit' | 'breaker', service = '', wrongMs = 0): Caller {
  const hooks = resolve(REPOSITORY, 'bench/lib/typescript.mjs');
  const script = resolve(REPOSITORY, 'tests/services/caller.ts');
  const child = spawn(process.execPath, ['--import', hooks, script, url, task, service, String(wrongMs)], {
    cwd: REPOSITORY,
    env: cleanEnvironment(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const said: Said[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => said.push(JSON.parse(line) as Said));
  return { child, said };
}

function busiestSpan(times: readonly number[]): number {
  let most = 0;
  for (let from = 0, to = 0; to < times.length; to++) {
    while ((times[to] as number) - (times[from] as number) >= WINDOW_MS) from++;
    most = Math.max(most, to - from + 1);
  }
  return most;
}

test.skipIf(!HAS_REDIS)(
  `no span holds more calls than the limit, with Redis killed, emptied and stopped in the middle${REDIS_MISSING}`,
  async () => {
    const server = await startRedis();
    // One whose clock is wrong by hours, either way.
    const callers = [0, 7 * HOUR_MS, -30 * HOUR_MS].map((wrong) =>
      startCaller(server.url, 'limit', '', wrong),
    );
    const granted = (): number[] =>
      callers
        .flatMap(({ said }) => said.filter((one) => one.granted).map(({ at }) => at))
        .sort((a, b) => a - b);
    const more = async (count: number): Promise<void> => {
      const before = granted().length;
      await until(() => granted().length >= before + count);
    };
    const all = (holds: (said: readonly Said[]) => boolean): Promise<void> =>
      until(() => callers.every(({ said }) => holds(said)));
    const last = (said: readonly Said[]) => said.findLast(({ isShared }) => isShared !== undefined)?.isShared;

    await more(2 * LIMIT);
    const beforeKill = granted().length;
    await server.kill();
    await all((said) => last(said) === false);
    await sleep(300);
    // What was held in reserve, and no more.
    expect(granted().length - beforeKill).toBeLessThanOrEqual(3 * 2 + LIMIT);
    await server.start();
    await all((said) => last(said) === true);
    await more(LIMIT + 1);

    server.signal('SIGSTOP');
    await all((said) => last(said) === false);
    server.signal('SIGCONT');
    await all((said) => last(said) === true);
    await more(LIMIT + 1);

    await server.client().flushall();
    callers[1]?.child.kill('SIGKILL');
    callers.push(startCaller(server.url, 'limit'));
    await more(2 * LIMIT);

    expect(busiestSpan(granted())).toBeLessThanOrEqual(LIMIT);
    // Each change is said once.
    for (const { said } of callers) {
      const changes = said.filter(({ isShared }) => isShared !== undefined).map(({ isShared }) => isShared);
      expect(changes).toEqual(changes.map((_, index) => index % 2 === 1));
    }
  },
);

test.skipIf(!HAS_REDIS)(
  `one probe at a time over all processes, with Redis killed and emptied in the middle${REDIS_MISSING}`,
  async () => {
    const server = await startRedis();
    let [running, most, served, isHealthy] = [0, 0, 0, true];
    const service = createServer((_, response) => {
      running++;
      served++;
      most = Math.max(most, running);
      setTimeout(() => {
        running--;
        response.writeHead(isHealthy ? 200 : 500).end();
      }, 60);
    });
    await new Promise<void>((done) => service.listen(0, '127.0.0.1', done));
    onTestFinished(() => void service.close());
    const address = `http://127.0.0.1:${(service.address() as AddressInfo).port}/`;
    const callers = [0, 7 * HOUR_MS, -30 * HOUR_MS].map((wrong) =>
      startCaller(server.url, 'breaker', address, wrong),
    );
    const redis = server.client();
    const state = (): Promise<string | null> => redis.get('circuit_breaker:calcom:state');

    await until(() => served > 30 && most > 1);
    isHealthy = false;
    while ((await state()) !== 'open') await sleep(5);
    // Calls of before it opened may still run.
    await until(() => running === 0);
    most = 0;
    let probes = served;
    await until(() => served >= probes + 3);

    await server.kill();
    await until(() => callers.every(({ said }) => said.some(({ isShared }) => isShared === false)));
    await sleep(500);
    await server.start();
    await until(() => callers.every(({ said }) => said.some(({ isShared }) => isShared === true)));
    probes = served;
    await until(() => served >= probes + 3);
    expect(most).toBe(1);

    isHealthy = true;
    while ((await state()) !== 'closed') await sleep(5);
    await until(() => most > 1);
    const history = (await redis.lrange('circuit_breaker:calcom:history', 0, -1)).map(
      (text) => JSON.parse(text) as { at: number; from: string; to: string; reason: string },
    );
    expect(history[0]).toMatchObject({ from: 'half_open', to: 'closed', reason: 'probe_succeeded' });
    expect(history.at(-1)).toMatchObject({ from: 'closed', to: 'open', reason: 'restored' });
    expect([...history].sort((a, b) => b.at - a.at)).toEqual(history);
    expect(await redis.exists('circuit_breaker:calcom:opened_at')).toBe(0);
    for (const key of await redis.keys('*')) expect([key, await redis.ttl(key)]).not.toEqual([key, -1]);
  },
);
