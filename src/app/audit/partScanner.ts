/** Searches a part of an audit: a range of a file, or a whole file with whatever is in it. */
import { createHash, type Hash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { Collector } from '../../audit/collector.ts';
import { LOOK_BACK_BYTES } from '../../audit/lineFacts.ts';
import type {
  Part,
  PartAnomalies,
  PartResult,
  RecordSink,
  RuleFacts,
  ScanOptions,
} from '../../audit/scan.ts';
import { describeIo, IoError } from '../../errors.ts';
import { AllowComments } from '../../findings/suppression.ts';
import type { StreamRedactor } from '../../scan/streamRedactor.ts';
import type { ByteStream } from '../../sources/archive/byteReader.ts';
import type { Redaction } from '../redaction.ts';
import { ContentScanner, NO_ANOMALIES } from './contentScanner.ts';
import type { LeakedKeys } from './leakedKeys.ts';
import { SourceScan } from './sourceScan.ts';

const READ_BYTES = 256 * 1024;
const LF = 0x0a;

export interface PartScannerOptions {
  readonly redaction: Redaction;
  readonly scan: ScanOptions;
  readonly rules: readonly RuleFacts[];
  readonly baseline: ReadonlySet<string>;
  /** Told of bytes as they are read, and of the findings so far in this part. */
  readonly onProgress?: (bytes: number) => void;
  readonly stop?: AbortSignal;
  /** Takes keys that are to be asked about. */
  readonly keys?: LeakedKeys | undefined;
}

export class PartScanner {
  readonly #options: PartScannerOptions;
  readonly #harmless: StreamRedactor;
  #harmlessFindings = 0;

  constructor(options: PartScannerOptions) {
    this.#options = options;
    this.#harmless = options.redaction.openStream(
      () => '',
      () => {
        this.#harmlessFindings++;
      },
    );
  }

  /** @throws what is no fault of the part: a bug */
  async scan(part: Part, sink: RecordSink): Promise<PartResult> {
    let fd: number;
    try {
      // A file may have become a pipe since it was listed; opening one must not wait.
      fd = openSync(part.path, constants.O_RDONLY | constants.O_NONBLOCK);
    } catch (error) {
      return unreadable(part, describeIo(error));
    }
    try {
      if (!fstatSync(fd).isFile()) return unreadable(part, 'it is no regular file any more');
      return await this.#scanOpen(part, fd, sink);
    } finally {
      closeSync(fd);
    }
  }

  /** Searches what comes from a stream, for instance standard input. */
  async scanStream(part: Part, stream: ByteStream, sink: RecordSink): Promise<PartResult> {
    const content = new ContentScanner(this.#open(sink), part, this.#options.scan, sink);
    return content.scan(stream);
  }

  async #scanOpen(part: Part, fd: number, sink: RecordSink): Promise<PartResult> {
    const { onProgress, scan, stop } = this.#options;
    if (part.range !== undefined) return this.#scanRange(part, part.range, fd, sink);
    const hash = scan.hashesFiles ? createHash('sha256') : undefined;
    const result = await this.scanStream(part, fileChunks(fd, onProgress, stop, hash), sink);
    const isWhole = result.state === 'examined';
    return hash !== undefined && isWhole ? { ...result, sha256: hash.digest('hex') } : result;
  }

  #scanRange(part: Part, range: NonNullable<Part['range']>, fd: number, sink: RecordSink): PartResult {
    const source = this.#open(sink);
    const start = range.isExact ? range.start : firstLineFrom(fd, range.start, range.end);
    if (start === undefined) {
      return { ...NOTHING, start: range.end, end: range.end };
    }
    const before = Buffer.allocUnsafe(Math.min(start, LOOK_BACK_BYTES + 1));
    const known = readSync(fd, before, 0, before.length, start - before.length);
    source.begin({ ...part, offset: start }, before.subarray(0, known));
    try {
      const end = this.#takeRange(source, fd, start, range.end);
      const { lines, findings, anomalies, failure } = source.end();
      return {
        ...NOTHING,
        start,
        end,
        lines,
        bytesRead: end - start,
        bytesSearched: end - start,
        findings,
        anomalies,
        ...(failure && { engineFailure: failure }),
      };
    } catch (error) {
      if (!(error instanceof ReadFailure)) throw error;
      const { lines, findings, anomalies } = source.end();
      const read = error.at - start;
      const reason = describeIo(error.cause);
      return {
        ...NOTHING,
        state: 'partly',
        reason,
        start,
        end: error.at,
        lines,
        findings,
        anomalies,
        bytesRead: read,
        bytesSearched: read,
      };
    }
  }

  /** @returns where the next range goes on */
  #takeRange(source: SourceScan, fd: number, start: number, end: number): number {
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    let at = start;
    for (;;) {
      const length = readAt(fd, buffer, at);
      if (length === 0) return at;
      this.#options.onProgress?.(length);
      const chunk = buffer.subarray(0, length);
      let taken = 0;
      if (at + length >= end) {
        // The rest of the last line, and what belongs to it, line by line.
        const first = Math.max(0, end - 1 - at);
        for (let lf = chunk.indexOf(LF, first); lf !== -1; lf = chunk.indexOf(LF, lf + 1)) {
          source.take(chunk.subarray(taken, lf + 1));
          taken = lf + 1;
          if (source.isAtRest) return at + taken;
        }
      }
      if (taken < length) source.take(chunk.subarray(taken));
      at += length;
    }
  }

  #open(sink: RecordSink): SourceScan {
    const { redaction, scan, rules, baseline, keys } = this.#options;
    const comments = new AllowComments();
    const isHarmless = (name: string): boolean => this.#isHarmless(name);
    const collector = new Collector({ scan, rules, sink, comments, baseline, isHarmless });
    return new SourceScan(redaction, collector, comments, keys?.take);
  }

  #isHarmless(name: string): boolean {
    this.#harmlessFindings = 0;
    this.#harmless.push(Buffer.from(`${name}\n`));
    this.#harmless.end();
    return this.#harmlessFindings === 0;
  }
}

