/** `verify --watch`: changes are told as they happen, the result file is kept, the summary is written, signals end it. */
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { verificationSchema } from '../../src/verify/result.ts';
import { finished, startCli } from '../support/cli.ts';
import { until } from '../support/processes.ts';
import { HAS_REDIS, LEAKED, Sample, WHERE } from './support.ts';

let sample: Sample;

describe.skipIf(!HAS_REDIS)(`verify --watch${WHERE}`, () => {
  beforeAll(async () => {
    sample = await Sample.start();
    await sample.reset();
    sample.configure({ thresholds: { breakerOpen: '1s' } });
  });
  afterAll(() => sample?.stop());

  test('tells what changes, until it is stopped', async () => {
    const summaries = join(sample.folder, 'summaries');
    const output = join(sample.folder, 'result.json');
    mkdirSync(summaries);
    const every = ['--every-leaks', '300ms', '--every-performance', '600ms', '--every-errors', '1h'];
    const child = startCli(
      ['verify', '--watch', ...every, '--summary', summaries, '--format', 'json', '-o', output],
      {
        cwd: sample.folder,
      },
    );
    onTestFinished(() => void child.kill('SIGKILL'));
    let shown = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      shown += chunk.toString();
    });
    const ended = finished(child);
    await until(() => shown.includes('Rollback triggers'));
    expect(shown).toContain('12 of 12 checks passed');

    await sample.tell('breaker half_open');
    await until(() => shown.includes('check 7, Circuit breakers: pass to warn'));
    // The application writes the state only: how long it is open shows by looking.
    await sample.tell('breaker open');
    await until(
      () => shown.includes('check 7, Circuit breakers: warn to fail') || shown.includes('FIRED    2'),
    );
    await sample.tell('breaker closed');
    await until(() => shown.includes('check 7, Circuit breakers: fail to pass'));

    await sample.tell(`log INFO ${LEAKED} signed in`);
    await until(() => /FIRED {4}1/.test(shown));
    expect(shown).toContain('Roll back:');
    const latest = verificationSchema.parse(JSON.parse(readFileSync(output, 'utf8')));
    expect(latest.checks).toHaveLength(12);
    expect(latest.checks[2]?.status).toBe('fail');

    child.kill('SIGTERM');
    const { code, stderr } = await ended;
    expect([code, stderr]).toEqual([0, '']);
    const files = readdirSync(summaries).sort();
    expect(files.map((name) => name.replace(/\d/g, '9'))).toEqual([
      'verify-9999-99-99T999999Z.html',
      'verify-9999-99-99T999999Z.md',
    ]);
    for (const name of files) {
      expect(statSync(join(summaries, name)).mode & 0o777).toBe(0o600);
      const text = readFileSync(join(summaries, name), 'utf8');
      expect(text).toContain('Circuit breakers');
      expect(text).toMatch(/closed|half.?_open/);
      expect(text + shown).not.toContain(LEAKED);
    }
  });

  test('stopped in the middle of a look, it ends at once', async () => {
    await sample.tell('delay -1');
    const requestsBefore = Number(await sample.tell('requests'));
    const child = startCli(['verify', '--watch'], { cwd: sample.folder });
    onTestFinished(() => void child.kill('SIGKILL'));
    const ended = finished(child);
    while (Number(await sample.tell('requests')) === requestsBefore);
    child.kill('SIGINT');
    expect((await ended).code).toBe(0);
  });
});
