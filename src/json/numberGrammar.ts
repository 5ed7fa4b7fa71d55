/**
 * The automaton of RFC 8259 numbers, one step a byte, so that a number can be left and entered again anywhere.
 *
 * Invariant: the states accept exactly the prefixes of numbers; a number is complete where {@link isCompleteNumber} says so.
 */

/** State before the first byte. */
export const NUMBER_BEGIN = 1;
/** No number goes on like this. */
export const NUMBER_STOP = 0;

// Columns of the table; 0 are all other bytes.
const COLUMN_OF_BYTE = new Uint8Array(256);
for (const [column, bytes] of ['', '0', '123456789', '-', '+', '.', 'eE'].entries()) {
  for (const byte of bytes) COLUMN_OF_BYTE[byte.charCodeAt(0)] = column;
}

/** Columns plus one, so that a row starts at a shifted index. */
const ROW_SHIFT = 3;

const ROWS = [
  // other, 0, 1-9, -, +, ., e
  '0000000', // 0 no number
  '0342000', // 1 nothing read yet
  '0340000', // 2 after -
  '0000057', // 3 after 0
  '0440057', // 4 after 12
  '0660000', // 5 after 12.
  '0660007', // 6 after 12.3
  '0998800', // 7 after 12e
  '0990000', // 8 after 12e-
  '0990000', // 9 after 12e-5
];
const COMPLETE = Uint8Array.from('0001101001', Number);

const NEXT = new Uint8Array(ROWS.length << ROW_SHIFT);
for (const [state, row] of ROWS.entries()) {
  for (const [column, next] of [...row].entries()) NEXT[(state << ROW_SHIFT) + column] = Number(next);
}

/** The state after `byte`, {@link NUMBER_STOP} when the number ended before it. */
export function nextNumberState(state: number, byte: number): number {
  return NEXT[(state << ROW_SHIFT) + COLUMN_OF_BYTE[byte]];
}

/** Whether what was read up to `state` is a whole number. */
export function isCompleteNumber(state: number): boolean {
  return COMPLETE[state] === 1;
}
