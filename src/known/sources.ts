/**
 * Where known secrets come from: files, and variables of the environment. Files are read as bytes, which can be wiped;
 * no value becomes a string, and no message tells one.
 */
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { describeIo, IoError, type Problem, ProblemsError, UsageError } from '../errors.ts';
import { SHORTEST_VALUE } from './knownSecrets.ts';
import { readingsOf, withoutComment } from './readings.ts';
import {
  closingQuote,
  DOUBLE_QUOTE,
  HASH,
  LF,
  lineEnd,
  SINGLE_QUOTE,
  startsWith,
  trimmed,
  unescaped,
} from './text.ts';

const ENVIRONMENT = 'env:';
/** Lines of a value of several lines are known by themselves, too, unless they are this short or say only what it is. */
const SHORTEST_LINE = 16;
/** Read, write and execute of group and others. */
const OTHERS = 0o077;

const EQUALS = 0x3d;
const ARMOUR = Buffer.from('-----');
const ARMOUR_BEGIN = Buffer.from('-----BEGIN ');
const ARMOUR_END = Buffer.from('-----END ');
const EXPORT = Buffer.from('export ');
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
const UTF_16_MARKS = [Buffer.from([0xff, 0xfe]), Buffer.from([0xfe, 0xff])];

export interface KnownValues {
  /** Not empty; the caller's, to be wiped. */
  readonly values: readonly Buffer[];
  readonly warnings: readonly string[];
}

interface FoundValue {
  readonly value: Buffer;
  /** Counts from 1. */
  readonly line: number;
}

/**
 * @param sources paths of files (a value a line, or `NAME=value` as in dotenv files; see readings.ts for other forms), and `env:PREFIX`
 * @throws IoError, UsageError, ProblemsError that name the file and the line of each value that is too short
 */
export function readKnownValues(sources: readonly string[], env: NodeJS.ProcessEnv): KnownValues {
  const values: Buffer[] = [];
  const warnings: string[] = [];
  for (const source of sources) {
    if (source.startsWith(ENVIRONMENT)) values.push(...fromEnvironment(source, env));
    else values.push(...fromFile(source, warnings));
  }
  return { values: values.flatMap((value) => [value, ...linesOf(value)]), warnings };
}

/**
 * Values that a program gives.
 * @throws UsageError that tells which is too short
 */
export function knownValuesOf(texts: readonly string[]): Buffer[] {
  const short = texts.findIndex((text) => Buffer.byteLength(text) < SHORTEST_VALUE);
  if (short !== -1) throw new UsageError(`knownSecrets[${short}]: ${TOO_SHORT}`);
  return texts.map((text) => Buffer.from(text)).flatMap((value) => [value, ...linesOf(value)]);
}

const TOO_SHORT = `expected at least ${SHORTEST_VALUE} bytes: a shorter value would be found everywhere`;

function fromEnvironment(source: string, env: NodeJS.ProcessEnv): Buffer[] {
  const prefix = source.slice(ENVIRONMENT.length);
  if (prefix === '')
    throw new UsageError('known secrets: expected a prefix behind `env:`, such as `env:SECRET_`');
  const names = Object.keys(env).filter((name) => name.startsWith(prefix) && env[name] !== '');
  if (names.length === 0)
    throw new UsageError(`known secrets: no variable in the environment begins with ${prefix}`);
  const values = names.map((name) => Buffer.from(env[name] ?? ''));
  const short = names.filter((_, i) => (values[i] as Buffer).length < SHORTEST_VALUE);
  if (short.length > 0)
    throw new UsageError(short.map((name) => `${ENVIRONMENT}${name}: ${TOO_SHORT}`).join('\n'));
  return values;
}

function fromFile(path: string, warnings: string[]): Buffer[] {
  const { bytes, mode } = readWhole(path);
  if ((mode & OTHERS) !== 0) {
    warnings.push(
      `${path}: others than its owner may open the known secrets (mode ${(mode & 0o777).toString(8)}): chmod 600`,
    );
  }
  const problems: Problem[] = [];
  const found = valuesIn(bytes, (line, message) => problems.push({ file: path, line, column: 1, message }));
  for (const { value, line } of found) {
    if (value.length < SHORTEST_VALUE) problems.push({ file: path, line, column: 1, message: TOO_SHORT });
  }
  // The values are copies.
  bytes.fill(0);
  if (problems.length > 0) {
    problems.sort((a, b) => a.line - b.line);
    for (const { value } of found) value.fill(0);
    throw new ProblemsError('LOGVEIL_CONFIG', problems);
  }
  if (found.length === 0)
    throw new UsageError(`${path}: expected known secrets, a value a line or NAME=value`);
  return found.map(({ value }) => value);
}

