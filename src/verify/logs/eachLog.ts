/** Reads the deployment's current logs one after the other, each from its end and within its share of the bytes. */
import { describeIo } from '../../errors.ts';
import type { Deployment } from '../deployment.ts';
import { type Gap, type LogFile, listLogs } from './files.ts';
import { gapOf, shareOut, UnreadableLog } from './tail.ts';

export interface LogsRead {
  /** How many could be read. */
  readonly files: number;
  /** What could not, and why. */
  readonly gaps: readonly Gap[];
  readonly isStale: boolean;
  /** Last change of the newest, milliseconds since 1970; undefined without any. */
  readonly newestMs: number | undefined;
  /** Whether the signal came before all were read. */
  readonly isCut: boolean;
}

/** @param read reads so many bytes at most; what it throws makes the file a gap */
export async function eachLog(
  deployment: Deployment,
  read: (file: LogFile, mostBytes: number) => Promise<void>,
  signal: AbortSignal,
): Promise<LogsRead> {
  const { current, gaps, isStale } = await listLogs(deployment);
  const unread: Gap[] = [...gaps];
  const shares = shareOut(
    current.map(({ size }) => size),
    deployment.limits.logBytes,
  );
  let files = 0;
  for (const [index, file] of current.entries()) {
    if (signal.aborted) break;
    try {
      await read(file, shares[index] ?? 0);
      files++;
    } catch (error) {
      unread.push(gapOf(file, error instanceof UnreadableLog ? error.message : describeIo(error)));
    }
  }
  return { files, gaps: unread, isStale, newestMs: current[0]?.modifiedMs, isCut: signal.aborted };
}
