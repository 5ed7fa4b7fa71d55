/**
 * Reads a YAML file against a schema and reports every mistake with its place in the file. Used for rule files and
 * for the configuration: both are written by people, who need `file:line:column` and what was expected.
 */
import {
  isMap,
  isNode,
  isPair,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
  type YAMLParseError,
} from 'yaml';
import type { z } from 'zod';
import type { Problem } from '../errors.ts';
import { firstLine, mistakesOf } from './mistakes.ts';

/** A file people write by hand is far smaller; a larger one is a mistake or an attack. In bytes. */
const MAX_YAML_BYTES = 4 * 1024 * 1024;

/** What stands for bytes that are no UTF-8 once they are text; a pattern that means it says `\\x{FFFD}`. */
const REPLACEMENT = '\uFFFD';

/** What the parser says, or rather its engine, of a document nested some thousand levels deep. */
const TOO_DEEP = 'Maximum call stack size exceeded';

type Path = readonly PropertyKey[];

/** A document that fits its schema, and a way to say where a part of it stands. */
interface YamlDocument<T> {
  readonly value: T;
  /**
   * Makes a problem at the node that `path` leads to, or at its nearest ancestor that exists.
   * @param path keys and indexes from the document's root
   */
  problemAt(path: Path, message: string): Problem;
  /**
   * Checks a part that the document's own schema left open.
   * @param path leads to `part`
   * @returns what is wrong with it; `value` is undefined when anything is
   */
  checkPart<P>(path: Path, part: unknown, schema: z.ZodType<P>): YamlPart<P>;
}

/** A checked part of a document. */
interface YamlPart<P> {
  readonly value: P | undefined;
  readonly problems: readonly Problem[];
}

type ProblemAt = YamlDocument<unknown>['problemAt'];

export type YamlResult<T> =
  | { readonly ok: true; readonly document: YamlDocument<T> }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * Parses `text` and checks it against `schema`.
 * @param file the name to show in problems
 * @returns the document, or all problems; never throws on bad input
 */
export function readYaml<T>(file: string, text: string, schema: z.ZodType<T>): YamlResult<T> {
  if (Buffer.byteLength(text) > MAX_YAML_BYTES) {
    return failed(file, `expected a file of at most ${MAX_YAML_BYTES} bytes`);
  }
  const misread = text.indexOf(REPLACEMENT);
  if (misread !== -1) {
    const before = text.slice(0, misread);
    const line = before.split('\n').length;
    const column = misread - before.lastIndexOf('\n');
    return { ok: false, problems: [{ file, line, column, message: 'expected UTF-8 text' }] };
  }
  const lineCounter = new LineCounter();
  const yaml = parseDocument(text, { lineCounter, prettyErrors: false, uniqueKeys: true, logLevel: 'error' });
  if (yaml.errors.length > 0) {
    const problems = yaml.errors.map((error) => {
      const { line, col } = lineCounter.linePos(error.pos[0]);
      return { file, line, column: col, message: `expected valid YAML: ${withoutSource(error)}` };
    });
    return { ok: false, problems };
  }
  let plain: unknown;
  try {
    plain = yaml.toJS();
  } catch (error) {
    // The parser refuses documents whose aliases would expand without bound. Its text may quote the document.
    const isRunaway = error instanceof Error && error.message.startsWith('Excessive alias count');
    return failed(
      file,
      isRunaway ? 'expected YAML without runaway aliases' : 'expected an anchor before each alias',
    );
  }
  const problemAt = (path: Path, message: string): Problem => {
    const { line, col } = lineCounter.linePos(offsetOf(yaml.contents, path));
    return { file, line, column: col, message };
  };
  const checkPart = <P>(path: Path, part: unknown, partSchema: z.ZodType<P>): YamlPart<P> => {
    const parsed = partSchema.safeParse(part);
    if (parsed.success) return { value: parsed.data, problems: [] };
    const problemBelow: ProblemAt = (steps, message) => problemAt([...path, ...steps], message);
    const problems = parsed.error.issues.flatMap((issue) => issueProblems(issue, problemBelow));
    problems.sort((one, other) => one.line - other.line || one.column - other.column);
    return { value: undefined, problems };
  };
  const { value, problems } = checkPart([], plain, schema);
  if (value === undefined) return { ok: false, problems };
  return { ok: true, document: { value, problemAt, checkPart } };
}

function failed(file: string, message: string): { ok: false; problems: Problem[] } {
  return { ok: false, problems: [{ file, line: 1, column: 1, message }] };
}

/** Kinds of errors whose text quotes the document wherever it likes. */
const QUOTING_ERRORS: Readonly<Record<string, string>> = {
  BAD_DIRECTIVE: 'Directive that is not understood',
  BAD_DQ_ESCAPE: 'Invalid escape sequence',
  TAG_RESOLVE_FAILED: 'Tag that is not understood',
};

/** The parser's text without what it quotes: by mistake the file may be a log, and messages never repeat a log. */
function withoutSource({ code, message }: YAMLParseError): string {
  if (message.startsWith(TOO_DEEP)) return 'it is nested too deeply';
  return QUOTING_ERRORS[code] ?? firstLine(message).replace(/(?<=\S): .*$/, '');
}

/** One problem for each mistake: an unknown field is reported at the field, not at the object that holds it. */
function issueProblems(issue: z.core.$ZodIssue, problemAt: ProblemAt): Problem[] {
  return mistakesOf(issue).map(({ path, message }) => problemAt(path, message));
}

/** Offset of the node at `path`, or of the last node on the way to it. A map's entry is found at its key. */
function offsetOf(root: Node | null, path: Path): number {
  let node: Node | null = root;
  let offset = root?.range?.[0] ?? 0;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && item.key.value === step);
      if (pair === undefined) return offset;
      if (isNode(pair.key) && pair.key.range) offset = pair.key.range[0];
      node = isPair(pair) && isNode(pair.value) ? pair.value : null;
      continue;
    }
    const items: readonly unknown[] =
      node !== null && 'items' in node && Array.isArray(node.items) ? node.items : [];
    const item = items[Number(step)];
    if (!isNode(item)) return offset;
    node = item;
    if (item.range) offset = item.range[0];
  }
  return offset;
}
