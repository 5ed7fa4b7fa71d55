/** Where the result of an audit goes, and what it looks like there. */
import { closeSync, fdatasyncSync, openSync, statSync, truncateSync } from 'node:fs';
import type { Document } from '../../app/audit/document.ts';
import { FindingsOutput } from '../../app/audit/findingsOutput.ts';
import type { Aggregate, Example } from '../../audit/aggregate.ts';
import { CSV_HEADER } from '../../audit/csv.ts';
import { jsonDocument } from '../../audit/jsonDocument.ts';
import { sarif } from '../../audit/sarif.ts';
import type { RuleFacts } from '../../audit/scan.ts';
import { textReport } from '../../audit/textReport.ts';
import { STDOUT_FD } from '../../descriptors.ts';
import { describeIo, IoError, UsageError } from '../../errors.ts';
import { LIVE_CHECK_SCHEMA } from '../../findings/finding.ts';
import { takeExclusively } from '../../sinks/exclusive.ts';
import { FileWriter } from '../../sinks/fileWriter.ts';
import { openOwnerOnly } from '../../sinks/ownerOnly.ts';
import { paintFor, plainPaint } from '../../telemetry/colour.ts';
import type { AuditFlags } from '../auditFlags.ts';

const JOINED_CHARACTERS = 64 * 1024;

/** Findings that an interrupted run has written. */
type Written = Readonly<Pick<FindingsOutput, 'bytes' | 'written' | 'notWritten'>>;

/** What `AuditOutput.write` makes a document of. */
export interface ToWrite {
  readonly document: Document;
  readonly aggregate: Aggregate;
  readonly rules: readonly RuleFacts[];
  /** Fingerprints that the audit compared with did not have. */
  readonly added: ReadonlySet<string> | undefined;
}

export class AuditOutput {
  readonly fd: number;
  /** Undefined for formats that are written at the end. */
  readonly findings: FindingsOutput | undefined;
  readonly #flags: AuditFlags;
  readonly #writer: FileWriter;
  readonly #release: () => void;

  /**
   * @param mostFindings written one by one
   * @param before what an interrupted run has written: it is gone on with behind that
   * @throws UsageError, IoError
   */
  constructor(flags: AuditFlags, mostFindings: number, before: Written | undefined) {
    const { output, format } = flags;
    this.#flags = flags;
    this.#release = output === '-' || isShareable(output) ? () => {} : takeExclusively(output);
    try {
      this.fd = output === '-' ? STDOUT_FD : open(output, before);
    } catch (error) {
      this.#release();
      throw error;
    }
    this.#writer = new FileWriter(this.fd);
    if (format !== 'jsonl' && format !== 'csv') return;
    this.findings = new FindingsOutput(this.#writer, mostFindings);
    if (before !== undefined) Object.assign(this.findings, before);
    if (format === 'csv' && this.findings.bytes === 0) this.findings.text(CSV_HEADER);
  }

  /** What was written is on the disk when it returns. */
  sync(): void {
    if (this.fd !== STDOUT_FD) fdatasyncSync(this.fd);
  }

  /** Writes the document; nothing where findings are written one by one. @throws IoError, BrokenPipe */
  async write(result: ToWrite): Promise<void> {
    if (this.findings !== undefined) {
      await this.#writeLiveChecks(this.findings, result.document);
      return;
    }
    for (const piece of joined(this.#pieces(result))) await this.#writer.write(Buffer.from(piece));
  }

  /** Behind the findings, which were written before anything was asked. */
  async #writeLiveChecks(findings: FindingsOutput, { liveChecks }: Document): Promise<void> {
    if (liveChecks === undefined || this.#flags.format !== 'jsonl') return;
    const { service, url } = liveChecks;
    for (const key of liveChecks.keys)
      findings.text(`${JSON.stringify({ schema: LIVE_CHECK_SCHEMA, service, url, ...key })}\n`);
    await findings.flush();
  }

  close(): void {
    if (this.fd !== STDOUT_FD) closeSync(this.fd);
    this.#release();
  }

  #pieces({ document, aggregate, rules, added }: ToWrite): Iterable<string> {
    const { format, output } = this.#flags;
    const values = aggregate.values.result(rules);
    if (format === 'json') return jsonDocument(document, values);
    if (format === 'sarif') return sarif(document, values, added);
    const examples = new Map<string, readonly Example[]>();
    for (const [rule, shown] of aggregate.examples) examples.set(rules[rule]?.id ?? '', shown);
    const paint = output === '-' ? paintFor(STDOUT_FD) : plainPaint;
    return textReport({ result: document, examples, showsExamples: format === 'text' }, paint);
  }
}

/** Pipes and devices take the results of many. */
export function isShareable(output: string): boolean {
  return statSync(output, { throwIfNoEntry: false })?.isFile() === false;
}

/** What was written after the last state is cut off: it will be written again. */
function open(output: string, before: Written | undefined): number {
  if (before === undefined) return openOwnerOnly(output);
  try {
    if (statSync(output).size < before.bytes) {
      throw new UsageError(
        `${output}: it is shorter than it was when the audit was interrupted; run it again without --resume`,
      );
    }
    truncateSync(output, before.bytes);
    return openSync(output, 'a');
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new IoError(`${output}: can't be gone on with: ${describeIo(error)}`, { cause: error });
  }
}

/** Fewer, larger pieces. */
function* joined(pieces: Iterable<string>): Generator<string> {
  let text = '';
  for (const piece of pieces) {
    text += piece;
    if (text.length < JOINED_CHARACTERS) continue;
    yield text;
    text = '';
  }
  if (text !== '') yield text;
}
