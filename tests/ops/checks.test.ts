/** The proof: a sample deployment passes; then each check is made to warn and to fail by a real cause, and says so. */
import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CHECKS } from '../../src/verify/checks/all.ts';
import { IS_ROOT } from '../support/processes.ts';
import { HAS_REDIS, LEAKED, Sample, WHERE } from './support.ts';

let sample: Sample;

const logOf = (name: string): string => join(sample.folder, 'storage/logs', name);

describe.skipIf(!HAS_REDIS)(`verify on a sample deployment${WHERE}`, () => {
  beforeAll(async () => {
    sample = await Sample.start();
  });
  afterAll(() => sample?.stop());
  beforeEach(async () => {
    await sample.reset();
    sample.configure();
  });

  test('all twelve checks pass, no trigger fires, and one GET is all that is sent', async () => {
    const before = Number(await sample.tell('requests'));
    const result = await sample.verifyByCommand();
    expect(result.checks.filter(({ status }) => status !== 'pass')).toEqual([]);
    expect(result.checks.map(({ number }) => number)).toEqual(CHECKS.map((_, index) => index + 1));
    expect(result.triggers.map(({ state }) => state)).toEqual(Array(5).fill('clear'));
    expect(result).toMatchObject({ status: 'pass', exitCode: 0, runbook: [] });
    expect(Number(await sample.tell('requests')) - before).toBe(1);
  });

  /** A cause, what it does to a check, and which trigger it fires. */
  type Case = readonly [
    what: string,
    check: string,
    status: string,
    cause: () => Promise<unknown> | unknown,
    trigger?: string,
  ];
  const tell =
    (...commands: readonly string[]) =>
    async () => {
      for (const command of commands) await sample.tell(command);
    };
  const rules = (text: string): void => writeFileSync(join(sample.folder, 'own.yaml'), text);

  const CASES: readonly Case[] = [
    [
      'rules that are not loadable',
      'self-test',
      'fail',
      () => {
        rules('rules: [{ id: x }]\n');
        sample.configure({}, { rules: ['./own.yaml'] });
      },
    ],
    [
      'rules that know no personal data',
      'self-test',
      'fail',
      () => sample.configure({}, { rules: ['secrets'] }),
    ],
    [
      'a card number that is allowed',
      'self-test',
      'warn',
      () => sample.configure({}, { allow: [{ values: ['4111 1111 1111 1111'] }] }),
    ],
    ['no commit to go back to', 'configuration', 'warn', () => sample.configure({ rollback: {} })],
    [
      'a configuration that others may write',
      'configuration',
      'warn',
      () => chmodSync(sample.configure(), 0o666),
    ],
    [
      'a folder that is gone',
      'configuration',
      'fail',
      () => sample.configure({ folder: './gone', logs: [logOf('*.log')] }),
    ],
    ['redaction switched off', 'configuration', 'fail', () => sample.configure({}, { action: 'keep' })],
    [
      'an email address in the Laravel log',
      'pii-in-logs',
      'fail',
      tell(`log INFO ${LEAKED} signed in`),
      'pii-visible',
    ],
    [
      'one in the JSON log, escaped',
      'pii-in-logs',
      'fail',
      tell(`json info ${LEAKED.replace('@', '\\u0040')}`),
      'pii-visible',
    ],
    [
      'an email address below the severity that counts',
      'pii-in-logs',
      'warn',
      async () => {
        sample.configure({ thresholds: { leakSeverity: 'critical' } });
        await sample.tell(`log INFO ${LEAKED} signed in`);
      },
    ],
    [
      'logs that nobody has written for two days',
      'pii-in-logs',
      'warn',
      () => {
        const old = new Date(Date.now() - 2 * 86_400_000);
        for (const name of ['laravel.log', 'worker.json.log']) utimesSync(logOf(name), old, old);
      },
    ],
    ['no log at all', 'pii-in-logs', 'unknown', () => sample.configure({ logs: ['nothing/*.log'] })],
    ['a health endpoint that says it is degraded', 'health', 'warn', tell('health 200 degraded')],
    ['one that answers 204', 'health', 'warn', tell('health 204')],
    ['one that answers 500', 'health', 'fail', tell('health 500'), 'application-crash'],
    ['one that answers 302: nothing is followed', 'health', 'fail', tell('health 302')],
    ['one that answers 404', 'health', 'fail', tell('health 404')],
    [
      'one where nothing listens',
      'health',
      'fail',
      () => sample.configure({ healthUrl: 'http://127.0.0.1:1/' }),
      'application-crash',
    ],
    [
      'an answer after 600 ms',
      'response-time',
      'warn',
      async () => {
        sample.configure({ thresholds: { responseWarn: '500ms', responseFail: '50s' } });
        await sample.tell('delay 600');
      },
    ],
    [
      'an answer after 2.1 s',
      'response-time',
      'fail',
      async () => {
        sample.configure({ thresholds: { responseWarn: '500ms', responseFail: '2s' } });
        await sample.tell('delay 2100');
      },
    ],
    ['Redis with little memory left', 'redis', 'warn', () => sample.redis.config('SET', 'maxmemory', '1kb')],
    [
      'Redis that is not there',
      'redis',
      'fail',
      () => sample.configure({ redis: { url: 'redis://127.0.0.1:1' } }),
    ],
    ['a breaker that tries again', 'breakers', 'warn', tell('breaker half_open')],
    ['a breaker open for a minute', 'breakers', 'warn', tell('breaker open 60')],
    ['a breaker open, since when nobody knows', 'breakers', 'warn', tell('breaker open')],
    [
      'the same, where that is to fail',
      'breakers',
      'fail',
      async () => {
        sample.configure({ breakers: { openUntold: 'fail' } });
        await sample.tell('breaker open');
      },
    ],
    ['a breaker open for six minutes', 'breakers', 'fail', tell('breaker open 360'), 'breaker-stuck-open'],
    [
      'the same, told by its time to live',
      'breakers',
      'fail',
      async () => {
        sample.configure({ breakers: { ttl: '70m' } });
        await sample.tell('breaker open');
      },
      'breaker-stuck-open',
    ],
    ['a breaker that says nonsense', 'breakers', 'fail', tell('breaker ajar')],
    [
      'a service without a breaker',
      'breakers',
      'warn',
      () => sample.configure({ services: ['calcom', 'mail'] }),
    ],
    ['50 of 60 calls', 'rate-limit', 'warn', tell('calls 50')],
    ['61 of 60 calls', 'rate-limit', 'fail', tell('calls 61'), 'rate-limit-exceeded'],
    ['a counter that counts nothing', 'rate-limit', 'fail', tell('calls many')],
    [
      'hours that nobody configured',
      'business-hours',
      'warn',
      () => sample.configure({}, { businessHours: undefined }),
    ],
    [
      'a booking at night',
      'business-hours',
      'fail',
      async () => {
        // An hour ago, in hours that begin in an hour: outside of them at any time of day.
        const at = (hours: number): string =>
          new Date(Date.now() + hours * 3_600_000).toISOString().slice(11, 16);
        const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
        sample.configure(
          { insideHours: ['Booking confirmed'] },
          { businessHours: { zone: 'UTC', days, hours: `${at(1)}-${at(2)}` } },
        );
        await sample.tell(`bookingAt ${new Date(Date.now() - 3_600_000).toISOString()}`);
      },
    ],
    ['a key in another form', 'cache-keys', 'warn', tell('key User-Profile::7 60')],
    ['a key without a time to live', 'cache-keys', 'warn', tell('key session:17')],
    ['an email address in a key', 'cache-keys', 'fail', tell(`key session:${LEAKED}:cart 60`), 'pii-visible'],
    [
      'more keys than there should be',
      'cache-keys',
      'fail',
      () => sample.configure({ thresholds: { keys: 2 } }),
    ],
    ['a cache that hits 60 %', 'cache-hits', 'warn', tell('misses 120')],
    ['a cache that hits less than half', 'cache-hits', 'fail', tell('misses 300')],
    ['a cache that nobody asks', 'cache-hits', 'warn', () => sample.redis.config('RESETSTAT')],
    ['12 errors in an hour', 'errors', 'warn', tell('errors 12')],
    ['60 errors in an hour', 'errors', 'fail', tell('errors 60')],
    [
      'a fatal error',
      'errors',
      'fail',
      tell('log CRITICAL Allowed memory size of 134217728 bytes exhausted'),
      'application-crash',
    ],
    ['one in the JSON log', 'errors', 'fail', tell('json critical it broke'), 'application-crash'],
    ['one of eight bookings that fails', 'errors', 'fail', tell('bookings 16 8'), 'user-failures'],
  ];

  test.each(CASES.map((one) => ({ name: `${one[0]}: ${one[1]}, ${one[2]}`, one })))(
    '$name',
    async ({ one }) => {
      const [, id, status, cause, trigger] = one;
      await cause();
      const result = await sample.verify(id);
      const [check] = result.checks;
      expect(check).toMatchObject({ id, status });
      expect(check?.recommendation).toBeTruthy();
      expect(result.exitCode).toBe(['pass', 'warn', 'fail', 'unknown'].indexOf(status));
      const fired = result.triggers.filter(({ state }) => state === 'fired').map((seen) => seen.id);
      expect(fired).toEqual(trigger === undefined ? [] : [trigger]);
      // Whatever goes wrong: not a byte of it is told.
      expect(JSON.stringify(result)).not.toContain(LEAKED);
      if (trigger !== undefined) expect(result.runbook.at(-1)?.id).toBe(`after-${trigger}`);
      await sample.redis.config('SET', 'maxmemory', '0');
    },
  );

  test('each check has a case that warns and one that fails', () => {
    const has = (id: string, status: string): boolean =>
      CASES.some((one) => one[1] === id && one[2] === status);
    for (const { id } of CHECKS) expect([id, has(id, 'warn'), has(id, 'fail')]).toEqual([id, true, true]);
  });

  test('places are those of the file, also where only its end is looked at', async () => {
    sample.configure({ limits: { logBytes: '2KiB' } });
    for (let line = 0; line < 50; line++)
      await sample.tell(`log INFO line ${line} of many, without anything in it`);
    await sample.tell(`log INFO ${LEAKED} signed in`);
    const check = await sample.check('pii-in-logs');
    const lines = readFileSync(logOf('laravel.log'), 'utf8').split('\n');
    const line = lines.findIndex((text) => text.includes(LEAKED)) + 1;
    expect(check.details[0]).toContain(`laravel.log:${line}: email`);
  });

  test('a log that leads elsewhere is not read, and not taken for clean', async () => {
    const secret = join(sample.folder, '..', `elsewhere-${process.pid}`);
    writeFileSync(secret, `${LEAKED}\n`);
    symlinkSync(secret, logOf('linked.log'));
    sample.configure({ folder: undefined, logs: [logOf('*.log')] });
    const check = await sample.check('pii-in-logs');
    expect(check).toMatchObject({ status: 'unknown' });
    expect(check.details.join('\n')).toContain('its link leads out of the folder');
    sample.configure({ folder: undefined, logs: [logOf('*.log')], followLinks: true });
    expect((await sample.check('pii-in-logs')).status).toBe('fail');
    for (const path of [secret, logOf('linked.log')]) rmSync(path);
  });

  test.each([
    ['a pipe', (path: string) => spawnSync('mkfifo', [path])],
    ['UTF-16', (path: string) => writeFileSync(path, Buffer.from('\ufeffa line\n', 'utf16le'))],
    ['compressed bytes', (path: string) => writeFileSync(path, gzipSync('a line\n'))],
    ...(IS_ROOT
      ? []
      : ([['a file that may not be read', (path: string) => writeFileSync(path, '', { mode: 0 })]] as const)),
  ] as const)('%s among the logs is told, and nothing is taken for clean', async (_what, make) => {
    make(logOf('odd.log'));
    for (const id of ['pii-in-logs', 'errors']) expect((await sample.check(id)).status).toBe('unknown');
    rmSync(logOf('odd.log'));
  });
});
