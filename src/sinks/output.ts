/**
 * Where redacted lines go: the contract between `tail` and its sinks. What was handed over is numbered, and a sink tells
 * up to which number it has accepted: only then a checkpoint may pass it.
 */

import { LogveilError } from '../errors.ts';

/** Where a file's end was, for a run that begins later. */
export interface OutputPosition {
  readonly path: string;
  readonly dev: string;
  readonly ino: string;
  readonly size: number;
}

/** The run was told to stop while the sink took nothing; what it has not accepted comes with the next run. */
export class Stopped extends LogveilError {
  readonly code = 'LOGVEIL_STOPPED';
}

export interface Output {
  readonly name: string;
  /** All writes up to this number are accepted; as durable as the other side makes them, once `settle` was called. */
  readonly accepted: number;
  /**
   * Takes whole lines over; the promise is the back-pressure.
   * @param bytes stay as they are until the promise settles
   * @param number counts up
   * @param source path of the followed file
   * @throws BrokenPipe, IoError when nothing more can be written, ever
   */
  write(bytes: Buffer, number: number, source: string): Promise<void>;
  /**
   * Makes what is accepted survive a power loss, as far as that is this side's to do.
   * @returns the position, where there is one that a later run can go back to
   * @throws IoError
   */
  settle(): OutputPosition | undefined;
  /** Resolves when everything written is accepted, or the signal aborts. */
  drain(stop: AbortSignal): Promise<void>;
  /** From when the signal aborts a write that can't be done ends with `Stopped`, rather than wait. */
  stopWith?(signal: AbortSignal): void;
  /** Cuts what was written behind a position, before the first write. */
  recover?(position: OutputPosition): void;
  /** Whether the sink wants to begin a new file; then `rotate` is called between two checkpoints. */
  readonly wantsRotation?: boolean;
  rotate?(): void;
  /** Opens the file at its path anew, because somebody has moved it away. */
  reopen?(): void;
  close(): Promise<void>;
}
