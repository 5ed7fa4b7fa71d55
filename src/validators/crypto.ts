import { createHash } from 'node:crypto';
import { hexValue, isDigit, isLower, isUpper, textOf, toLower } from './bytes.ts';
import { keccak256 } from './keccak.ts';
import type { Validator } from './validator.ts';

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const base58Values = new Int8Array(256).fill(-1);
for (let i = 0; i < BASE58.length; i++) base58Values[BASE58.charCodeAt(i)] = i;

/** Bytes of a Bitcoin address: version, hash, checksum. */
const ADDRESS_BYTES = 25;

/** The 25 bytes that base58 text stands for, or undefined. */
function base58Decode(bytes: Uint8Array, start: number, end: number): Uint8Array | undefined {
  const out = new Uint8Array(ADDRESS_BYTES);
  for (let i = start; i < end; i++) {
    let carry = base58Values[bytes[i]];
    if (carry < 0) return undefined;
    for (let j = ADDRESS_BYTES - 1; j >= 0; j--) {
      carry += out[j] * 58;
      out[j] = carry & 0xff;
      carry >>= 8;
    }
    if (carry > 0) return undefined;
  }
  return out;
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

/** Versions of pay-to-public-key-hash and pay-to-script-hash on the main network. */
function isBase58Address(bytes: Uint8Array, start: number, end: number): boolean {
  const decoded = base58Decode(bytes, start, end);
  if (decoded === undefined || (decoded[0] !== 0 && decoded[0] !== 5)) return false;
  const sum = sha256(sha256(decoded.subarray(0, 21)));
  return sum.subarray(0, 4).equals(decoded.subarray(21));
}

const BECH32 = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const GENERATORS = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
/** What the checksum leaves: 1 for bech32 (witness version 0), the other for bech32m (versions from 1). */
const BECH32_REST = 1;
const BECH32M_REST = 0x2bc830a3;

function polymodStep(checksum: number, value: number): number {
  const top = checksum >>> 25;
  let next = ((checksum & 0x1ffffff) << 5) ^ value;
  for (let i = 0; i < 5; i++) if ((top >>> i) & 1) next ^= GENERATORS[i];
  return next;
}

/** `bc1...`, in one case throughout. */
function isSegwitAddress(bytes: Uint8Array, start: number, end: number): boolean {
  let lower = false;
  let upper = false;
  // The human-readable part `bc`: high bits, a zero, low bits.
  let checksum = [3, 3, 0, 2, 3].reduce(polymodStep, 1);
  for (let i = start; i < end; i++) {
    if (isLower(bytes[i])) lower = true;
    if (isUpper(bytes[i])) upper = true;
    if (i < start + 3) continue;
    const value = BECH32.indexOf(String.fromCharCode(toLower(bytes[i])));
    if (value < 0) return false;
    checksum = polymodStep(checksum, value);
  }
  if (lower && upper) return false;
  return checksum === (toLower(bytes[start + 3]) === 0x71 ? BECH32_REST : BECH32M_REST);
}

/**
 * A Bitcoin address of the main network whose checksum is right: base58check (`1...`, `3...`), bech32 or bech32m
 * (`bc1...`). Sources: Bitcoin developer reference, Addresses; BIP 173; BIP 350.
 */
export const bitcoinAddress: Validator = (bytes, start, end) => {
  if (end - start < 26 || end - start > 90) return false;
  return (bytes[start] | 0x20) === 0x62
    ? isSegwitAddress(bytes, start, end)
    : isBase58Address(bytes, start, end);
};

/**
 * An Ethereum address: 0x and 40 hexadecimal digits, not all alike. In mixed case the letters' case is a checksum and
 * must be right. Source: EIP-55.
 */
export const ethereumAddress: Validator = (bytes, start, end) => {
  if (end - start !== 42) return false;
  let lower = false;
  let upper = false;
  let varied = false;
  for (let i = start + 2; i < end; i++) {
    if (hexValue(bytes[i]) < 0) return false;
    if (isLower(bytes[i])) lower = true;
    if (isUpper(bytes[i])) upper = true;
    if (bytes[i] !== bytes[start + 2]) varied = true;
  }
  if (!varied) return false;
  if (!lower || !upper) return true;
  const text = textOf(bytes, start + 2, end, 'latin1');
  const hash = keccak256(Buffer.from(text.toLowerCase(), 'latin1'));
  for (let i = 0; i < 40; i++) {
    const byte = text.charCodeAt(i);
    const nibble = i % 2 === 0 ? hash[i >> 1] >> 4 : hash[i >> 1] & 15;
    if (!isDigit(byte) && isUpper(byte) !== nibble >= 8) return false;
  }
  return true;
};

/** Bytes that a full block of eleven base58 characters stands for, and a last one of seven. */
const MONERO_BLOCK = 8;
const MONERO_LAST = 5;

/**
 * A Monero address: 95 base58 characters in blocks, whose last four bytes are the beginning of Keccak-256 of the rest.
 * Sources: Monero documentation, Standard address; CryptoNote standard 7.
 */
export const moneroAddress: Validator = (bytes, start, end) => {
  if (end - start !== 95) return false;
  const out = Buffer.alloc(8 * MONERO_BLOCK + MONERO_LAST);
  for (let block = 0; block <= 8; block++) {
    const from = start + block * 11;
    const size = block === 8 ? MONERO_LAST : MONERO_BLOCK;
    let value = 0n;
    for (let i = from; i < from + (block === 8 ? 7 : 11); i++) {
      if (base58Values[bytes[i]] < 0) return false;
      value = value * 58n + BigInt(base58Values[bytes[i]]);
    }
    for (let i = size - 1; i >= 0; i--) {
      out[block * MONERO_BLOCK + i] = Number(value & 255n);
      value >>= 8n;
    }
    if (value > 0n) return false;
  }
  return keccak256(out.subarray(0, 65)).subarray(0, 4).equals(out.subarray(65));
};
