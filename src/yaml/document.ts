/**
 * Reads a YAML file against a schema and reports every mistake with its place in the file. Used for rule files and
 * for the configuration: both are written by people, who need `file:line:column` and what was expected.
 */
import { isMap, isNode, isPair, isScalar, LineCounter, type Node, parseDocument } from 'yaml';
import type { z } from 'zod';
import type { Problem } from '../errors.ts';

/** A file people write by hand is far smaller; a larger one is a mistake or an attack. In bytes. */
const MAX_YAML_BYTES = 4 * 1024 * 1024;

type Path = readonly PropertyKey[];

/** A document that fits its schema, and a way to say where a part of it stands. */
export interface YamlDocument<T> {
  readonly value: T;
  /**
   * Makes a problem at the node that `path` leads to, or at its nearest ancestor that exists.
   * @param path keys and indexes from the document's root
   */
  problemAt(path: Path, message: string): Problem;
}

export type YamlResult<T> =
  | { readonly ok: true; readonly document: YamlDocument<T> }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * Parses `text` and checks it against `schema`.
 * @param file the name to show in problems
 * @returns the document, or all problems; never throws on bad input
 */
export function readYaml<T>(file: string, text: string, schema: z.ZodType<T>): YamlResult<T> {
  if (text.length > MAX_YAML_BYTES) {
    return failed(file, `expected a file of at most ${MAX_YAML_BYTES} bytes`);
  }
  const lineCounter = new LineCounter();
  const yaml = parseDocument(text, { lineCounter, prettyErrors: false, uniqueKeys: true });
  if (yaml.errors.length > 0) {
    const problems = yaml.errors.map((error) => {
      const { line, col } = lineCounter.linePos(error.pos[0]);
      return { file, line, column: col, message: `expected valid YAML: ${firstLine(error.message)}` };
    });
    return { ok: false, problems };
  }
  let plain: unknown;
  try {
    plain = yaml.toJS();
  } catch (error) {
    // The parser refuses documents whose aliases would expand without bound.
    return failed(file, `expected YAML without runaway aliases: ${firstLine(String(error))}`);
  }
  const problemAt = (path: Path, message: string): Problem => {
    const { line, col } = lineCounter.linePos(offsetOf(yaml.contents, path));
    return { file, line, column: col, message };
  };
  const parsed = schema.safeParse(plain);
  if (!parsed.success) {
    return { ok: false, problems: parsed.error.issues.flatMap((issue) => issueProblems(issue, problemAt)) };
  }
  return { ok: true, document: { value: parsed.data, problemAt } };
}

function failed(file: string, message: string): { ok: false; problems: Problem[] } {
  return { ok: false, problems: [{ file, line: 1, column: 1, message }] };
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text;
}

type Issue = z.core.$ZodIssue;

/** One problem for each mistake: an unknown field is reported at the field, not at the object that holds it. */
function issueProblems(issue: Issue, problemAt: YamlDocument<unknown>['problemAt']): Problem[] {
  const where = issue.path.length > 0 ? `\`${issue.path.map(String).join('.')}\`: ` : '';
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => problemAt([...issue.path, key], `${where}unknown field \`${key}\``));
  }
  return [problemAt(issue.path, where + expectation(issue))];
}

function expectation(issue: Issue): string {
  const message = firstLine(issue.message);
  return message.startsWith('Invalid input: ') ? message.slice('Invalid input: '.length) : message;
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