function readWhole(path: string): { bytes: Buffer; mode: number } {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    return { bytes: readFileSync(file), mode: fstatSync(file).mode };
  } catch (error) {
    throw new IoError(`${path}: the known secrets can't be read: ${describeIo(error)}`, { cause: error });
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** The values in a file, in order; copies. */
function valuesIn(file: Buffer, refuse: (line: number, message: string) => void): FoundValue[] {
  const bytes = startsWith(file, BYTE_ORDER_MARK) ? file.subarray(BYTE_ORDER_MARK.length) : file;
  const found: FoundValue[] = [];
  // No value in it would be found: the logs that are searched are UTF-8.
  if (UTF_16_MARKS.some((mark) => startsWith(file, mark)))
    return refused(
      refuse,
      1,
      'expected UTF-8 text, this is UTF-16: convert it, for instance with iconv',
      found,
    );
  let line = 1;
  for (let at = 0; at < bytes.length; ) {
    const first = line;
    let end = lineEnd(bytes, at);
    const text = trimmed(bytes.subarray(at, end));
    if (text.length > 0 && text[0] !== HASH) {
      const start = valueStart(text);
      const begin = text.byteOffset - bytes.byteOffset + start;
      const quote = start > 0 ? text[start] : undefined;
      if (startsWith(text, ARMOUR_BEGIN)) {
        end = armourEnd(bytes, end);
        if (end === -1) return refused(refuse, first, 'expected an END line to this BEGIN line', found);
        found.push({ value: Buffer.from(trimmed(bytes.subarray(begin, end))), line: first });
      } else if (quote === SINGLE_QUOTE || quote === DOUBLE_QUOTE) {
        const close = closingQuote(bytes, begin, quote);
        if (close === -1) return refused(refuse, first, 'expected a quote that ends this value', found);
        const inside = bytes.subarray(begin + 1, close);
        found.push({ value: quote === DOUBLE_QUOTE ? unescaped(inside) : Buffer.from(inside), line: first });
        end = lineEnd(bytes, close);
      } else {
        const value = text.subarray(start);
        found.push({ value: Buffer.from(value), line: first });
        for (const reading of start > 0 ? withoutComment(value) : readingsOf(value))
          found.push({ value: reading, line: first });
      }
    }
    for (let i = at; i <= end && i < bytes.length; i++) if (bytes[i] === LF) line++;
    at = end + 1;
  }
  return found;
}

function refused(
  refuse: (line: number, message: string) => void,
  line: number,
  message: string,
  found: FoundValue[],
): FoundValue[] {
  refuse(line, message);
  return found;
}

/** Where the value begins in `NAME=value`, `export NAME=value`; 0 for a line that is a value. */
function valueStart(text: Buffer): number {
  let at = startsWith(text, EXPORT) ? EXPORT.length : 0;
  const first = at;
  while (at < text.length && isNameByte(text[at] as number, at > first)) at++;
  if (at === first || text[at] !== EQUALS) return 0;
  // What ends in `=` or `==` is base64.
  const rest = text.subarray(at + 1);
  return rest.length === 0 || (rest.length === 1 && rest[0] === EQUALS) ? 0 : at + 1;
}

function isNameByte(byte: number, isInside: boolean): boolean {
  const letter = byte | 0x20;
  return (letter >= 0x61 && letter <= 0x7a) || byte === 0x5f || (isInside && byte >= 0x30 && byte <= 0x39);
}

/** End of the line that ends an armoured value (RFC 7468, section 2), -1 for none. */
function armourEnd(bytes: Buffer, from: number): number {
  const mark = bytes.indexOf(ARMOUR_END, from);
  return mark === -1 ? -1 : lineEnd(bytes, mark);
}

/** The lines of a value of several, as they stand in a log that is written line by line; copies. */
function linesOf(value: Buffer): Buffer[] {
  if (!value.includes(LF)) return [];
  const lines: Buffer[] = [];
  for (let at = 0; at < value.length; ) {
    const end = lineEnd(value, at);
    const line = trimmed(value.subarray(at, end));
    if (line.length >= SHORTEST_LINE && !startsWith(line, ARMOUR)) lines.push(Buffer.from(line));
    at = end + 1;
  }
  return lines;
}
