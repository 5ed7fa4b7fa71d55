/**
 * A validator says whether the bytes `[start, end)` can be what a rule takes them for: a checksum, a range, a
 * structure. It runs on candidates only, allocates nothing where it can, never throws on any bytes and keeps no
 * state between calls.
 */
export type Validator = (bytes: Uint8Array, start: number, end: number) => boolean;
