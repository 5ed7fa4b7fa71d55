/** Personal data and secrets in the current logs, found by what redacts: rules and places, never the values. */
import { setImmediate as turn } from 'node:timers/promises';
import type { Redaction } from '../../app/redaction.ts';
import type { Finding, Severity } from '../../findings/finding.ts';
import type { StreamRedactor } from '../../scan/streamRedactor.ts';
import type { Deployment } from '../deployment.ts';
import { eachLog } from './eachLog.ts';
import type { Gap, LogFile } from './files.ts';
import { LogTail } from './tail.ts';

/** So much between two turns of the loop: other checks and time limits go on. */
const PIECE_BYTES = 64 * 1024;
const MOST_PLACES = 1000;

/** One rule in one line. */
interface LeakPlace {
  readonly path: string;
  /** Counts from 1; undefined where the lines before were not counted. */
  readonly line: number | undefined;
  /** Of the first of them, in bytes from the file's begin. */
  readonly offset: number;
  readonly rule: string;
  readonly entity: string;
  readonly severity: Severity;
  readonly count: number;
}

export interface Leaks {
  readonly files: number;
  readonly bytes: number;
  readonly gaps: readonly Gap[];
  readonly isStale: boolean;
  readonly newestMs: number | undefined;
  readonly findings: number;
  readonly bySeverity: Readonly<Partial<Record<Severity, number>>>;
  /** The first of them. */
  readonly places: readonly LeakPlace[];
  /** Lines the engine failed on. */
  readonly withheld: number;
  /** Whether it was ended before all was looked at. */
  readonly isCut: boolean;
}

export async function findLeaks(
  deployment: Deployment,
  redaction: Redaction,
  signal: AbortSignal,
): Promise<Leaks> {
  const search = new Search(redaction);
  const logs = await eachLog(deployment, (file, mostBytes) => search.read(file, mostBytes, signal), signal);
  return { ...search.result(), ...logs };
}

class Search {
  readonly #redaction: Redaction;
  readonly #places = new Map<string, LeakPlace>();
  readonly #bySeverity: Partial<Record<Severity, number>> = {};
  readonly #withheldBefore: number;
  #findings = 0;
  #bytes = 0;

  constructor(redaction: Redaction) {
    this.#redaction = redaction;
    this.#withheldBefore = redaction.tally.anomalies.linesWithheld;
  }

  async read(file: LogFile, most: number, signal: AbortSignal): Promise<void> {
    const tail = await LogTail.open(file, most);
    try {
      let found: Finding[] = [];
      const stream = this.#redaction.openStream(
        () => file.path,
        (finding) => found.push(finding),
        true,
        { place: { line: 1, offset: tail.start } },
      );
      let linesBefore: number | undefined = tail.isWhole ? 0 : undefined;
      let isCounted = tail.isWhole;
      const settle = async (): Promise<void> => {
        if (found.length === 0) return;
        if (!isCounted) {
          linesBefore = await tail.linesBefore(signal);
          isCounted = true;
        }
        for (const finding of found) this.#add(file, finding, linesBefore);
        found = [];
      };
      for await (const chunk of tail.chunks(signal)) await this.#push(stream, chunk, settle);
      stream.end();
      await settle();
    } finally {
      await tail.close();
    }
  }

  async #push(stream: StreamRedactor, chunk: Buffer, settle: () => Promise<void>): Promise<void> {
    for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
      const piece = chunk.subarray(at, at + PIECE_BYTES);
      stream.push(piece);
      this.#bytes += piece.length;
      await turn();
      await settle();
    }
  }

  #add(file: LogFile, finding: Finding, linesBefore: number | undefined): void {
    const { rule, entity, severity, offset } = finding;
    this.#findings++;
    this.#bySeverity[severity] = (this.#bySeverity[severity] ?? 0) + 1;
    const key = `${file.path}\n${finding.line}\n${rule}`;
    const known = this.#places.get(key);
    if (known === undefined && this.#places.size >= MOST_PLACES) return;
    const line = linesBefore === undefined ? undefined : linesBefore + finding.line;
    this.#places.set(key, {
      ...(known ?? { path: file.path, line, offset, rule, entity, severity }),
      count: (known?.count ?? 0) + 1,
    });
  }

  result(): Pick<Leaks, 'bytes' | 'findings' | 'bySeverity' | 'places' | 'withheld'> {
    return {
      bytes: this.#bytes,
      findings: this.#findings,
      bySeverity: this.#bySeverity,
      places: [...this.#places.values()],
      withheld: this.#redaction.tally.anomalies.linesWithheld - this.#withheldBefore,
    };
  }
}
