/** Reports of the made-up audit, made by the command line as a user would. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { AuditResult } from '../../src/audit/result.ts';
import { type RunOptions, type RunResult, runCli } from '../support/cli.ts';
import { temporaryFolder, writeFiles } from '../support/folders.ts';
import { SAMPLE_CONFIG, sampleAudit } from './sample.ts';

/** 2 October 2026, 10:00 UTC. */
const MADE = { SOURCE_DATE_EPOCH: '1790935200' };

export const AUDITS: readonly AuditResult[] = [
  sampleAudit({ seed: 9, ended: '2026-03-31', amount: 2.7 }),
  sampleAudit({ seed: 8, ended: '2026-06-30', amount: 2.1 }),
  sampleAudit({ seed: 7, ended: '2026-09-30', amount: 1 }),
];

export const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  (path) => existsSync(path),
);

/** A folder with `q1.json`, `q2.json`, `audit.json` and the company's `logveil.yaml`. */
export function reportFolder(files: Readonly<Record<string, string | Buffer>> = {}): string {
  const folder = temporaryFolder();
  const [q1, q2, last] = AUDITS.map((audit) => JSON.stringify(audit));
  writeFiles(folder, {
    ...{ 'q1.json': q1 ?? '', 'q2.json': q2 ?? '', 'audit.json': last ?? '', 'logveil.yaml': SAMPLE_CONFIG },
    ...files,
  });
  return folder;
}

export function report(
  folder: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  return runCli(['report', ...args], { cwd: folder, env: { ...MADE, ...options.env }, ...options });
}

export const path = (folder: string, name: string): string => join(folder, name);
