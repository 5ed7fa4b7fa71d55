/** The HTML printed by a Chromium of this machine: the report has one layout, and no second one that could differ. */
import { spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { IoError, UsageError } from '../errors.ts';

const NAMES = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
  'microsoft-edge',
];
/** A large report takes seconds; a browser that takes longer hangs. */
const LONGEST_MS = 180_000;
const ADVICE = 'install Chromium, name one with LOGVEIL_CHROMIUM, or use --format html and print that';

/**
 * Finds the browser: `LOGVEIL_CHROMIUM`, or one of the usual names on the path.
 * @throws UsageError when there is none
 */
export function findChromium(env: NodeJS.ProcessEnv): string {
  const named = env.LOGVEIL_CHROMIUM;
  if (named !== undefined && named !== '') {
    if (isExecutable(named)) return named;
    throw new UsageError('LOGVEIL_CHROMIUM: expected the path of a program');
  }
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const name of NAMES) {
    const path = folders.map((folder) => join(folder, name)).find(isExecutable);
    if (path !== undefined) return path;
  }
  throw new UsageError(`--format pdf: expected a Chromium, there is none on the path; ${ADVICE}`);
}

/**
 * @param html a whole document that needs nothing else
 * @throws IoError when the browser fails
 */
export async function printPdf(chromium: string, html: string): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'logveil-report-'));
  try {
    const page = join(folder, 'report.html');
    const pdf = join(folder, 'report.pdf');
    writeFileSync(page, html, { mode: 0o600 });
    await run(chromium, [
      ...[
        '--headless',
        '--disable-gpu',
        '--no-first-run',
        '--disable-extensions',
        '--disable-background-networking',
      ],
      // Nothing is to be loaded, so nothing is resolved.
      ...[
        '--host-resolver-rules=MAP * ~NOTFOUND',
        '--no-pdf-header-footer',
        '--generate-pdf-document-outline',
      ],
      // As root there is no sandbox to be had; the page is ours, without script.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      ...[`--user-data-dir=${join(folder, 'profile')}`, `--print-to-pdf=${pdf}`, pathToFileURL(page).href],
    ]);
    return readFileSync(pdf);
  } catch (error) {
    if (error instanceof IoError) throw error;
    throw new IoError(`the browser has made no PDF; ${ADVICE}`, { cause: error });
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function run(command: string, args: readonly string[]): Promise<void> {
  const child = spawn(command, args, { stdio: 'ignore', timeout: LONGEST_MS, killSignal: 'SIGKILL' });
  const code = await new Promise<number | null>((done, fail) => {
    child.once('error', fail);
    child.once('close', done);
  });
  if (code !== 0) {
    throw new IoError(`the browser ended with ${code === null ? 'a signal' : `code ${code}`}; ${ADVICE}`);
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
