/**
 * The package as npm would publish it, installed into an empty folder: the tarball is unpacked there, and of this
 * repository's modules only the declared dependencies are linked beside it. So nothing is downloaded or compiled, and
 * an undeclared dependency is not found.
 */
import { execFile } from 'node:child_process';
import { lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cleanEnvironment, REPOSITORY, runShell } from '../support/cli.ts';

const run = promisify(execFile);

interface Manifest {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

/** What `npm pack --json` says, as far as it is needed. */
interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string; readonly mode: number }[];
  readonly unpackedSize: number;
}

const manifest = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')) as Manifest;
const MIB = 1024 * 1024;
const LARGEST_PACKAGE = 10 * MIB;

let folder: string;
let packed: Packed;

function link(name: string): void {
  const path = join(folder, 'node_modules', name);
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(join(REPOSITORY, 'node_modules', name), path);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'logveil-package-'));
  // Building is done already; without scripts nothing of it is repeated.
  const args = ['pack', '--json', '--ignore-scripts', '--offline', '--pack-destination', folder];
  const { stdout } = await run('npm', args, { cwd: REPOSITORY });
  packed = (JSON.parse(stdout) as Packed[])[0] as Packed;
  const home = join(folder, 'node_modules/logveil');
  mkdirSync(home, { recursive: true });
  await run('tar', ['-xzf', join(folder, packed.filename), '-C', home, '--strip-components=1']);
  for (const name of Object.keys(manifest.dependencies)) link(name);
  mkdirSync(join(folder, 'node_modules/.bin'));
  symlinkSync('../logveil/dist/cli.js', join(folder, 'node_modules/.bin/logveil'));
  writeFileSync(join(folder, 'package.json'), '{"name":"consumer","private":true,"type":"module"}\n');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the files of the package', () => {
  it('holds what is needed to run, read and check it', () => {
    const paths = packed.files.map(({ path }) => path);
    for (const path of [
      'package.json',
      'README.md',
      'LICENSE',
      'dist/cli.js',
      'dist/index.js',
      'dist/index.d.ts',
    ]) {
      expect(paths).toContain(path);
    }
    expect(paths.filter((path) => /^rules\/.*\.yaml$/.test(path)).length).toBeGreaterThan(5);
  });

  it('holds nothing else: no tests, sources, corpora, logs or keys', () => {
    const allowed =
      /^(?:dist\/dashboard\/[a-z]+\.(?:js|css|html|svg)|scripts\/[a-z-]+\.sh|dist\/(?!packRules).+\.(?:js|d\.ts|wasm)|dist\/(?:rules|patterns)\.json|dist\/kernel-[0-9a-f]{16}\.img|rules\/.+\.yaml|docs\/.+\.(?:md|json|svg|png|txt|html)|package\.json|[A-Z]+(?:\.md)?)$/;
    expect(packed.files.map(({ path }) => path).filter((path) => !allowed.test(path))).toEqual([]);
    expect(packed.unpackedSize).toBeLessThan(LARGEST_PACKAGE);
  });

  it('has a command that can be executed', () => {
    const path = join(folder, 'node_modules/logveil/dist/cli.js');
    expect(lstatSync(path).mode & 0o111).toBe(0o111);
    expect(readFileSync(path, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  });
});

describe('the installed package', () => {
  it('has a working command, with the rules that ship', async () => {
    const options = { cwd: folder, input: 'mail jane@shop.example.com from 203.0.113.7\n' };
    const redacted = await runShell('./node_modules/.bin/logveil --summary summary.json', [], options);
    expect(redacted).toMatchObject({ code: 0, stderr: '' });
    expect(redacted.stdout.toString()).toBe('mail [REDACTED:email] from [REDACTED:ipv4]\n');
    const version = await runShell('./node_modules/.bin/logveil --version', [], options);
    expect(version.stdout.toString()).toBe(`${manifest.version}\n`);
  });

  it('has a working library', async () => {
    const program = `
      import { createRedactStream, createSanitizer, ProblemsError, VERSION } from 'logveil';
      const sanitizer = createSanitizer({ rules: ['pii'] });
      const stream = createRedactStream({ rules: ['pii'] });
      stream.end('to jane@shop.example.com');
      const streamed = Buffer.concat(await stream.toArray()).toString();
      const [finding] = sanitizer.scan('mail jane@shop.example.com');
      console.log(JSON.stringify([
        sanitizer.redact('mail jane@shop.example.com'), streamed, finding.rule, finding.column, VERSION, ProblemsError.name,
      ]));`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program], {
      cwd: folder,
      env: cleanEnvironment(),
    });
    expect(JSON.parse(stdout)).toEqual([
      'mail [REDACTED:email]',
      'to [REDACTED:email]',
      'email',
      6,
      manifest.version,
      'ProblemsError',
    ]);
  });

  it('has types that hold what they say', async () => {
    link('@types/node');
    link('undici-types');
    writeFileSync(
      join(folder, 'consumer.ts'),
      `import { createRedactStream, createSanitizer, type Finding, type Summary } from 'logveil';
import type { Transform } from 'node:stream';
const sanitizer = createSanitizer({ rules: ['pii'], action: 'mask', maxLine: '1MiB' });
export const text: string = sanitizer.redact('a');
export const bytes: Buffer = sanitizer.redact(Buffer.from('a'));
export const findings: readonly Finding[] = sanitizer.scan('a');
export const summary: Summary = sanitizer.summary();
export const stream: Transform = createRedactStream({ onFinding: (finding) => finding.fingerprint.length });
// @ts-expect-error an action that does not exist
createSanitizer({ action: 'shred' });
// @ts-expect-error an option that does not exist
createSanitizer({ rule: ['pii'] });
`,
    );
    const compiler = resolve(REPOSITORY, 'node_modules/typescript/bin/tsc');
    const options = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--module', 'nodenext'];
    const target = ['--target', 'es2023', '--types', 'node'];
    const compiled = run(process.execPath, [compiler, ...options, ...target, 'consumer.ts'], {
      cwd: folder,
    }).catch((error: { stdout: string }) => error);
    expect((await compiled).stdout).toBe('');
  });
});
