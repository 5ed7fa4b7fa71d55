/** Looking for one byte, counting it, and copying. */

/** Address of the first `byte` in [at, end), else `end`. Reads up to 15 bytes past the end. */
export function findByte(at: i32, end: i32, byte: i32): i32 {
  const wanted = i8x16.splat(<i8>byte);
  for (let p = at; p < end; p += 16) {
    const bits = v128.bitmask<i8>(v128.eq<i8>(v128.load(p), wanted));
    if (bits != 0) {
      const found = p + ctz(bits);
      return found < end ? found : end;
    }
  }
  return end;
}

/** Address after the last `byte` in [begin, at), else `begin`. Reads up to 15 bytes before `begin`. */
export function findAfterLast(begin: i32, at: i32, byte: i32): i32 {
  const wanted = i8x16.splat(<i8>byte);
  for (let p = at - 16; p > begin - 16; p -= 16) {
    const bits = v128.bitmask<i8>(v128.eq<i8>(v128.load(p), wanted));
    if (bits != 0) {
      const found = p + 32 - clz(bits);
      return found > begin ? found : begin;
    }
  }
  return begin;
}

/** How often `byte` occurs in [at, end). */
export function countByte(at: i32, end: i32, byte: i32): i32 {
  const wanted = i8x16.splat(<i8>byte);
  let total = 0;
  for (; at + 16 <= end; at += 16) total += popcnt(v128.bitmask<i8>(v128.eq<i8>(v128.load(at), wanted)));
  for (; at < end; at++) if (<i32>load<u8>(at) == byte) total += 1;
  return total;
}

/** Copies `length` bytes, and `textLength` bytes of a text behind them. */
export function copyTwo(to: i32, from: i32, length: i32, text: i32, textLength: i32): void {
  memory.copy(to, from, length);
  memory.copy(to + length, text, textLength);
}
