/**
 * Writes replacement text so that it survives inside string literals: a placeholder put into a JSON string that
 * itself stands inside a JSON string needs its quotes and backslashes escaped once a level.
 *
 * Invariant: decoding the result `levels` times as JSON string interior gives `text` back.
 */

/** Each level doubles the length of an escaped quote; deeper nesting than this is refused by the callers anyway. */
export const MAX_ESCAPE_LEVELS = 16;

/**
 * How `text` must be written where it stands `levels` string levels deep: 0 is outside of any string (returned
 * as it is), 1 is inside a string, 2 inside a string inside a string.
 *
 * @param text printable ASCII only: other characters would need escapes that depend on the kind of string
 * @param levels integer from 0 to {@link MAX_ESCAPE_LEVELS}
 * @throws RangeError for other arguments; the message does not repeat the text
 */
export function escapeLevels(text: string, levels: number): string {
  if (!Number.isInteger(levels) || levels < 0 || levels > MAX_ESCAPE_LEVELS) {
    throw new RangeError(`levels: expected an integer from 0 to ${MAX_ESCAPE_LEVELS}, got ${levels}`);
  }
  if (!/^[\x20-\x7e]*$/.test(text)) throw new RangeError('text: expected printable ASCII');
  let escaped = text;
  for (let level = 0; level < levels; level++) escaped = escaped.replace(/["\\]/g, '\\$&');
  return escaped;
}
