/** When redaction itself fails: nothing raw leaves, the failure is told, and others go on. */
import { rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { runCli } from '../support/cli.ts';
import { temporaryFolder } from '../support/folders.ts';
import { TOY_RULES } from '../support/rules.ts';
import { answerOf, errorOf, type Served, serve, whole } from './support.ts';

const FAULTS = resolve(import.meta.dirname, 'faults.mjs');
const SECRET = 'user-7@toy.example';

/** Finds something in the text of the self-test. */
const RULES = TOY_RULES.replace('user-[0-9]{1,12}@toy\\.example', '[a-z0-9.-]{1,20}@[a-z.]+').replace(
  "['@toy']",
  "['@']",
);

async function serveFaulty(): Promise<{ served: Served; file: string }> {
  const file = join(temporaryFolder(), 'fault');
  const served = await serve({
    rules: RULES,
    args: ['--engine', 're2'],
    nodeArgs: ['--import', FAULTS],
    env: { LOGVEIL_TEST_FAULT_FILE: file },
  });
  return { served, file };
}

it('withholds a line that can not be looked at, tells how many, and logs no byte of it', async () => {
  const { served } = await serveFaulty();
  const answer = await served.sanitize(`one ${SECRET}\nFAULT ${SECRET}\ntwo ${SECRET}\n`);
  expect(answer.status).toBe(200);
  expect(answer.body.toString()).toMatch(
    /^one \[REDACTED:toy-mail\]\n\[LOGVEIL: line withheld[^\n]*\]\ntwo \[REDACTED:toy-mail\]\n$/,
  );
  expect(JSON.parse(answer.trailers['logveil-summary'] ?? '')).toMatchObject({
    linesWithheld: 1,
    findings: 2,
  });
  await served.until(() => served.err.includes('the engine failed'));
  expect(served.err).not.toMatch(/user-7|FAULT/);
  expect((await served.ask('GET', '/metrics')).body.toString()).toContain('logveil_lines_withheld_total 1\n');
  expect((await served.sanitize('next\n')).body.toString()).toBe('next\n');
});

it('tells a failure before the answer, cuts the answer after, and shows nothing of either', async () => {
  const { served } = await serveFaulty();
  const early = await served.sanitize(`CRASH ${SECRET}\n`);
  expect([early.status, errorOf(early)]).toEqual([500, 'INTERNAL']);
  const opened = served.open('POST', '/api/sanitize', { 'content-type': 'text/plain' });
  opened.write('good\n');
  const response = await answerOf(opened);
  opened.end(`CRASH ${SECRET}\n`);
  await expect(whole(response)).rejects.toThrow();
  const json = await served.sanitize(`CRASH ${SECRET}\n`, { accept: 'application/json' });
  expect([json.status, errorOf(json)]).toEqual([500, 'INTERNAL']);
  expect(early.body.toString() + json.body.toString() + served.err).not.toMatch(/CRASH|user-7/);
  expect((await served.sanitize('next\n')).body.toString()).toBe('next\n');
});

it('says that it can not redact as long as it can not, and does not start where it can not', async () => {
  const { served, file } = await serveFaulty();
  const status = async (path: string): Promise<number> => (await served.ask('GET', path)).status;
  expect(await status('/api/health')).toBe(200);
  const before = (await served.json('/api/findings')) as unknown as { findings: number };
  writeFileSync(file, '');
  while ((await status('/api/health')) === 200);
  expect(await served.json('/api/health')).toMatchObject({ status: 'failed', redacts: false });
  expect([await status('/readyz'), await status('/livez')]).toEqual([503, 200]);
  rmSync(file);
  while ((await status('/readyz')) !== 200);
  // The self-test counts for nothing.
  expect(await served.json('/api/findings')).toMatchObject({ findings: before.findings });
  writeFileSync(file, '');
  const run = await runCli(['serve', '--port', '0', '--engine', 're2', '--rules', 'pii'], {
    cwd: served.folder,
    nodeArgs: ['--import', FAULTS],
    env: { LOGVEIL_TEST_FAULT_FILE: file },
  });
  expect([run.code, run.stdout.length]).toEqual([2, 0]);
  expect(run.stderr).toContain('the self-test failed');
});
