/**
 * Peak memory of the command over a stream. Linux keeps the peak of a living process; when all output has come and the
 * input is still open, the process has done its work and is still there to be asked.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { type CommandLine, spawnNode } from './childProcess.ts';
import { WrongCountError } from './countCheck.ts';
import { CHUNK_BYTES } from './throughput.ts';

/** When nothing has come for this long, nothing will: the count of the output then tells what is wrong. */
const STALL_MS = 20_000;

export interface PeakMemory {
  readonly inputBytes: number;
  /** Undefined where the system does not tell. */
  readonly peakRssBytes: number | undefined;
}

/**
 * @param inputs complete lines, given to one process one after the other
 * @param outputBytes how many bytes must come out for all of them
 */
export async function measureMemory(
  command: CommandLine,
  inputs: readonly Buffer[],
  outputBytes: number,
): Promise<PeakMemory> {
  const child = spawnNode([command.script, ...command.args]);
  const [stdin, stdout] = [child.stdin as Writable, child.stdout as Readable];
  // A child that ends early closes its pipe; the count of its output tells then.
  stdin.on('error', () => {});
  const exit = once(child, 'exit');
  let written = 0;
  let stall: NodeJS.Timeout | undefined;
  const done = new Promise<void>((resolve) => {
    stall = setTimeout(resolve, STALL_MS);
    stdout.on('data', (bytes: Buffer) => {
      written += bytes.length;
      stall?.refresh();
      if (written >= outputBytes) resolve();
    });
    stdout.on('close', resolve);
  });
  let inputBytes = 0;
  for (const input of inputs) {
    inputBytes += input.length;
    for (let start = 0; start < input.length; start += CHUNK_BYTES) {
      const goesOn = stdin.write(input.subarray(start, start + CHUNK_BYTES));
      if (!goesOn) await Promise.race([once(stdin, 'drain'), exit]);
    }
  }
  await done;
  clearTimeout(stall);
  const peakRssBytes = peakOf(child.pid);
  stdin.end();
  const [code] = await exit;
  if (code !== 0 || written !== outputBytes) {
    throw new WrongCountError(`memory: expected ${outputBytes} bytes of output, got ${written}`);
  }
  return { inputBytes, peakRssBytes };
}

function peakOf(pid: number | undefined): number | undefined {
  try {
    const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
  } catch {
    return undefined;
  }
}
