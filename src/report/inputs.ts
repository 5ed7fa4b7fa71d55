/** Reads what a report is made of, and holds it to its schema: a report on half-understood input would mislead. */
import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { type AuditResult, auditResultSchema } from '../audit/result.ts';
import { readBounded } from '../boundedFile.ts';
import { UsageError } from '../errors.ts';
import { SUMMARY_SCHEMA, type Summary } from '../findings/summary.ts';
import { type SubjectResult, subjectResultSchema } from '../subject/result.ts';
import { mistakesOf } from '../yaml/mistakes.ts';
import type { InputFile, ScrubbedFile } from './context.ts';
import { scrubbedFileSchema, summarySchema } from './inputSchemas.ts';

export interface ReportInputs {
  /** By their end, the earliest first; at least one. */
  readonly audits: readonly AuditResult[];
  readonly summaries: readonly Summary[];
  readonly subjects: readonly SubjectResult[];
  readonly scrubbed: readonly ScrubbedFile[];
  readonly files: readonly InputFile[];
}

const MOST_MISTAKES = 5;
/** More does not fit in a string. */
const MOST_BYTES = 500 * 1024 * 1024;

/** @throws IoError when a file can't be read, UsageError when it is not what a report is made of */
export function readInputs(paths: readonly string[]): ReportInputs {
  const audits: AuditResult[] = [];
  const summaries: Summary[] = [];
  const subjects: SubjectResult[] = [];
  const scrubbed: ScrubbedFile[] = [];
  const files: InputFile[] = [];
  for (const path of paths) {
    const bytes = read(path);
    const { schema, documents } = parse(path, bytes);
    files.push({
      path,
      schema,
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    });
    if (schema === 'logveil.audit/1') audits.push(check(path, auditResultSchema, documents[0]));
    else if (schema === SUMMARY_SCHEMA) summaries.push(checkedSummary(path, documents[0]));
    else if (schema === 'logveil.subject/1') subjects.push(check(path, subjectResultSchema, documents[0]));
    else for (const document of documents) scrubbed.push(...replaced(path, document));
  }
  if (audits.length === 0) {
    throw new UsageError(
      'expected the result of an audit among the inputs: `logveil audit PATH --format json`',
    );
  }
  const ids = audits.map(({ id }) => id);
  if (new Set(ids).size < ids.length) throw new UsageError('expected each audit once, one is named twice');
  audits.sort((a, b) => Date.parse(a.run.ended) - Date.parse(b.run.ended));
  return { audits, summaries, subjects, scrubbed, files };
}

function read(path: string): Buffer {
  return readBounded(path, MOST_BYTES, path, 'an input of a report');
}

/** One JSON document, or JSON lines of one schema. */
function parse(path: string, bytes: Buffer): { schema: string; documents: unknown[] } {
  const text = bytes.toString();
  const documents = parseWhole(text) ?? parseLines(text);
  const schema = documents === undefined ? undefined : (documents[0] as { schema?: unknown } | null)?.schema;
  if (documents === undefined || typeof schema !== 'string') {
    throw new UsageError(
      `${path}: expected JSON that logveil wrote; \`logveil audit PATH --format json\` does`,
    );
  }
  if (schema === 'logveil.finding/1') {
    throw new UsageError(
      `${path}: these are findings only; a report needs what was looked at, too: \`logveil audit PATH --format json\``,
    );
  }
  const known = ['logveil.audit/1', SUMMARY_SCHEMA, 'logveil.subject/1', 'logveil.scrub/1'];
  if (!known.includes(schema)) {
    throw new UsageError(
      `${path}: expected one of the forms ${known.join(', ')}; this file is of another version or kind`,
    );
  }
  return { schema, documents };
}

function parseWhole(text: string): unknown[] | undefined {
  try {
    return [JSON.parse(text)];
  } catch {
    return undefined;
  }
}

function parseLines(text: string): unknown[] | undefined {
  try {
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as unknown);
  } catch {
    return undefined;
  }
}

function check<T>(path: string, schema: z.ZodType<T>, document: unknown): T {
  const parsed = schema.safeParse(document);
  if (parsed.success) return parsed.data;
  const mistakes = parsed.error.issues.flatMap((issue) => mistakesOf(issue)).map(({ message }) => message);
  const more = mistakes.length > MOST_MISTAKES ? `; and ${mistakes.length - MOST_MISTAKES} more` : '';
  throw new UsageError(
    `${path}: not as logveil writes it: ${mistakes.slice(0, MOST_MISTAKES).join('; ')}${more}`,
  );
}

/** Only what a report reads of it is checked. */
function checkedSummary(path: string, document: unknown): Summary {
  check(path, summarySchema, document);
  return document as Summary;
}

/** A file of a scrub's manifest that was rewritten; the other records are no action. */
function replaced(path: string, document: unknown): ScrubbedFile[] {
  const isReplaced = (document as { event?: unknown } | null)?.event === 'replaced';
  return isReplaced ? [check(path, scrubbedFileSchema, document)] : [];
}
