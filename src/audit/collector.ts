/**
 * Takes the findings of a source as they come and tells them on: one by one where that is asked for, and as totals now and
 * then, so that memory stays bounded whatever is found.
 */
import { IoError } from '../errors.ts';
import type { Finding } from '../findings/finding.ts';
import type { AllowComments } from '../findings/suppression.ts';
import { csvRow } from './csv.ts';
import { History } from './history.ts';
import { type Line, LineFacts } from './lineFacts.ts';
import { maskedLine } from './maskedLine.ts';
import {
  type CellFacts,
  CONFIDENCE_BINS,
  type ExampleFacts,
  NO_DAY,
  type RecordSink,
  type RuleFacts,
  type ScanOptions,
} from './scan.ts';
import { SourcePlaces } from './sourcePlaces.ts';
import { TextColumns, type TextPlace } from './textColumns.ts';

/** Cells are told on at this number: some 10 MB. */
const MOST_CELLS = 20_000;
/** Lines shown of one rule in one source. */
const EXAMPLES_PER_RULE = 10;
/** Findings before the ones at hand that may still reach into their lines. */
const MOST_NEAR = 256;

/** What the findings of a source are told with. */
export interface SourceFacts {
  readonly source: string;
  readonly service: string;
  readonly modifiedMs: number;
  /** Offset of the first byte to be searched. */
  readonly offset: number;
  /** When the source holds other bytes than are searched. */
  readonly stored?: Stored;
}

/** How a source stores the text that is searched. */
export interface Stored {
  /** Bytes before the first one that is searched. */
  readonly prefixBytes: number;
  /** Bytes of the source that some bytes of the text stand for. */
  readonly lengthOf: (searched: Buffer) => number;
}

export interface CollectorOptions {
  readonly scan: ScanOptions;
  readonly rules: readonly RuleFacts[];
  readonly sink: RecordSink;
  readonly comments: AllowComments;
  /** Fingerprints of findings that are accepted. */
  readonly baseline: ReadonlySet<string>;
  /** Whether a name that stands in a line, a host's for instance, may be told: nothing is found in it. */
  readonly isHarmless: (name: string) => boolean;
}

export class Collector {
  readonly history = new History();
  /** Findings told of the source. */
  findings = 0;
  readonly #options: CollectorOptions;
  readonly #ruleIndex: ReadonlyMap<string, number>;
  readonly #lines: LineFacts;
  readonly #columns = new TextColumns(this.history);
  #places: SourcePlaces | undefined;
  #source: SourceFacts = { source: '', service: '', modifiedMs: 0, offset: 0 };
  #waiting: Finding[] = [];
  #cells = new Map<string, CellFacts>();
  #days = new Map<number, Map<string, number>>();
  #confidence = new Map<number, number[]>();
  #dated = { line: 0, file: 0, none: 0 };
  #left = { suppressed: 0, baseline: 0, outsideTime: 0 };
  #examples: ExampleFacts[] = [];
  readonly #exampleCounts = new Map<number, number>();
  #near: Finding[] = [];

  constructor(options: CollectorOptions) {
    this.#options = options;
    this.#ruleIndex = new Map(options.rules.map(({ id }, index) => [id, index]));
    this.#lines = new LineFacts(this.history, options.scan, options.isHarmless);
  }

  /** A source begins; the history begins with what the caller puts in. */
  begin(source: SourceFacts): void {
    this.#source = source;
    this.findings = 0;
    this.#near = [];
    this.#exampleCounts.clear();
    this.#lines.begin(source);
    this.#columns.begin();
    const { stored } = source;
    this.#places = stored && new SourcePlaces(this.history, stored.prefixBytes, stored.lengthOf);
  }

  /** Takes what is going to be searched, so that lines can be looked at and places be told. */
  read(bytes: Buffer): void {
    this.history.add(bytes);
    this.#places?.add(bytes);
  }

  /** Takes a finding, its offset as the stream counts: from the first byte it was given. */
  readonly add = (finding: Finding): void => {
    this.#waiting.push(finding);
  };

