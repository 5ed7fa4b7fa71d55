/** Reads TOML (v1.0), and tells where in it a table or a key stands: the parser itself gives values without places. */
import { parse, TomlError } from 'smol-toml';
import type { Problem } from '../../errors.ts';

/** A document and the places in it. */
export interface TomlDocument {
  readonly value: Readonly<Record<string, unknown>>;
  /**
   * @param table name of an array of tables, such as `rules`
   * @param index which of them
   * @param key in it; the table itself without one, or where it has none
   */
  problemAt(table: string | undefined, index: number, key: string | undefined, message: string): Problem;
}

/** @returns the document, or the one mistake a parser can tell */
export function readToml(file: string, text: string): TomlDocument | Problem {
  let value: TomlDocument['value'];
  try {
    value = parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const { line, column } = error;
    // The parser's text goes on with lines of the document.
    const reason = error.message.split('\n', 1)[0]?.replace(/^Invalid TOML document: /, '') ?? '';
    return { file, line, column, message: `expected valid TOML: ${reason}` };
  }
  const headers = headersOf(text.split('\n'));
  return {
    value,
    problemAt(table, index, key, message) {
      const header = headers.filter(({ name }) => name === table)[index];
      const line = (key === undefined ? undefined : header?.keys.get(key)) ?? header?.line ?? 1;
      return { file, line, column: 1, message };
    },
  };
}

interface Header {
  readonly name: string;
  /** Counts from 1. */
  readonly line: number;
  readonly keys: Map<string, number>;
}

/** Headers of tables in the order of the text, with the keys below them. */
function headersOf(lines: readonly string[]): Header[] {
  const headers: Header[] = [{ name: '', line: 1, keys: new Map() }];
  let open: string | undefined;
  lines.forEach((text, index) => {
    if (open === undefined) {
      const name = /^\s*\[\[?\s*([\w.-]+)\s*\]\]?\s*(?:#.*)?\r?$/.exec(text)?.[1];
      const key = /^\s*([\w-]+)\s*=/.exec(text)?.[1];
      if (name !== undefined) headers.push({ name, line: index + 1, keys: new Map() });
      else if (key !== undefined) headers.at(-1)?.keys.set(key, index + 1);
    }
    open = openString(text, open);
  });
  return headers;
}

/** Which multi-line string is open at a line's end, given which was at its begin. */
function openString(text: string, open: string | undefined): string | undefined {
  let now = open;
  for (const [mark] of text.matchAll(/'''|"""/g)) {
    if (now === undefined) now = mark;
    else if (now === mark) now = undefined;
  }
  return now;
}
