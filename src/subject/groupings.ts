/** Numbers as they are printed: in groups of three or four, or as the identifiers of some countries. */

/** Sizes of groups, by the whole length; a last `0` repeats the one before. */
const GROUPS: readonly (readonly number[])[] = [
  [4, 0],
  [3, 0],
  [2, 0],
  [3, 2, 4],
  [3, 3, 4],
  [2, 3, 3, 3],
  [3, 4, 3],
  [4, 6, 5],
  [1, 2, 2, 2, 3, 3, 2],
];
const SEPARATORS = [' ', '-', '.', '/'];

/** The text itself, and in each of the groups that fit its length, between each of the separators. */
export function groupings(text: string): string[] {
  const grouped = GROUPS.map((sizes) => split(text, sizes)).filter((groups) => groups !== undefined);
  return [text, ...grouped.flatMap((groups) => SEPARATORS.map((separator) => groups.join(separator)))];
}

function split(text: string, sizes: readonly number[]): string[] | undefined {
  const groups: string[] = [];
  let at = 0;
  for (let index = 0; at < text.length; index++) {
    const size = sizes[index] ?? 0;
    const repeated = sizes.at(-1) === 0 ? (sizes.at(-2) ?? 0) : 0;
    const length = size > 0 ? size : repeated;
    if (length === 0) return undefined;
    groups.push(text.slice(at, at + length));
    at += length;
  }
  const isWhole = sizes.at(-1) === 0 || groups.map(({ length }) => length).join() === sizes.join();
  return isWhole && groups.length > 1 ? groups : undefined;
}
