/** What Linux tells about a running process; and waiting for a state without guessing how long it takes. */
import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/** Whether `/proc` can be asked. */
export const HAS_PROC = existsSync('/proc/self/fdinfo');
export const IS_ROOT = process.getuid?.() === 0;

const POLL_MS = 10;
/** `O_NONBLOCK` of Linux, in the octal digits of `/proc/<pid>/fdinfo`. */
const NON_BLOCKING = 0o4000;

/** Waits until `holds` holds; the test's own time limit ends the waiting. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(POLL_MS);
}

/** Waits until the number has not changed for a while: whoever moves it is stuck. */
export async function untilStill(value: () => number): Promise<void> {
  const STILL_POLLS = 50;
  let last = value();
  for (let same = 0; same < STILL_POLLS; same++) {
    await sleep(POLL_MS);
    if (value() !== last) same = 0;
    last = value();
  }
}

/** Bytes the process has read with system calls so far. */
export function bytesRead(child: ChildProcess): number {
  return Number(/^rchar: (\d+)/m.exec(procFile(child, 'io'))?.[1] ?? 0);
}

/** Most memory the process has had in RAM so far, in bytes. */
export function peakMemory(child: ChildProcess): number {
  return 1024 * Number(/^VmHWM:\s+(\d+) kB/m.exec(procFile(child, 'status'))?.[1] ?? 0);
}

/** Whether the process has a handler of its own for the signal. */
export function catches(child: ChildProcess, signal: 'SIGINT' | 'SIGTERM'): boolean {
  const mask = BigInt(`0x${/^SigCgt:\s+([0-9a-f]+)/m.exec(procFile(child, 'status'))?.[1] ?? '0'}`);
  return ((mask >> BigInt(constants.signals[signal] - 1)) & 1n) === 1n;
}

/** Whether the process's file descriptor is in non-blocking mode. */
export function isNonBlocking(pid: number, fd: number): boolean {
  const flags = /^flags:\s+([0-7]+)/m.exec(readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8'))?.[1] ?? '0';
  return (Number.parseInt(flags, 8) & NON_BLOCKING) !== 0;
}

function procFile(child: ChildProcess, name: string): string {
  return readFileSync(`/proc/${child.pid}/${name}`, 'utf8');
}
