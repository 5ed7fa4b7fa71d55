/**
 * Byte programs: Thompson NFAs whose alternatives are ordered by preference (Russ Cox, "Regular Expression Matching:
 * the Virtual Machine Approach"). One instruction is one index into parallel arrays.
 */

export const OP = {
  /** Dead end. */
  fail: 0,
  /** Of several patterns, number `arg`. */
  match: 1,
  /** Consume one byte of byte set `arg`, go to `out`. */
  set: 2,
  /** Go to `out` first, to `arg` second. */
  alt: 3,
  /** Go on to `out` if all assertion bits of `arg` hold here. */
  assert: 4,
  /** Note the place as capture slot `arg` (2n start, 2n+1 end of group n), go to `out`. */
  capture: 5,
} as const;

/** Membership of the 256 bytes, one 0/1 entry each. */
export type ByteSet = Uint8Array;

export interface Program {
  readonly op: Uint8Array;
  readonly out: Int32Array;
  readonly arg: Int32Array;
  readonly sets: readonly ByteSet[];
  /** Entry for a match that begins right here. */
  readonly start: number;
  /** Entry for a match that begins here or, less preferred, later. */
  readonly startUnanchored: number;
  readonly hasAsserts: boolean;
}
