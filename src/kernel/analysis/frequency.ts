/**
 * How often bytes occur in logs, to tell a rare anchor from a common one. Measured over the loghub collection of real
 * logs, each file weighted up to 200 kB; one character per ASCII byte, 33 + round(-2 log2 p).
 */
const LEVELS =
  'RRRRRRRRR80RR3RRRRRRRRRRRRR@RORR):*6:4<82284--,.*++----...+5;08<7141212441662212181003748<6131J/<+/,,)/./+41,-++-3+++-02105242;R';
/** Share of all bytes above 0x7f together, and so of each. */
const HIGH_SHARE = 0.0003 / 128;

/** Share of each byte value, adding up to about 1. */
export const BYTE_SHARE: Float64Array = Float64Array.from({ length: 256 }, (_, byte) =>
  byte < 128 ? 2 ** (-(LEVELS.charCodeAt(byte) - 33) / 2) : HIGH_SHARE,
);
