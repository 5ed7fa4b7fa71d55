/** Patterns of other tools in the syntax and the manner of ours. */

/** A pattern that can be tried, or why it can't. */
export type Translated =
  | { readonly source: string; readonly notes: readonly string[] }
  | { readonly refused: string };

/** Flags at the very beginning, several in a row. */
const LEADING_FLAGS = /^(?:\s*\(\?([a-zA-Z]+)\))+\s*/;

/**
 * Takes out what RE2 does not know: extended syntax with its blanks and comments, and anchors to a text in place of a
 * line. What reaches over lines is told of, because a rule sees one line at a time.
 */
export function translateRegex(regex: string): Translated {
  const leading = LEADING_FLAGS.exec(regex)?.[0] ?? '';
  const flags = new Set(
    [...leading.matchAll(/\(\?([a-zA-Z]+)\)/g)].flatMap(([, names]) => [...(names ?? '')]),
  );
  let source = regex.slice(leading.length);
  const isExtended = flags.delete('x');
  if (/\(\?[a-zA-Z]*x[a-zA-Z]*[:)]/.test(source))
    return { refused: 'it turns on extended syntax (`x`) inside of the pattern' };
  source = isExtended ? withoutBlanks(source) : source.trim();
  source = source.replace(/\(\?#[^)]*\)/g, '');
  source = source
    .replace(/((?:^|[^\\])(?:\\\\)*)\\A/g, '$1^')
    .replace(/((?:^|[^\\])(?:\\\\)*)\\[zZ]/g, '$1$');
  const kept = [...flags].sort().join('');
  const notes = /\\n|\\r|\(\?[a-z]*s[a-z]*[:)]|\[[^\]]*\\s[^\]]*\\S|\[[^\]]*\\S[^\]]*\\s/.test(regex)
    ? ['it may reach over lines there; here a match stays in its line']
    : [];
  return { source: kept === '' ? source : `(?${kept})${source}`, notes };
}

/** Extended syntax: blanks mean nothing, `#` begins a comment; in classes, too, blanks mean nothing (Rust's regex). */
function withoutBlanks(source: string): string {
  let plain = '';
  let isClass = false;
  for (let at = 0; at < source.length; at++) {
    const char = source.charAt(at);
    if (char === '\\') {
      const next = source.charAt(++at);
      plain += next === ' ' || next === '#' ? (isClass || next === '#' ? next : '[ ]') : char + next;
    } else if (source.startsWith('(?#', at) && !isClass) {
      const end = source.indexOf(')', at);
      at = end === -1 ? source.length : end;
    } else if (/\s/.test(char)) {
    } else if (char === '#' && !isClass) {
      const end = source.indexOf('\n', at);
      at = end === -1 ? source.length : end;
    } else {
      if (char === '[') isClass = true;
      else if (char === ']') isClass = false;
      plain += char;
    }
  }
  return plain;
}

/** The numbers of the groups that lie in no other group, in their order. */
export function outerGroups(source: string): number[] {
  const outer: number[] = [];
  const captures: boolean[] = [];
  let number = 0;
  let inside = 0;
  for (let at = 0; at < source.length; at++) {
    const char = source.charAt(at);
    if (char === '\\') at++;
    else if (char === '[') at = endOfClass(source, at);
    else if (char === '(') {
      const isCapture = source.charAt(at + 1) !== '?' || /^\(\?P?<[A-Za-z_]/.test(source.slice(at, at + 5));
      captures.push(isCapture);
      if (isCapture) {
        number++;
        if (inside === 0) outer.push(number);
        inside++;
      }
    } else if (char === ')' && captures.pop() === true) inside--;
  }
  return outer;
}

function endOfClass(source: string, start: number): number {
  let at = start + 1;
  if (source.charAt(at) === '^') at++;
  if (source.charAt(at) === ']') at++;
  for (; at < source.length && source.charAt(at) !== ']'; at++) {
    if (source.charAt(at) === '\\') at++;
    else if (source.startsWith('[:', at)) at = Math.max(at, source.indexOf(':]', at) + 1);
  }
  return at;
}
