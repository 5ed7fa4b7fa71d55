/** logrotate rotates for real, while `logveil tail` follows. */
import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { finished, startCli } from '../support/cli.ts';
import { temporaryFolder, writeFiles } from '../support/folders.ts';
import { until } from '../support/processes.ts';
import { TOY_RULES } from '../support/rules.ts';

const LOGROTATE = ['/usr/sbin/logrotate', '/sbin/logrotate'].find((path) => existsSync(path));

test
  .skipIf(LOGROTATE === undefined)
  .each([
    ['create'],
    ['copytruncate'],
    ['create\n  compress'],
    ['create\n  compress\n  delaycompress'],
    ['copytruncate\n  compress'],
  ])('%s: each line comes once, in order (skipped without logrotate)', async (ways) => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'logs'), { mode: 0o755 });
  const log = join(folder, 'logs', 'app.log');
  const out = join(folder, 'out.log');
  writeFiles(folder, { 'rules.yaml': TOY_RULES, 'logs/app.log': '' });
  const way = ways.replace('create', 'create 0600');
  writeFileSync(
    join(folder, 'rotate.conf'),
    `${log} {\n  su root root\n  rotate 9\n  missingok\n  ${way}\n}\n`,
    { mode: 0o600 },
  );
  const state = join(folder, 'state');
  const args = [
    'tail',
    log,
    '--rules',
    join(folder, 'rules.yaml'),
    '--state',
    state,
    '-o',
    out,
    '--poll',
    '20ms',
  ];
  const tail = startCli(args);
  const end = finished(tail);
  await until(() => existsSync(join(state, 'checkpoint.json')));
  let line = 0;
  for (let round = 0; round < 4; round++) {
    for (let i = 0; i < 50; i++) appendFileSync(log, `id=${line++} to user-${line}@toy.example\n`);
    execFileSync(LOGROTATE as string, ['-f', '-s', join(folder, 'status'), join(folder, 'rotate.conf')], {
      stdio: 'ignore',
    });
  }
  appendFileSync(log, `id=${line++} last\n`);
  await until(() => readFileSync(out, 'utf8').includes(' last\n'));
  tail.kill('SIGTERM');
  await end;
  const ids = [...readFileSync(out, 'utf8').matchAll(/^id=(\d+) /gm)].map(([, id]) => Number(id));
  // Rotated four times within some looks: each line once, in the order in which they were written.
  expect(ids).toEqual(Array.from({ length: line }, (_, id) => id));
  expect(readFileSync(out, 'utf8')).not.toContain('@toy');
});
