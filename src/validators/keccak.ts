/**
 * Keccak-256 as Ethereum and Monero use it: with the padding of the submission to NIST, not that of SHA-3, so that
 * `node:crypto` has none. Source: G. Bertoni and others, The Keccak reference 3.0, 2011. For candidates only: it is
 * written for its size, not its speed.
 */
const LANES = 25;
const RATE = 136;
const MASK = 0xffffffffffffffffn;

/** Rotations of the lanes in the order in which the permutation visits them. */
const ROTATIONS = [1, 3, 6, 10, 15, 21, 28, 36, 45, 55, 2, 14, 27, 41, 56, 8, 25, 43, 62, 18, 39, 61, 20, 44];
const ORDER = [10, 7, 11, 17, 18, 3, 5, 16, 8, 21, 24, 4, 15, 23, 19, 13, 12, 2, 20, 14, 22, 9, 6, 1];

/** The 24 constants of the rounds, from the linear feedback shift register that defines them. */
const ROUNDS: readonly bigint[] = roundConstants();

function roundConstants(): bigint[] {
  const constants: bigint[] = [];
  let register = 1;
  for (let round = 0; round < 24; round++) {
    let constant = 0n;
    for (let bit = 0; bit < 7; bit++) {
      if (register & 1) constant |= 1n << BigInt(2 ** bit - 1);
      register = register & 0x80 ? ((register << 1) ^ 0x171) & 0xff : register << 1;
    }
    constants.push(constant);
  }
  return constants;
}

function rotate(lane: bigint, by: number): bigint {
  return ((lane << BigInt(by)) | (lane >> BigInt(64 - by))) & MASK;
}

function permute(state: bigint[]): void {
  for (const constant of ROUNDS) {
    const parity = Array.from(
      { length: 5 },
      (_, x) => state[x] ^ state[x + 5] ^ state[x + 10] ^ state[x + 15] ^ state[x + 20],
    );
    for (let x = 0; x < 5; x++) {
      const mix = parity[(x + 4) % 5] ^ rotate(parity[(x + 1) % 5], 1);
      for (let y = 0; y < LANES; y += 5) state[x + y] ^= mix;
    }
    let moved = state[1];
    for (let i = 0; i < 24; i++) {
      const at = ORDER[i];
      const next = state[at];
      state[at] = rotate(moved, ROTATIONS[i]);
      moved = next;
    }
    for (let y = 0; y < LANES; y += 5) {
      const row = state.slice(y, y + 5);
      for (let x = 0; x < 5; x++) state[y + x] = row[x] ^ (~row[(x + 1) % 5] & MASK & row[(x + 2) % 5]);
    }
    state[0] ^= constant;
  }
}

/** @returns the 32 bytes of the digest */
export function keccak256(message: Uint8Array): Buffer {
  const padded = Buffer.alloc((Math.floor(message.length / RATE) + 1) * RATE);
  padded.set(message);
  padded[message.length] |= 0x01;
  padded[padded.length - 1] |= 0x80;
  const state = new Array<bigint>(LANES).fill(0n);
  for (let at = 0; at < padded.length; at += RATE) {
    for (let lane = 0; lane < RATE / 8; lane++) state[lane] ^= padded.readBigUInt64LE(at + lane * 8);
    permute(state);
  }
  const digest = Buffer.alloc(32);
  for (let lane = 0; lane < 4; lane++) digest.writeBigUInt64LE(state[lane], lane * 8);
  return digest;
}
