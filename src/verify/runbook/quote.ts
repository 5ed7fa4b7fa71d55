/** Values in commands that people copy into a shell. */

const PLAIN = /^[A-Za-z0-9_@%+=:,./][A-Za-z0-9_@%+=:,./-]*$/;

/** One word for a POSIX shell, whatever it holds. */
export function shellQuote(text: string): string {
  return PLAIN.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** The same for a pattern that the shell itself is to expand: only `*` and `?` keep their meaning. */
export function shellGlob(text: string): string {
  return text
    .split(/([*?]+)/)
    .map((part, index) => (index % 2 === 1 || part === '' ? part : shellQuote(part)))
    .join('');
}
