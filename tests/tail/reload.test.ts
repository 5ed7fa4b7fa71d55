/** Signals of a running tail: rules taken up anew, outputs reopened, an end in good order. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { until } from '../support/processes.ts';
import { TOY_RULES } from '../support/rules.ts';
import { idsIn, idsTo, TailFolder } from '../support/tail.ts';

const TIMEOUT = { timeout: 30_000 };

test('SIGHUP takes up rules anew; rules that are wrong leave those of before', TIMEOUT, async () => {
  const files = new TailFolder();
  files.write(2);
  const tail = files.start();
  await until(() => idsIn(files.output()).length === 2);
  const rules = join(files.folder, 'rules.yaml');
  writeFileSync(rules, 'rules: [');
  tail.child.kill('SIGHUP');
  await until(() => tail.said().includes('not reloaded'));
  files.write(2);
  await until(() => idsIn(files.output()).length === 4);
  expect(files.output()).not.toContain('@toy');
  writeFileSync(rules, TOY_RULES.replaceAll('toy-mail', 'new-mail'));
  tail.child.kill('SIGHUP');
  await until(() => {
    files.write(1);
    return files.output().includes('[REDACTED:new-mail]');
  });
  await until(() => idsIn(files.output()).length === files.lines);
  expect((await tail.stop()).code).toBe(0);
  expect(idsIn(files.output())).toEqual(idsTo(files.lines));
  expect(files.output()).not.toContain('@toy');
});

test.each(['SIGHUP', 'SIGUSR1'] as const)(
  '%s reopens an output file that was moved away',
  TIMEOUT,
  async (signal) => {
    const files = new TailFolder();
    files.write(5);
    const tail = files.start();
    await until(() => idsIn(files.output()).length === 5);
    const moved = `${files.out}.1`;
    renameSync(files.out, moved);
    tail.child.kill(signal);
    await until(() => existsSync(files.out));
    files.write(5);
    await until(() => idsIn(files.output()).length === 5);
    await tail.stop();
    expect(idsIn(readFileSync(moved, 'utf8') + files.output())).toEqual(idsTo(10));
  },
);

test(
  'an output that takes nothing does not keep it from ending; what it had not taken comes later',
  TIMEOUT,
  async () => {
    const files = new TailFolder();
    files.write(400_000);
    const silent = createServer(() => {});
    await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done));
    onTestFinished(() => void silent.close());
    const { port } = silent.address() as AddressInfo;
    const tail = files.start(['-o', `ndjson+http://127.0.0.1:${port}/`, '--stop-within', '500ms']);
    await tail.ready();
    await new Promise((done) => setTimeout(done, 1000));
    const { code, stderr } = await tail.stop();
    expect(code).toBe(0);
    expect(stderr).not.toContain('@toy');
    const next = files.start(['--once']);
    expect((await next.end).code).toBe(0);
    expect(idsIn(files.output())).toEqual(idsTo(files.lines));
  },
);
