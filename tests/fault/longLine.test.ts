/**
 * A line far longer than memory may be: redacted in windows, no value shows, everything else byte for byte.
 * 64 MB by default; LOGVEIL_TEST_HUGE=1 makes it 1 GB, which takes some minutes.
 */
import { createHash, type Hash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startCli } from '../support/cli.ts';
import { temporaryFolder, writeFiles } from '../support/folders.ts';
import { filler, letters } from '../support/generators.ts';
import { TOY_RULES } from '../support/rules.ts';

const MIB = 1024 * 1024;
const IS_HUGE = process.env.LOGVEIL_TEST_HUGE === '1';
const LINE_BYTES = (IS_HUGE ? 1024 : 64) * MIB;
const MEMORY_LIMIT = 250 * MIB;
const TIME_LIMIT_MS = IS_HUGE ? 30 * 60_000 : 60_000;
const WINDOW_BYTES = MIB;
const OVERLAP_BYTES = 64 * 1024;
const STEP_BYTES = 16 * 1024;
const WATCH = join(import.meta.dirname, 'peakMemory.mjs');

/**
 * The line in steps, each with a value in it. The windows advance by window minus overlap minus look-behind, which is
 * no multiple of the steps: so values come to lie before, in, behind and across every border a window has.
 */
function* steps(bytes: number): Generator<{ raw: Buffer; redacted: Buffer }> {
  const text = filler(STEP_BYTES, 7);
  for (let number = 0; number * STEP_BYTES < bytes; number++) {
    const isToken = number % 2 === 0;
    const value = isToken ? `tok_${letters(number)}` : `user-${number}@toy.example`;
    const placeholder = isToken ? '[REDACTED:toy-token]' : '[REDACTED:toy-mail]';
    const at = (number * 613) % (STEP_BYTES - 100);
    const before = text.subarray(0, at);
    const behind = text.subarray(at + value.length);
    yield {
      raw: Buffer.concat([before, Buffer.from(` ${value} `), behind]),
      redacted: Buffer.concat([before, Buffer.from(` ${placeholder} `), behind]),
    };
  }
}

function finish(hash: Hash): string {
  return hash.digest('hex');
}

it(
  `redacts a line of ${LINE_BYTES / MIB} MiB in bounded memory`,
  async () => {
    const folder = temporaryFolder();
    writeFiles(folder, { 'rules.yaml': TOY_RULES });
    const windows = ['--max-line', String(WINDOW_BYTES), '--overlap', String(OVERLAP_BYTES)];
    const child = startCli(['--rules', 'rules.yaml', ...windows, '--summary', 'summary.json'], {
      cwd: folder,
      nodeArgs: ['--import', WATCH],
      env: { PEAK_MEMORY_FILE: join(folder, 'peak') },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const actual = createHash('sha256');
    child.stdout?.on('data', (chunk: Buffer) => actual.update(chunk));
    const closed = once(child, 'close');
    const expected = createHash('sha256');
    let values = 0;
    let bytesIn = 0;
    for (const { raw, redacted } of steps(LINE_BYTES)) {
      values++;
      bytesIn += raw.length;
      expected.update(redacted);
      if (!child.stdin?.write(raw)) await once(child.stdin as NodeJS.WritableStream, 'drain');
    }
    child.stdin?.end();
    expect(await closed).toEqual([0, null]);
    const summary: unknown = JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8'));
    expect(summary).toMatchObject({ bytesIn, findings: values, lines: 1, anomalies: { longLines: 1 } });
    expect(finish(actual)).toBe(finish(expected));
    expect(Number(readFileSync(join(folder, 'peak'), 'utf8'))).toBeLessThan(MEMORY_LIMIT);
  },
  TIME_LIMIT_MS,
);

it('covers a value that is longer than a window to its end', async () => {
  const folder = temporaryFolder();
  writeFiles(folder, {
    'rules.yaml': TOY_RULES.replace('tok_[a-z]{24}', 'tok_[a-z]+').replace('toy-token', 'toy-endless-token'),
  });
  const child = startCli(['--rules', 'rules.yaml', '--max-line', '4KiB', '--overlap', '1KiB'], {
    cwd: folder,
  });
  const output: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => output.push(chunk));
  const closed = once(child, 'close');
  const value = `tok_${letters(1).repeat(4000)}`;
  child.stdin?.end(`before ${value} behind user-1@toy.example\nnext user-2@toy.example\n`);
  expect(await closed).toEqual([0, null]);
  const text = Buffer.concat(output).toString();
  expect(text).toMatch(
    /^before (?:\[REDACTED:toy-endless-token\])+ behind \[REDACTED:toy-mail\]\nnext \[REDACTED:toy-mail\]\n$/,
  );
});

it('keeps a JSON line valid that is far longer than a window, under the rules that ship', async () => {
  const items = Array.from({ length: 6000 }, (_, number) => ({
    id: number,
    text: filler(1000 + (number % 97), number + 1).toString(),
    to: `canary.${number}@shop.example.org`,
    password: `cNry-${letters(number)}`,
  }));
  const folder = temporaryFolder();
  const child = startCli(['--summary', 'summary.json'], {
    cwd: folder,
    nodeArgs: ['--import', WATCH],
    env: { PEAK_MEMORY_FILE: join(folder, 'peak') },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const output: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => output.push(chunk));
  const closed = once(child, 'close');
  child.stdin?.end(`${JSON.stringify({ items })}\n`);
  expect(await closed).toEqual([0, null]);
  const redacted = JSON.parse(Buffer.concat(output).toString()) as { items: unknown[] };
  const expected = items.map(({ id, text }) => ({
    id,
    text,
    to: '[REDACTED:email]',
    password: expect.stringMatching(/^\[REDACTED:[a-z-]+\]$/),
  }));
  expect(redacted.items).toEqual(expected);
  expect(Number(readFileSync(join(folder, 'peak'), 'utf8'))).toBeLessThan(MEMORY_LIMIT);
});
