/** The rollback steps: one source for the document and the command, and commands that do what they say. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseRedisUrl } from '../../src/state/redisTarget.ts';
import { runbookMarkdown } from '../../src/verify/formats/markdown.ts';
import type { RunbookStep } from '../../src/verify/result.ts';
import { shellGlob, shellQuote } from '../../src/verify/runbook/quote.ts';
import { type RunbookValues, runbookFor } from '../../src/verify/runbook/steps.ts';
import { TRIGGERS } from '../../src/verify/triggers.ts';
import { CLI, cleanEnvironment, REPOSITORY } from '../support/cli.ts';
import { temporaryFolder } from '../support/folders.ts';
import { HAS_REDIS, LEAKED, Sample, WHERE } from './support.ts';

const DOCUMENT = join(REPOSITORY, 'docs/emergency-rollback-procedure.md');
const MARKS = /(<!-- steps -->\n)[\s\S]*(<!-- \/steps -->)/;

const EXAMPLE: RunbookValues = {
  folder: '/var/www/api-gateway',
  logs: ['/var/www/api-gateway/storage/logs/laravel*.log'],
  healthUrl: 'http://localhost/api/health',
  redisTarget: parseRedisUrl('redis://127.0.0.1:6379', 'test'),
  keyPrefix: '',
  rateLimit: { key: 'calcom_api_rate_limit', zone: 'UTC' },
  configPath: '/etc/logveil/logveil.yaml',
  rollback: {
    commit: '4f2a91c',
    units: ['php8.3-fpm', 'nginx'],
    clearCaches: ['php artisan config:clear', 'php artisan route:clear', 'php artisan view:clear'],
  },
};

const allFired = (values: RunbookValues): RunbookStep[] =>
  runbookFor(
    values,
    TRIGGERS.map(({ id, title }, index) => ({
      ...{ id, title, number: index + 1, state: 'fired', reason: '', checks: [] },
    })),
  );

test('the document holds the steps, word for word', () => {
  const text = readFileSync(DOCUMENT, 'utf8');
  const steps = runbookMarkdown(allFired(EXAMPLE)).join('\n');
  const expected = text.replace(MARKS, (_all, begin: string, end: string) => `${begin}\n${steps}\n${end}`);
  if (process.env.UPDATE_GOLDEN !== undefined) writeFileSync(DOCUMENT, expected);
  expect(readFileSync(DOCUMENT, 'utf8')).toBe(expected);
});

test('a value is one word for a shell, whatever it holds', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', maxLength: 12 }).filter((text) => !text.includes('\0')),
      (text) => {
        expect(execFileSync('sh', ['-c', `printf %s ${shellQuote(text)}`], { encoding: 'utf8' })).toBe(text);
      },
    ),
    { numRuns: 60, examples: [["'"], ['$(id)'], ['`id`'], ['-n'], ['a b'], ['\\'], ['*'], ['!'], ['']] },
  );
  expect(shellGlob("/a b/it's/*.log")).toBe(`'/a b/it'\\''s/'*.log`);
});

test('hostile values are quoted in every step', () => {
  const evil = '$(touch pwned); `touch pwned`';
  const steps = allFired({ ...EXAMPLE, folder: `/x/${evil}`, logs: [`/y/${evil}/*.log`], configPath: evil });
  const folder = temporaryFolder();
  for (const command of steps.flatMap(({ commands }) => commands)) {
    // Parsed, not run: what is expanded shows as words of `:`.
    const words = command.replaceAll(/[|]/g, '; : ');
    spawnSync('sh', ['-c', `: ${words.replaceAll('&&', '; : ')}`], { cwd: folder });
  }
  expect(spawnSync('ls', [folder], { encoding: 'utf8' }).stdout).toBe('');
});

test('a password of Redis is in no command', () => {
  const values = {
    ...EXAMPLE,
    redisTarget: parseRedisUrl('rediss://someone:pa55word-7Q@redis.example.net:6380/2', 'test'),
  };
  const text = JSON.stringify(allFired(values));
  expect(text).toContain('redis-cli -h redis.example.net -p 6380 -n 2 --tls');
  expect(text).not.toMatch(/pa55word|someone/);
});

describe.skipIf(!HAS_REDIS)(`the steps, run${WHERE}`, () => {
  let sample: Sample;
  beforeAll(async () => {
    sample = await Sample.start();
    await sample.reset();
    sample.configure();
    await sample.tell('breaker open 400');
    await sample.tell(`log INFO ${LEAKED} signed in`);
    await sample.tell('log CRITICAL it broke');
    await sample.redis.set('session:17', 'somebody is logged in', 'EX', 600);
  });
  afterAll(() => sample?.stop());

  /** A folder with programs that only say how they were called, and logveil. */
  function programs(): string {
    const folder = join(sample.folder, 'bin');
    mkdirSync(folder, { recursive: true });
    const write = (name: string, body: string): void => {
      writeFileSync(join(folder, name), `#!/bin/sh\n${body}\n`);
      chmodSync(join(folder, name), 0o755);
    };
    for (const name of ['php', 'systemctl', 'journalctl']) write(name, `echo ${name} "$@"`);
    write('sudo', 'exec "$@"');
    write('logveil', `exec ${shellQuote(process.execPath)} ${shellQuote(CLI)} "$@"`);
    return folder;
  }

  test('go back to the commit, clear the breakers and nothing else, and end with a health check', async () => {
    const git = (...args: string[]): string =>
      execFileSync(
        'git',
        ['-C', sample.folder, '-c', 'user.name=x', '-c', 'user.email=x@localhost', ...args],
        {
          encoding: 'utf8',
        },
      ).trim();
    git('init', '-q');
    git('commit', '-q', '--allow-empty', '-m', 'before');
    const before = git('rev-parse', 'HEAD');
    git('commit', '-q', '--allow-empty', '-m', 'after');
    sample.configure({ rollback: { commit: before, units: ['php8.3-fpm', 'nginx'] } });
    const { runbook } = await sample.verify();
    const fired = ['pii-visible', 'breaker-stuck-open', 'application-crash'].map((id) => `after-${id}`);
    const known = ['identify', 'checkout', 'clear-caches', 'clear-redis', 'restart', 'verify', ...fired];
    expect(runbook.map(({ id }) => id)).toEqual(known);
    const path = `${programs()}:${process.env.PATH}`;
    const outputs = new Map<string, string>();
    for (const { id, commands } of runbook) {
      for (const command of commands) {
        const env = cleanEnvironment({ PATH: path });
        const run = spawnSync('sh', ['-c', command], { cwd: sample.folder, env, encoding: 'utf8' });
        const shown = `${outputs.get(id) ?? ''}${run.stdout}${run.stderr}`;
        outputs.set(id, shown);
        // An audit with findings, and a verification that fails, say so with their codes.
        expect([command, run.status]).toEqual([command, /^logveil /.test(command) ? run.status : 0]);
      }
    }
    expect(git('rev-parse', 'HEAD')).toBe(before);
    expect(
      await sample.redis.exists('circuit_breaker:calcom:state', 'circuit_breaker:calcom:opened_at'),
    ).toBe(0);
    expect(await sample.redis.get('session:17')).toBe('somebody is logged in');
    expect(outputs.get('clear-caches')).toContain('php artisan config:clear');
    expect(outputs.get('restart')).toContain('systemctl restart php8.3-fpm nginx');
    expect(outputs.get('verify')).toContain('200 in ');
    expect(outputs.get('after-pii-visible')).toContain('email');
    for (const text of outputs.values()) expect(text).not.toContain(LEAKED);
  });

  test('the commands of the quick reference do what they say', async () => {
    await sample.tell('breaker open 400');
    await sample.tell('errors 3');
    const text = readFileSync(join(REPOSITORY, 'docs/monitoring-quick-reference.md'), 'utf8');
    const commands = [...text.matchAll(/```sh\n([\s\S]*?)```/g)]
      .flatMap(([, block = '']) => block.split('\n'))
      .map((command) => command.replace(/\s+#.*$/, '').trim())
      .filter(
        (command) => command !== '' && !/^watch|:9464|-F |^logveil monitor$|verification\.json/.test(command),
      );
    expect(commands.length).toBeGreaterThan(12);
    const path = `${programs()}:${process.env.PATH}`;
    const run = (command: string): string => {
      const here = command
        .replaceAll('redis-cli', `redis-cli -p ${sample.redisPort}`)
        .replace('http://localhost/', `http://127.0.0.1:${sample.port}/`);
      const { stdout, stderr } = spawnSync('sh', ['-c', here], {
        cwd: sample.folder,
        env: cleanEnvironment({ PATH: path }),
        encoding: 'utf8',
      });
      expect([command, stderr.replace(/^logveil: .*\n/gm, '')]).toEqual([command, '']);
      return stdout;
    };
    const outputs = commands.map((command) => [command, run(command)] as const);
    const of = (part: string): string => outputs.find(([command]) => command.includes(part))?.[1] ?? '';
    expect(of('--scan --pattern')).toContain('circuit_breaker:calcom:state open');
    expect(Number(of('opened_at'))).toBeGreaterThanOrEqual(400);
    expect(of('sort | uniq -c')).toMatch(/3 \.ERROR:/);
    expect(of('keyspace_hits')).toMatch(/^\d+\.\d % of \d+$/m);
    expect(of('%{http_code}')).toMatch(/^200 in /);
    expect(of('grep -vc REDACTED').trim()).toBe('1');
    for (const [, stdout] of outputs) expect(stdout).not.toContain(LEAKED);
  });

  test('the script starts the twelve checks and passes options and exit code on', () => {
    const script = join(REPOSITORY, 'scripts/verify-production-deployment.sh');
    const { stdout, status } = spawnSync(script, ['--dry-run'], {
      cwd: sample.folder,
      env: cleanEnvironment(),
      encoding: 'utf8',
    });
    expect([status, stdout.includes('12. Fatal errors and error rate')]).toEqual([0, true]);
    expect(spawnSync(script, ['--bogus'], { env: cleanEnvironment() }).status).toBe(3);
  });
});
