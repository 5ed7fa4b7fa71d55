/** What was found in one file while it is scrubbed. */
import type { Finding, Severity } from '../findings/finding.ts';
import { SEVERITIES } from '../findings/finding.ts';

/** A line in which something would be changed. */
export interface ChangedLine {
  /** Counts from 1. */
  readonly line: number;
  /** Of its first byte in the decompressed content. */
  readonly offset: number;
  /** Where the first value that is changed ends, in bytes from the line's start. */
  readonly valueEnd: number;
  readonly rule: string;
}

export class FindingsCount {
  /** Values that are changed. */
  changed = 0;
  /** Values that stay: in JSON keys, or by the action `keep`. */
  kept = 0;
  readonly byRule: Record<string, number> = {};
  /** The first lines that are changed, at most as many as asked for. */
  readonly lines: ChangedLine[] = [];
  readonly #mostLines: number;
  #worst = -1;
  #worstKept = -1;

  constructor(mostLines: number) {
    this.#mostLines = mostLines;
  }

  readonly add = (finding: Finding): void => {
    const severity = SEVERITIES.indexOf(finding.severity);
    this.#worst = Math.max(this.#worst, severity);
    if (finding.action === 'keep') {
      this.kept++;
      this.#worstKept = Math.max(this.#worstKept, severity);
      return;
    }
    this.changed++;
    this.byRule[finding.rule] = (this.byRule[finding.rule] ?? 0) + 1;
    if (this.lines.length >= this.#mostLines || this.lines.at(-1)?.line === finding.line) return;
    const { line, offset, column, length, rule } = finding;
    this.lines.push({ line, offset: offset - column + 1, valueEnd: column - 1 + length, rule });
  };

  /** The most severe of what was found, or of what stays. */
  worst(isKeptOnly: boolean): Severity | undefined {
    return SEVERITIES[isKeptOnly ? this.#worstKept : this.#worst];
  }
}
