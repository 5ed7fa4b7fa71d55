/** Searches the results of audits by keyed fingerprint: nothing is read again, and no value is in them to be read. */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { auditResultSchema } from '../audit/result.ts';
import { readBounded } from '../boundedFile.ts';
import { describeIo, IoError, UsageError } from '../errors.ts';
import { FINDING_SCHEMA, type Finding, LIVE_CHECK_SCHEMA } from '../findings/finding.ts';
import type { SubjectCollector } from './collector.ts';

export interface ResultSearch {
  readonly fingerprints: ReadonlySet<string>;
  readonly keyId: string;
  readonly collector: SubjectCollector;
}

export interface Searched {
  readonly path: string;
  readonly kind: 'audit' | 'findings';
  readonly complete: boolean;
}

/** More does not fit in a string. */
const MOST_BYTES = 500 * 1024 * 1024;
/** So much tells a document from lines. */
const HEAD_CHARACTERS = 4096;
/** No finding: says of one's value whether it still works. */
const LIVE_CHECK_START = `{"schema":"${LIVE_CHECK_SCHEMA}"`;
const AUDIT_MARK = /^\s*\{\s*"schema"\s*:\s*"logveil\.audit\/1"/;

/**
 * @param path of `audit --format json` or `--format jsonl`, or of `--findings`
 * @throws UsageError when it is neither, or was made under another key; IoError
 */
export async function searchResult(path: string, search: ResultSearch): Promise<Searched> {
  try {
    const head = await readHead(path);
    return AUDIT_MARK.test(head) ? searchDocument(path, search) : await searchLines(path, search);
  } catch (error) {
    if (error instanceof UsageError || error instanceof IoError) throw error;
    throw new IoError(`${path}: can't be read: ${describeIo(error)}`, { cause: error });
  }
}

async function readHead(path: string): Promise<string> {
  let head = '';
  for await (const chunk of createReadStream(path, { encoding: 'utf8', end: HEAD_CHARACTERS })) head += chunk;
  return head;
}

function searchDocument(path: string, { fingerprints, keyId, collector }: ResultSearch): Searched {
  let document: unknown;
  try {
    document = JSON.parse(readBounded(path, MOST_BYTES, path, 'the result of an audit').toString());
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new UsageError(`${path}: expected JSON, the file is damaged or cut off`);
  }
  const parsed = auditResultSchema.safeParse(document);
  if (!parsed.success)
    throw new UsageError(`${path}: expected the result of \`audit --format json\` of this version`);
  const { key, values, findingsOfValuesNotListed, run } = parsed.data;
  refuseOtherKey(path, key.id, keyId, key.source === 'random');
  for (const value of values) {
    if (!fingerprints.has(value.fingerprint)) continue;
    const places = value.locations.map(({ path: file, line, column, length }) => ({
      path: file,
      line,
      column,
      length,
    }));
    collector.addPlaces(value, places, value.findings);
  }
  return { path, kind: 'audit', complete: findingsOfValuesNotListed === 0 && run.complete };
}

async function searchLines(
  path: string,
  { fingerprints, keyId, collector }: ResultSearch,
): Promise<Searched> {
  const lines = createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY });
  let number = 0;
  for await (const line of lines) {
    number++;
    if (line === '' || line.startsWith(LIVE_CHECK_START)) continue;
    const finding = parseFinding(path, number, line);
    refuseOtherKey(path, finding.keyId, keyId, false);
    if (!fingerprints.has(finding.fingerprint)) continue;
    const { source, line: at, column, length } = finding;
    collector.addFinding(finding, { path: source, line: at, column, length });
  }
  return { path, kind: 'findings', complete: true };
}

function parseFinding(path: string, number: number, line: string): Finding {
  let finding: Partial<Finding> | null = null;
  try {
    finding = JSON.parse(line) as Partial<Finding> | null;
  } catch {
    // Told below.
  }
  if (finding?.schema !== FINDING_SCHEMA || typeof finding.fingerprint !== 'string') {
    throw new UsageError(
      `${path}:${number}:1: expected a result of an audit, of \`--format json\` or \`--format jsonl\``,
    );
  }
  return finding as Finding;
}

function refuseOtherKey(path: string, found: string, expected: string, isRandom: boolean): void {
  if (found === expected) return;
  const advice = isRandom
    ? 'that key was random and is gone: audit again with LOGVEIL_KEY or --key-file, or use --scan'
    : 'give the key of that audit with LOGVEIL_KEY or --key-file, or use --scan';
  throw new UsageError(
    `${path}: its fingerprints are under the key ${found}, yours is ${expected}; ${advice}`,
  );
}
