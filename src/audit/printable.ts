/** Text from outside, for people: a file's name or a line may hold what a terminal would obey. */

/** Control characters, and those that turn the direction of text (Unicode TR36, "Trojan Source"). */
const UNPRINTABLE = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069\ufeff]/gu;

export function printable(text: string): string {
  return text.replace(UNPRINTABLE, '?');
}
