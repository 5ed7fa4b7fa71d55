/** All that an audit counts, and how far it is; goes on where an interrupted run has stopped. */
import { randomUUID } from 'node:crypto';
import { Aggregate } from '../../audit/aggregate.ts';
import { CoverageTally } from '../../audit/coverageTally.ts';
import type { PartAnomalies, RuleFacts, ScanOptions } from '../../audit/scan.ts';
import type { ValueLimits } from '../../audit/valueList.ts';
import type { Position } from './auditRun.ts';
import type { AuditState } from './checkpoint.ts';
import { NO_ANOMALIES } from './contentScanner.ts';
import type { FindingsOutput } from './findingsOutput.ts';

export class AuditTally {
  readonly id: string;
  /** When the first run began, in milliseconds since 1970. */
  readonly startedMs: number;
  /** How often it was interrupted and gone on with. */
  readonly resumed: number;
  readonly aggregate: Aggregate;
  readonly coverage: CoverageTally;
  readonly anomalies: { -readonly [Name in keyof PartAnomalies]: number };
  readonly position: Position;
  readonly #secondsBefore: number;
  readonly #startedAt = performance.now();

  /** @param state what an interrupted run has left */
  constructor(
    rules: readonly RuleFacts[],
    limits: ValueLimits & { readonly scan: ScanOptions },
    state: AuditState | undefined,
  ) {
    this.id = state?.id ?? randomUUID();
    this.startedMs = state?.startedMs ?? Date.now();
    this.resumed = state === undefined ? 0 : state.resumed + 1;
    this.aggregate = new Aggregate(rules, limits, state?.aggregate);
    this.coverage = new CoverageTally(limits.scan.binary, state?.coverage);
    this.anomalies = { ...NO_ANOMALIES, ...state?.anomalies };
    this.position = state?.position ?? { index: 0, file: undefined, sources: 0, lastSource: '' };
    this.#secondsBefore = state?.seconds ?? 0;
  }

  /** Working time, that of earlier runs included. */
  get seconds(): number {
    return Number((this.#secondsBefore + (performance.now() - this.#startedAt) / 1000).toFixed(3));
  }

  /**
   * @param output findings written so far
   * @param failures messages of gaps so far
   */
  state(output: FindingsOutput | undefined, failures: readonly string[]): AuditState {
    return {
      id: this.id,
      startedMs: this.startedMs,
      seconds: this.seconds,
      resumed: this.resumed,
      position: this.position,
      output: {
        bytes: output?.bytes ?? 0,
        written: output?.written ?? 0,
        notWritten: output?.notWritten ?? 0,
      },
      anomalies: this.anomalies,
      failures,
      aggregate: this.aggregate.state,
      coverage: this.coverage.state,
    };
  }
}