const NOTHING: PartResult = {
  state: 'examined',
  start: 0,
  end: 0,
  lines: 0,
  bytesRead: 0,
  bytesSearched: 0,
  findings: 0,
  anomalies: NO_ANOMALIES satisfies PartAnomalies,
};

function unreadable(part: Part, reason: string): PartResult {
  const start = part.range?.start ?? 0;
  return { ...NOTHING, state: 'unreadable', reason, start, end: part.range?.end ?? 0 };
}

/** A read that failed, and how far the file was read before. */
class ReadFailure extends IoError {
  readonly at: number;

  constructor(at: number, cause: unknown) {
    super('a read failed', { cause });
    this.at = at;
  }
}

function readAt(fd: number, into: Buffer, at: number): number {
  try {
    return readSync(fd, into, 0, into.length, at);
  } catch (error) {
    throw new ReadFailure(at, error);
  }
}

/** Where the first line begins that begins in [start, end); undefined when none does. */
function firstLineFrom(fd: number, start: number, end: number): number | undefined {
  if (start === 0) return 0;
  const buffer = Buffer.allocUnsafe(64 * 1024);
  for (let at = start - 1; at < end - 1; ) {
    const length = readAt(fd, buffer, at);
    if (length === 0) return undefined;
    const found = buffer.subarray(0, length).indexOf(LF);
    if (found !== -1) {
      const first = at + found + 1;
      return first < end ? first : undefined;
    }
    at += length;
  }
  return undefined;
}

/** A file's chunks from its start, each its own memory: decompressors keep them. */
async function* fileChunks(
  fd: number,
  onProgress: ((bytes: number) => void) | undefined,
  stop: AbortSignal | undefined,
  hash: Hash | undefined,
): AsyncGenerator<Buffer> {
  for (let at = 0; ; ) {
    const chunk = Buffer.allocUnsafeSlow(READ_BYTES);
    const length = readAt(fd, chunk, at);
    if (length === 0) return;
    at += length;
    onProgress?.(length);
    hash?.update(chunk.subarray(0, length));
    yield chunk.subarray(0, length);
    // A signal is heard between two chunks.
    await new Promise(setImmediate);
    if (stop?.aborted) throw new IoError('the audit was stopped');
  }
}