  /**
   * Tells of the findings taken: the history holds their lines.
   * @param canShow whether lines may be shown: no part of the source is being left out as a value without end
   */
  settle(canShow: boolean): void {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    const { offset } = this.#source;
    const findings = waiting.map((finding) => ({ ...finding, offset: finding.offset + offset }));
    const near = this.#options.scan.showsLines ? [...this.#near, ...findings] : [];
    for (let from = 0; from < findings.length; ) {
      const { line } = findings[from] as Finding;
      let to = from + 1;
      while (findings[to]?.line === line) to++;
      const mates = findings.slice(from, to);
      for (const finding of mates) this.#take(finding, mates, canShow ? near : undefined);
      from = to;
    }
    this.#near = near.slice(-MOST_NEAR);
    if (this.#cells.size >= MOST_CELLS) this.flush();
  }

  /** Tells the totals since the last time. */
  flush(): void {
    if (this.#cells.size > 0 || Object.values(this.#left).some((count) => count > 0)) {
      this.#options.sink.partial({
        source: this.#source.source,
        cells: [...this.#cells.values()],
        days: [...this.#days].flatMap(([rule, days]) =>
          [...days].map(([day, count]) => [rule, day, count] as const),
        ),
        confidence: [...this.#confidence],
        dated: this.#dated,
        left: this.#left,
        examples: this.#examples,
      });
    }
    this.#cells = new Map();
    this.#days = new Map();
    this.#confidence = new Map();
    this.#dated = { line: 0, file: 0, none: 0 };
    this.#left = { suppressed: 0, baseline: 0, outsideTime: 0 };
    this.#examples = [];
  }

  /**
   * @param mates the findings of its line
   * @param near findings that may touch the line, if it may be shown
   */
  #take(finding: Finding, mates: readonly Finding[], near: readonly Finding[] | undefined): void {
    const { scan, comments, baseline } = this.#options;
    const line = this.#lines.of(finding.offset - (finding.column - 1), mates);
    if (line.timeMs !== undefined && scan.sinceMs !== undefined && line.timeMs < scan.sinceMs) {
      this.#left.outsideTime++;
      return;
    }
    if (line.timeMs !== undefined && scan.untilMs !== undefined && line.timeMs >= scan.untilMs) {
      this.#left.outsideTime++;
      return;
    }
    if (baseline.has(finding.fingerprint)) {
      this.#left.baseline++;
      return;
    }
    if (comments.covers(finding.offset, finding.rule)) {
      this.#left.suppressed++;
      this.#list({ ...this.#told(finding), suppressed: 'comment' }, line.day, line.service);
      return;
    }
    this.findings++;
    const told = this.#told(finding);
    this.#count(told, line, scan.tellsColumns === true ? this.#columns.of(finding) : undefined);
    this.#dated[line.datedBy]++;
    this.#list(told, line.day, line.service);
    if (near !== undefined && scan.showsLines) this.#show(finding, near);
  }

  /** With its place in the source as it is stored. */
  #told(finding: Finding): Finding {
    if (this.#places === undefined) return finding;
    const place = this.#places.of(finding);
    if (place === undefined) throw new IoError('a value of many lines is too long to tell its place in it');
    return { ...finding, ...place };
  }

  /** @param text its place as editors count */
  #count(finding: Finding, { day, service, host }: Line, text: TextPlace | undefined): void {
    const rule = this.#ruleIndex.get(finding.rule) as number;
    const { fingerprint, confidence } = finding;
    const key = `${fingerprint}${rule}\0${service}\0${host}`;
    let cell = this.#cells.get(key);
    if (cell === undefined) {
      cell = {
        rule,
        service,
        host,
        fingerprint,
        findings: 0,
        confidenceSum: 0,
        confidenceMin: confidence,
        confidenceMax: confidence,
        firstDay: day,
        lastDay: day,
        places: [],
      };
      this.#cells.set(key, cell);
    }
    cell.findings++;
    cell.confidenceSum += confidence;
    cell.confidenceMin = Math.min(cell.confidenceMin, confidence);
    cell.confidenceMax = Math.max(cell.confidenceMax, confidence);
    if (day !== NO_DAY) {
      if (cell.firstDay === NO_DAY || day < cell.firstDay) cell.firstDay = day;
      if (day > cell.lastDay) cell.lastDay = day;
    }
    if (cell.places.length < this.#options.scan.maxLocations) {
      const { line, column, offset, length } = finding;
      const place = [line - 1, column, offset, length, day] as const;
      cell.places.push(text === undefined ? place : [...place, text]);
    }
    const days = this.#days.get(rule) ?? new Map<string, number>();
    this.#days.set(rule, days.set(day, (days.get(day) ?? 0) + 1));
    const bins = this.#confidence.get(rule) ?? new Array<number>(CONFIDENCE_BINS).fill(0);
    bins[Math.min(CONFIDENCE_BINS - 1, Math.floor(confidence * CONFIDENCE_BINS + 1e-9))]++;
    this.#confidence.set(rule, bins);
  }

  #list(finding: Finding & { readonly suppressed?: string }, day: string, service: string): void {
    const { scan, sink } = this.#options;
    if (scan.listing === 'jsonl') {
      const text = JSON.stringify({ ...finding, line: 0 });
      // Behind the source's name come numbers and words of ours only.
      const lineAt = text.lastIndexOf(',"line":0,') + ',"line":'.length;
      sink.finding(
        `${text.slice(0, lineAt)}${text.slice(lineAt + 1)}\n`,
        byteLength(text, lineAt),
        finding.line - 1,
      );
    } else if (scan.listing === 'csv') {
      const [head, tail] = csvRow(finding, day, service);
      sink.finding(head + tail, Buffer.byteLength(head), finding.line - 1);
    }
  }

  #show(finding: Finding, near: readonly Finding[]): void {
    const rule = this.#ruleIndex.get(finding.rule) as number;
    const shown = this.#exampleCounts.get(rule) ?? 0;
    if (shown >= EXAMPLES_PER_RULE) return;
    this.#exampleCounts.set(rule, shown + 1);
    const lineStart = finding.offset - (finding.column - 1);
    const text = maskedLine(this.history, lineStart, finding, near) ?? '';
    this.#examples.push({ rule, line: finding.line - 1, column: finding.column, text });
  }
}

function byteLength(text: string, end: number): number {
  return Buffer.byteLength(text.slice(0, end));
}
