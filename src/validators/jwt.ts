import { base64DataEnd } from './base64.ts';
import { DOT, textOf } from './bytes.ts';
import type { Validator } from './validator.ts';

/** Longest header tried, in base64 characters: certificate chains (`x5c`) reach a few KB, nothing honest goes beyond. */
const MAX_HEADER_BYTES = 65_536;

/** Says whether the decoded header is a JSON object with a string `alg`. */
function hasAlgorithm(header: string): boolean {
  try {
    const value: unknown = JSON.parse(header);
    return typeof value === 'object' && value !== null && 'alg' in value && typeof value.alg === 'string';
  } catch {
    return false;
  }
}

/**
 * A JSON Web Token (RFC 7519): dot-separated base64url parts, the first of which is a JSON object with a string
 * `alg` (RFC 7515, section 4.1.1). Three parts are the signed form, two are what is left where a logger cut the
 * signature off, five are the encrypted form (RFC 7516); later parts may be empty, as in a detached payload.
 */
export const jwt: Validator = (bytes, start, end) => {
  let parts = 1;
  let headerEnd = end;
  let partStart = start;
  for (let i = start; i <= end; i++) {
    if (i < end && bytes[i] !== DOT) continue;
    if (i > partStart && base64DataEnd(bytes, partStart, i) < 0) return false;
    if (i === end) break;
    if (parts === 1) headerEnd = i;
    parts++;
    partStart = i + 1;
  }
  if (parts !== 2 && parts !== 3 && parts !== 5) return false;
  if (headerEnd - start < 2 || headerEnd - start > MAX_HEADER_BYTES) return false;
  const text = textOf(bytes, start, headerEnd, 'latin1');
  // Node reads both alphabets under the name base64.
  return hasAlgorithm(Buffer.from(text, 'base64').toString('utf8'));
};
